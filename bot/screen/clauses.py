"""Sentences and clauses: where one thought of a message ends and the next begins.

Patients often write without any stops. A new clause therefore begins not only at a comma or an "and" but also where a
new subject with its verb begins ("can you tell me the hours my husband has a fever").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bot.screen.lexicon import WORDS, Word, read_sets, read_yaml
from bot.screen.measure import numbers, speaks_of_heat
from bot.screen.text import HARD_SIGNS, SOFT_SIGNS

SETS = read_sets(WORDS / "frames.yml", "sets")
"""Named sets of canonical words, read once at import."""

FORMS = read_sets(WORDS / "frames.yml", "tenses")
"""Named sets of words as written, read once at import."""

BODY = frozenset(read_yaml(WORDS / "body.yml")["forms"]) | frozenset(read_yaml(WORDS / "body.yml")["phrases"])
"""The canonical words of danger."""

_ABBREVIATIONS = {"dr", "mr", "mrs", "ms", "approx", "vs", "tel", "prof", "temp", "no", "nr", "st", "e", "g", "i"}
_FINITE_RAW = FORMS["clause_verbs"]
"""Verb forms that make a clause of their own after any noun ("the skin is red")."""
_LONGEST_SENTENCE = 80
_LONGEST_CLAUSE = 30
"""Words; text without stops is cut here, so that the work for one finding stays bounded however long a message is."""


@dataclass(frozen=True)
class Clause:
    """A stretch of one sentence.

    Attributes:
        start: Index of its first word in the sentence.
        stop: Index after its last word.
        opener: The canonical word or sign that began it; empty at the start or where a new subject began.
        own_subject: True when it has a subject and a verb of its own.
    """

    start: int
    stop: int
    opener: str
    own_subject: bool


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Attributes:
        words: Its words, numbers and soft signs.
        question: True when it ends with a question mark.
    """

    words: tuple[Word, ...]
    question: bool

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Its clauses in order, over all words; most sentences hold nothing that they need be known for."""
        return tuple(_clauses(self.words))

    @cached_property
    def _canons(self) -> list[str]:
        return [word.canon for word in self.words]

    def canons(self, start: int, stop: int) -> list[str]:
        """The canonical words from `start` up to `stop`."""
        return self._canons[max(start, 0) : stop]


def sentences(words: list[Word]) -> list[Sentence]:
    """Cuts canonical words into sentences and clauses.

    Args:
        words: The canonical words of a message.

    Returns:
        The sentences in order, without empty ones.
    """
    found: list[Sentence] = []
    current: list[Word] = []

    def close(question: bool) -> None:
        if any(item.kind != "sign" for item in current):
            content = tuple(numbers(current, bool(found) and speaks_of_heat(found[-1].words)))
            found.append(Sentence(content, question))
        current.clear()

    for place, word in enumerate(words):
        before = words[place - 1] if place else None
        after = words[place + 1] if place + 1 < len(words) else None
        if word.canon in HARD_SIGNS:
            if word.canon == "." and before and (before.raw in _ABBREVIATIONS or before.canon == "."):
                continue
            if word.canon == "." and after and after.canon == ".":
                current.append(Word(",", ",", word.start, word.end, "sign"))
                continue
            close(word.canon == "?")
        elif (
            word.canon == "-"
            and before
            and after
            and before.end == word.start
            and word.end == after.start
            and before.kind == "word"
        ):
            continue
        else:
            current.append(word)
            if len(current) >= _LONGEST_SENTENCE:
                close(False)
    close(False)
    return found


def _begins(words: tuple[Word, ...], place: int) -> bool:
    """Tells whether a subject with its verb begins here ("my husband has", "he is", "her lips are", "mother fever")."""
    at = place
    if words[at].canon in SETS["owner"] and at + 1 < len(words) and words[at].canon != "i":
        owner = words[at].canon
        if words[at + 1].canon == "person":
            at += 1
        elif not (owner == "she" and words[at].raw != "her"):
            for step in range(2, 5):
                if (
                    at + step >= len(words)
                    or words[at + step].kind == "sign"
                    or words[at + step].canon in SETS["subject"]
                ):
                    break
                if words[at + step].canon in SETS["finite"] or words[at + step].canon in ("bleed", "swollen", "red"):
                    return True
            if owner != "she":
                return False
    if words[at].canon not in SETS["subject"] and words[at].canon not in ("it", "there"):
        return False
    if at + 1 >= len(words):
        return False
    following = words[at + 1]
    if words[at].canon in ("it", "there"):
        return following.canon in SETS["finite"]
    if following.canon in SETS["finite"] or following.canon in BODY or following.raw.endswith("ed"):
        return True
    return following.canon in SETS["owner"] or following.kind == "number"


def _clauses(words: tuple[Word, ...]) -> list[Clause]:
    """Finds where clauses begin."""
    starts: list[tuple[int, str]] = [(0, "")]
    for place in range(1, len(words)):
        canon, before = words[place].canon, words[place - 1].canon
        if starts[-1][0] == place:
            continue
        if place - starts[-1][0] >= _LONGEST_CLAUSE:
            starts.append((place, ""))
            continue
        if (words[place].kind == "sign" and canon in SOFT_SIGNS) or canon in SETS["joiner"]:
            starts.append((place + 1, canon))
        elif canon in SETS["asking_word"]:
            if before not in SETS["knowing"] and before not in SETS["subordinate"] and starts[-1][0] < place:
                starts.append((place, "ask"))
        elif canon in SETS["auxiliary"] and place + 1 < len(words) and words[place + 1].canon in ("i", "we", "you"):
            if (
                before not in SETS["asking_word"]
                and before not in SETS["subject"]
                and before not in ("when", "much", "long", "you")
            ):
                starts.append((place, "ask"))
        elif (
            before not in SETS["subordinate"]
            and before not in SETS["auxiliary"]
            and before not in SETS["asking_word"]
            and before not in SETS["owner"]
            and _begins(words, place)
        ):
            starts.append((place, ""))
    out: list[Clause] = []
    stops = [start for start, _ in starts[1:]] + [len(words)]
    for (start, opener), stop in zip(starts, stops):
        if stop > start:
            own = any(_begins(words, place) for place in range(start, stop)) or any(
                words[place].raw in _FINITE_RAW
                and words[place - 1].kind == "word"
                and words[place - 1].canon not in SETS["joiner"]
                for place in range(start + 1, stop)
            )
            out.append(Clause(start, stop, opener, own))
    return out
