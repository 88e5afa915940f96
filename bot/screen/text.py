"""From a patient's text to plain tokens that remember where they stood.

People write with full-width digits, curly apostrophes, zero-width characters, emoji and capitals. All of it is levelled
here, one character at a time, so that every later finding can still name its place in the text as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)?|\n|[^\w\s]")
"""Words (with inner apostrophes), numbers (with one decimal part), line breaks, single signs. Linear: no two branches
can begin with the same character, and the inner repetition is fenced by the apostrophe."""

HARD_SIGNS = frozenset(".!?;…¿¡。")
"""Signs that end a sentence."""
SOFT_SIGNS = frozenset(',()-–—:"|/“”„、«»')
"""Signs that part clauses."""
_SIGNS = HARD_SIGNS | SOFT_SIGNS | frozenset("°%$€£+#×")
"""Signs that mean something here; emoji, stars and the like are left out, wherever they stand."""
_LINE_WORDS = 4
"""A line break parts thoughts only after a line of at least so many words: some people type few words a line."""
_APOSTROPHES = "’‘‛ʼ`´′"
_DECIMAL_POINTS = "·⋅∙•٫"
_SKIPPED = {"Cf", "Mn", "Me", "Cc"}
"""Categories without a shape of their own: zero-width and direction marks, accents, control characters."""


class Token(NamedTuple):
    """One word, number or sign.

    Attributes:
        text: The levelled characters: lower case, plain digits, straight apostrophe.
        start: Where it begins in the given text, in characters.
        end: Where it ends in the given text, exclusive.
        kind: `word`, `number` or `sign`.
    """

    text: str
    start: int
    end: int
    kind: str


def level(text: str) -> tuple[str, Sequence[int]]:
    """Levels the characters of a text.

    Args:
        text: Any text.

    Returns:
        The levelled text, and for each of its characters the place in `text` that it came from.
    """
    if text.isascii() and text.isprintable():
        return text.lower(), range(len(text))
    out: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char < "\x80":
            if char >= " " or char in "\n\t":
                out.append(char.lower())
                places.append(place)
            elif char == "\r":
                out.append("\n")
                places.append(place)
            continue
        if char in _APOSTROPHES:
            out.append("'")
            places.append(place)
            continue
        if char in _DECIMAL_POINTS:
            out.append(".")
            places.append(place)
            continue
        if char == "°":
            out.append(char)
            places.append(place)
            continue
        for piece in unicodedata.normalize("NFKD", char).casefold():
            if unicodedata.category(piece) in _SKIPPED:
                continue
            digit = unicodedata.decimal(piece, None)
            out.append(piece if digit is None else str(digit))
            places.append(place)
    return "".join(out), places


def tokens(text: str) -> list[Token]:
    """Splits a text into tokens with their places; a line break that parts thoughts becomes a comma.

    Args:
        text: Any text.

    Returns:
        The tokens in order.
    """
    plain, places = level(text)
    found: list[Token] = []
    line_words = 0
    for match in _TOKEN.finditer(plain):
        piece = match.group()
        first = piece[0]
        start, end = places[match.start()], places[match.end() - 1] + 1
        if first == "\n":
            if line_words >= _LINE_WORDS or plain[match.end() : match.end() + 1] == "\n":
                found.append(Token(",", start, end, "sign"))
            line_words = 0
        elif first.isdigit():
            found.append(Token(piece, start, end, "number"))
        elif first.isalpha():
            line_words += 1
            found.append(Token(piece, start, end, "word"))
        elif piece in _SIGNS:
            found.append(Token(piece, start, end, "sign"))
    return found
