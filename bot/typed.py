"""What a patient typed, made fit for the brain: typed words are never a command.

Rasa takes a message that begins with `/` for an intent it must believe. So whatever looks like a leading slash is
taken away here, after everything that could hide it. The journal keeps the words as they were typed.
"""

from __future__ import annotations

import re
import unicodedata

SLASHES = "/\u2044\u2215\u29f8\u2571\u1735\uff0f\u27cb\u2afb\u2afd\ufe68\\\u2216\u29f5\u29f9\uff3c"
"""The slash and what looks like one, division and fraction slashes among them. Full-width ones fold under NFKC."""

_KEPT = "\n\t"
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f"
"""Characters that show nothing though Unicode counts them as letters, marks or symbols."""

_LEAD = re.compile(rf"^[\s{re.escape(SLASHES)}\u0337\u0338]+")


def _shown(character: str) -> str:
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return " "  # a control character may have stood between two words
    if category in ("Cf", "Cs") or character in _INVISIBLE_LETTERS or "\ufe00" <= character <= "\ufe0f":
        return ""
    return character


def for_brain(text: str) -> str:
    """Gives the words that the brain may see.

    NFKC, without control, zero-width and direction characters, trimmed, without leading slashes of any kind.

    Args:
        text: As typed.

    Returns:
        The words; empty when nothing readable is left.
    """
    folded = unicodedata.normalize("NFKC", text)
    shown = "".join(map(_shown, folded))
    # Removing invisible characters may have brought together what NFKC would have folded.
    return _LEAD.sub("", unicodedata.normalize("NFKC", shown)).strip()
