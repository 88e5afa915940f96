"""Names of staff: what may stand as one, and what patients see of it."""

from __future__ import annotations

import unicodedata

from bot.errors import MarrowError


class BadName(MarrowError):
    """This cannot be shown to a patient as somebody's name."""


FIRST_MOST, MOST = 40, 64
"""Characters of a first name, and of the whole name, at most."""

NOBODY = "A colleague"
"""Stands where there is no name that could be shown."""

_JOINS = "-'’"


def _is_word(word: str) -> bool:
    """Whether this is of letters, with joining signs between them at most."""
    return word[:1] not in _JOINS and all(sign in _JOINS or unicodedata.category(sign)[0] in "LM" for sign in word)


def _is_first(word: str) -> bool:
    return 0 < len(word) <= FIRST_MOST and _is_word(word)


def checked(given: str) -> str:
    """A name as it is kept: words of letters, the first name first, which is all that a patient sees.

    Raises:
        BadName: It is none, such as an e-mail address, a title or a number.
    """
    words = unicodedata.normalize("NFC", given).split()
    whole = " ".join(words)
    first_word = words[0] if words else ""
    others = [part for word in words[1:] for part in word.split(".") if part]  # such as "J." or "St.Clair"
    if not _is_first(first_word) or len(whole) > MOST or not all(map(_is_word, others)):
        raise BadName(
            f"bot.journal: {given[:MOST]!r} is no name to show; write the first name first, of letters, hyphens "
            f"and apostrophes, {FIRST_MOST} characters at most, without a title or an address; patients see it alone"
        )
    return whole


def first(name: str) -> str:
    """What patients see of a name: its first word, or `NOBODY` when that is no name."""
    word = name.partition(" ")[0]
    return word if _is_first(word) else NOBODY
