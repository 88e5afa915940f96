"""Names of hospitals by the word for a hospital beside them, in any language: `szpital Kopernika`, `Alder Grove Hospital`.

Patients ask about hospitals by name, and many bear the name of somebody. The words are in `hospitals.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from bot.redact.labels import alternatives
from bot.redact.lexicon import any_of, is_given, is_surname, listed, plain, small_words

_FILE = Path(__file__).with_name("hospitals.yml")
_UPPER = r"[^\W\d_a-zà-öø-ÿа-яёґєіїα-ωά-ώ]"
_CAPITAL = rf"(?:{_UPPER}[\w'’-]{{0,3}}\.|{_UPPER}[\w'’-]{{1,24}})"
_SMALL = r"(?:of|and|the|for|de|la|le|les|del|della|di|du|da|do|dos|das|des|der|die|im|am|zu|van|het|na|im\.|imeni|imienia|imena|им\.?|имени|імені|ім\.?|sv\.|św\.|св\.|st\.?|al|el)"
_NAME = rf"[\"«„]?{_CAPITAL}(?:\s(?:{_SMALL}\s){{0,2}}{_CAPITAL}){{0,3}}[\"»”]?"
_NO_NAME = r"(?!\s?(?:number|no\b|nr\b|num|id\b|record|card|file|№|:|#|\d))"
"""`hospital number 4471` is a number of somebody's papers."""
_HERE = r"(?<!\bthe )(?<!\bmy )(?<!\bour )(?<!\bthis )(?<!\bin )(?<!\bat )(?<!\bto )(?<!\bfrom )"
"""`in the hospital Maria weeps`: in English the name stands before the word."""
_LETTER = r"[^\s\d.,;:!?()\[\]{}<>«»\"/、。，；：！？（）「」]"
"""With the vowel signs of Thai and its neighbours, which Python does not count among letters."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def _groups() -> dict[str, frozenset[str]]:
    return {
        name: frozenset(" ".join(word.split()) for word in words.split("|")) - {""}
        for name, words in listed(_FILE).items()
    }


@cache
def hospital_words() -> frozenset[str]:
    """What stands before or behind a name, small letters."""
    return _groups()["before"] | _groups()["behind"]


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    words = _groups()
    return (
        re.compile(
            rf"(?<!\w){_HERE}(?i:{any_of(words['before'])})\s(?!(?i:{alternatives('street')})(?!\w))(?:{_SMALL}\s){{0,2}}(?P<name>{_NAME})"
        ),
        re.compile(
            rf"(?<![\w'’-])(?P<name>{_CAPITAL}(?:\s(?:{_SMALL}\s)?{_CAPITAL}){{0,3}})\s(?i:{any_of(words['behind'])})(?!\w){_NO_NAME}"
        ),
        re.compile(rf"(?:{any_of(words['before_unspaced'])})\s?{_LETTER}{{2,14}}"),
        re.compile(rf"{_LETTER}{{2,10}}(?:{any_of(words['behind_unspaced'])})"),
    )


def _of_somebody(name: str) -> bool:
    """Whether what stands beside the word is somebody: `Dr Chen's clinic`, `Olga hospital`."""
    words = [plain(word) for word in _WORD.findall(name)]
    if not words or words[0] in small_words("abbreviated_titles") or re.search(r"['’]s\b", name):
        return True
    return all(is_given(word) or is_surname(word) for word in words) and len(words) < 3


@lru_cache(maxsize=1)
def hospitals(text: str) -> Sequence[tuple[int, int]]:
    """Where names of hospitals stand in a plain text. Who asks last calls `hospitals.cache_clear()`."""
    return [
        found.span()
        for pattern in _patterns()
        for found in pattern.finditer(text)
        if "name" not in pattern.groupindex or not _of_somebody(found["name"])
    ]
