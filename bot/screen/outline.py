"""A message in outline: its canonical words, each marked by the frame it stands in.

The rules judge whole wordings. A learned model can weigh more than they list, if it sees what they see: "no fever, no
rash" and "fever, rash" hold the same words of danger. Here each word that carries meaning is written once more with the
marks of its clause: denied, imagined, long past, asked. Pure and linear, like all of `bot.screen`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.screen import frames, telling
from bot.screen.clauses import BODY, SETS, Clause, Sentence, sentences
from bot.screen.lexicon import LEXICON
from bot.screen.text import tokens

COUNTS = (
    "danger", "denied", "imagined", "past", "asked", "present", "clauses", "questions", "year",
    "negation", "self", "other", "condition", "strong_now", "near_now", "lifeless", "burden", "writing", "strong_info",
    "over", "long_past",
)  # fmt: skip
"""What `Outline.counts` counts: words of danger, those denied, imagined, past, asked about and none of these; clauses,
questions and years; words of the sets of `words/frames.yml`."""

_NEGATION = frozenset({"no", "not", "never", "neither", "deny", "nobody", "without"})
_OTHER = frozenset({"he", "she", "person", "patient"})
_SETS = {name: SETS[name] for name in COUNTS[9:] if name in SETS} | {"negation": _NEGATION, "other": _OTHER}
"""The sets whose words are counted, by the names of `COUNTS`."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_LISTED = frozenset({",", "or", "and", "/"})
_SHORT_CLAUSE = 4
"""Words; a clause of a list begun by a denial or an "if" shares it up to this length ("no fever, cough, rash")."""
_SHORT_WORD = 3
"""Characters; shorter words of the language carry too little to be marked."""


class Outline(NamedTuple):
    """A message as a learned model reads it.

    Attributes:
        words: Canonical words, pairs of neighbours (`a_b`) and words with the marks of their clause (`NQ:fever`:
            denied, in a question), in the order of the text.
        counts: As named in `COUNTS`.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]


def outline(text: str) -> Outline:
    """Outlines a message.

    Args:
        text: The message as it was written, in any condition.
    """
    words: list[str] = []
    counts = dict.fromkeys(COUNTS, 0)
    past = False
    for sentence in sentences(LEXICON.words(tokens(text))):
        counts["questions"] += sentence.question
        past = telling.dated_past(sentence) or (past and telling.goes_on_in_past(sentence))
        denied = imagined = False
        for clause in sentence.clauses:
            counts["clauses"] += 1
            canons = sentence.canons(clause.start, clause.stop)
            listed = clause.opener in _LISTED and len(canons) <= _SHORT_CLAUSE and not clause.own_subject
            imagined = (imagined and listed) or any(canon in SETS["condition"] for canon in canons)
            frame = (
                ("I" if imagined else "")
                + ("P" if past and not frames.near_now(sentence, clause.start, clause.stop) else "")
                + ("Q" if sentence.question or clause.opener == "ask" else "")
            )
            denied = _outline_clause(sentence, clause, denied and listed, frame, words, counts)
    return Outline(tuple(words), tuple(counts.values()))


def _outline_clause(
    sentence: Sentence, clause: Clause, denied: bool, frame: str, words: list[str], counts: dict[str, int]
) -> bool:
    """Adds a clause in its frame; `denied` from its beginning or not. Gives whether it ends denied."""
    canons = sentence.canons(clause.start, clause.stop)
    raws = [word.raw for word in sentence.words[clause.start : clause.stop]]
    before = "^"
    for canon, raw in zip(canons, raws):
        denied = denied or canon in _NEGATION or raw.endswith("n't")
        marks = ("N" if denied else "") + frame
        if canon in BODY:
            words += (f"{marks}:{canon}", f"{marks}:danger")
            counts["danger"] += 1
            counts["denied"] += denied
            counts["imagined"] += "I" in frame
            counts["past"] += "P" in frame
            counts["asked"] += "Q" in frame
            counts["present"] += not marks
        elif canon.isalpha() and len(canon) > _SHORT_WORD and canon not in SETS["subject"]:
            words.append(f"{marks}:{canon}")
        words += (canon, f"{before}_{canon}")
        counts["year"] += bool(_YEAR.fullmatch(raw))
        for name, members in _SETS.items():
            counts[name] += canon in members
        before = canon
    return denied


__all__ = ["COUNTS", "Outline", "outline"]
