"""A text made plain for recognisers, with the way back to where each character stood."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u180b\u180c\u180d\u2800")
_PLAIN = {
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u0640": "",
}  # fmt: skip
"""Dashes and quotes in all their forms; the Arabic stroke that only stretches a word."""


@dataclass(frozen=True)
class Folded:
    """The plain text and, for each of its characters, where it stood in the original.

    Attributes:
        text: NFKC, digits of every script as 0-9, dashes as `-`, nothing invisible.
        original: The text as typed.
        origins: For each character of `text` its place in the original.
    """

    text: str
    original: str
    origins: list[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of `text[start:end]`."""
        last = self.origins[end - 1]
        after = self.origins[end] if end < len(self.origins) else len(self.original)
        # characters that were dropped behind the last one go with it, marks of accents among them
        return self.origins[start], max(after, last + 1)


@lru_cache(maxsize=4096)
def _plain(cluster: str) -> str:
    out = []
    for character in unicodedata.normalize("NFKC", cluster):
        category = unicodedata.category(character)
        if character in _PLAIN:
            out.append(_PLAIN[character])
        elif category == "Nd":
            out.append(str(unicodedata.decimal(character)))
        elif category in ("Cf", "Cs") or character in _INVISIBLE or "\ufe00" <= character <= "\ufe0f":
            continue
        elif (category == "Cc" and character not in "\n\t") or category == "Zs":
            out.append(" ")
        elif "\u064b" <= character <= "\u065f" or character == "\u0670":
            continue  # Arabic vowel signs: the same name with and without them
        else:
            out.append(character)
    return "".join(out)


def fold(text: str) -> Folded:
    """Makes a text plain. Linear in its length."""
    if text.isascii() and text.isprintable():
        return Folded(text, text, list(range(len(text))))
    out: list[str] = []
    origins: list[int] = []
    start = 0
    length = len(text)
    while start < length:
        end = start + 1
        while end < length and end - start < 8 and unicodedata.combining(text[end]):
            end += 1
        for character in _plain(text[start:end]):
            out.append(character)
            origins.append(start)
        start = end
    return Folded("".join(out), text, origins)
