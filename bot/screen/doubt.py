"""A second reading of what the rules call danger: whether the message as a whole tells of none after all.

The rules judge the clause that a word of danger stands in. A story that is over, a list of denials or a figure of
speech is told across many clauses, and no list of wordings reaches its end. This reading weighs the words of the
message, plain, in pairs and marked by their frames (`bot.screen.outline`): of the whole, of the sentence with the
danger, and of each other sentence. A last line of weights puts together what these say. Questions beside the danger are
not read: who asks about parking may be in danger or not.

All weights were learned from messages that tell of danger and from look-alikes (`python -m bot.understand.doubts` makes
`doubt.json` of them and finds the threshold). The reading only ever makes an emergency unclear, and only where hardly
any danger reads like that: then the brain's model decides, and where no brain will read the message it stays red.
Self-harm is never doubted: there look-alikes are few, and people in despair write like nobody else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from bot.screen.clauses import sentences
from bot.screen.lexicon import LEXICON
from bot.screen.outline import outline
from bot.screen.text import Token, tokens

FILE = Path(__file__).with_name("doubt.json")
FEWEST_WORDS = 12
"""Words beside questions; of shorter messages the rules are right but for a handful in hundreds."""
_MOST_WORDS = 120
"""In longer ones, which nobody wrote to learn from, a danger would drown in what stands around it."""
_LEAST_KNOWN = 0.6
"""Share of a message's words that must be known: of what it cannot read, it doubts nothing."""
_YEARS = ("19", "20")

_LEARNED = json.loads(FILE.read_text(encoding="utf-8"))
THRESHOLD: float = _LEARNED["threshold"]
"""What `score` gives below which an emergency is doubted."""
_WEIGHTS: dict[str, float] = _LEARNED["weights"]
_BIAS: float = _LEARNED["bias"]
_LAST: list[float] = _LEARNED["last"]
_LAST_BIAS: float = _LEARNED["last_bias"]

Span = tuple[int, int]
"""Start and end (exclusive) of words, in characters of the message."""


def words_of(text: str) -> list[str]:
    """The words of a text, each as `=word` without apostrophes; `=#` for a number, `=#year` for a year."""
    return [_word(token) for token in tokens(text) if token.kind != "sign"]


def _word(token: Token) -> str:
    if token.kind == "word":
        return "=" + token.text.replace("'", "")
    return "=#year" if len(token.text) == 4 and token.text.startswith(_YEARS) else "=#"


def features(text: str) -> set[str]:
    """What is weighed of a text: its words, pairs of them, and its outline."""
    words = words_of(text)
    return {*words, *(first + second for first, second in pairwise(words)), *outline(text).words}


def told(text: str, span: Span | None = None) -> tuple[list[str], str]:
    """The sentences of a message without its questions, and the one that the danger stands in.

    Args:
        text: The message.
        span: Of the words of danger; their sentence is kept though it asks.

    Returns:
        Sentences, at least one: the message itself where nothing else is left. The second is the first of them where
        none holds the span.
    """
    kept: list[str] = []
    core = ""
    for sentence in sentences(LEXICON.words(tokens(text))):
        first, last = sentence.words[0].start, sentence.words[-1].end
        holds = span is not None and first <= span[0] < last
        if holds or not sentence.question:
            kept.append(text[first:last])
        if holds:
            core = text[first:last]
    kept = kept or [text]
    return kept, core or kept[0]


def columns(kept: list[str], core: str, odds_of: Callable[[set[str]], float]) -> list[float]:
    """What the last weights are for: logarithms of odds of danger, and sizes.

    Args:
        kept: The sentences of a message that are read, as `told` gives them.
        core: The one with the danger.
        odds_of: Gives the odds of features.

    Returns:
        Those of the whole, of the sentence with the danger; mean, least, most, last and first of all sentences;
        logarithm of the number of words; number of sentences.
    """
    each = [odds_of(features(sentence)) for sentence in kept]
    whole = ". ".join(kept)
    return [
        each[0] if len(kept) == 1 else odds_of(features(whole)),
        each[kept.index(core)],
        sum(each) / len(each), min(each), max(each), each[-1], each[0],
        math.log(max(1, len(words_of(whole)))),
        len(kept),
    ]  # fmt: skip


def is_readable(kept: list[str]) -> bool:
    """Whether what is read of a message is of a length that is read a second time."""
    return FEWEST_WORDS <= len(words_of(". ".join(kept))) <= _MOST_WORDS


def score(text: str, span: Span) -> float | None:
    """Logarithm of the odds of danger; None where a message is too short, or too little of it known.

    Args:
        text: The message.
        span: Of the words of danger.
    """
    words, (kept, core) = words_of(text), told(text, span)
    if not is_readable(kept) or sum(word in _WEIGHTS for word in words) < _LEAST_KNOWN * len(words):
        return None
    found = columns(kept, core, lambda seen: odds(seen, _WEIGHTS, _BIAS))
    return _LAST_BIAS + sum(weight * value for weight, value in zip(_LAST, found))


def odds(found: set[str], weights: dict[str, float], bias: float) -> float:
    """Logarithm of the odds of danger of some features by their weights alone."""
    known = [weights[feature] for feature in found if feature in weights]
    return bias + (sum(known) / math.sqrt(len(known)) if known else 0.0)


def doubts(text: str, span: Span) -> bool:
    """Whether a message that the rules call an emergency tells of none."""
    found = score(text, span)
    return found is not None and found < THRESHOLD


__all__ = [
    *("FEWEST_WORDS", "FILE", "THRESHOLD", "Span"),
    *("columns", "doubts", "features", "is_readable", "odds", "score", "told"),
]
