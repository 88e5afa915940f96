"""What was measured, counted or done to a body, in any language: it says nothing of who somebody is.

A number behind a word such as `platelets` or a scale such as `Karnofsky`, before a unit such as `months`, behind a word that counts days or stages, and a
date behind a word such as `transplant` stay, unless a sure rule claims them. The words are in `measures/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from bot.redact.birth import DATE, year_of
from bot.redact.labels import label

_FOLDER = Path(__file__).with_name("measures")
_NUMBER = re.compile(
    r"(?<![\w.,/-])[+~<>≥≤±-]{0,2}\d{1,3}(?:(?:[ ,.']\d{3}){1,2}|\d{0,3})(?:[.,]\d{1,2})?(?:\s?[-/x×]\s?\d{1,3}(?:[.,]\d{1,2})?){0,2}(?![\d/]|[.,:-]\d)"
)
_ROW = re.compile(r"(?<![\w.,/-])(?:\d{1,4}[ ,/]\s?){2,6}\Z")
"""Numbers before one with a unit: `1350 1410 1388 1902 calories`."""
_MONTH_YEAR = r"(?:(?:1[0-2]|0?[1-9])\s?[./-]\s?)?(?:19[89]|20[0-3])\d"
_MONTHS_YEARS = re.compile(rf"(?<![\w./-]){_MONTH_YEAR}(?:\s?-\s?{_MONTH_YEAR})?(?![\w/-]|[.,]\d)")
"""A year, or a month and a year; or from one to another."""
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_CODE = re.compile(r"\W*0\d|\W*\d{6}")
"""`0042` is no count."""
_FEW = re.compile(r"[+-]?\s?\d{1,3}(?:[-/]\d{1,2})?")
"""As many days, courses or stages as there are."""
_CLASS = (
    r"(?:stage|class|grade|type|score|index|scale|stadium|grad|klasse|classe|clase|grado|grau|стадия|класс|степень)\s"
)
_SCORE = re.compile(
    rf"(?:{_CLASS}[IV][a-cA-C]?|(?:{_CLASS})?(?:(?:I{{2,3}}|IV|VI{{0,3}}|I{{1,3}}[-/](?:I{{1,3}}|IV|V))[a-cA-C]?|1[0-5]|\d[a-d]?|\d{{1,2}}\s?/\s?\d{{1,3}}"
    r"|\d{1,3}[.,]\d{1,2}|[1-9]0\s?%?|100))(?![\w/]|[.,:-]\d)"
)
"""What a scale says: Roman numbers, small ones, fractions, decimals, and tens."""
_ROMAN = re.compile(r"(?<!\w)[IV]{1,4}[a-cA-C]?(?!\w)")
_LONGEST = 48
"""No phrase of the lists is longer, with what stands between it and a number."""
_PHRASE = 4
"""No phrase of the lists has more words."""
_SIGNS, _JOINTS = " \t\n:=~<>≥≤+(#.,*№-", " :=+-"
"""What may stand between a word and its number, and between a word and what it counts."""
_SMALL = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,4}\Z")
_SMALL_WORDS = 2
"""`Hb is at: 7.2`"""
_WORD = re.compile(r"[^\W\d_](?:[^\s\d,;:!?()\"«»=/]*[^\W_])?")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


@cache
def _words(name: str) -> frozenset[str]:
    """The words and phrases of `measures/<name>.txt`, small letters."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word.strip() for line in lines if not line.startswith("#") for word in line.split("|")) - {""}


def _phrase_before(text: str, place: int, listed: frozenset[str], signs: str, fillers: int = 0) -> int | None:
    """Where a phrase begins that ends before a place, with signs and so many small words after it at most."""
    low = max(0, place - _LONGEST)
    end = place
    for _ in range(fillers + 1):
        while end > low and text[end - 1] in signs:
            end -= 1
        start = _ends(text, low, end, listed)
        filler = _SMALL.search(text, low, end)
        if start is not None or filler is None:
            return start
        end = filler.start()
    return None


def _ends(text: str, low: int, end: int, listed: frozenset[str]) -> int | None:
    if end > low and _UNSPACED.match(text[end - 1]):
        return next((at for at in range(max(low, end - 8), end) if text[at:end].lower() in listed), None)
    words = [found.span() for found in _WORD.finditer(text, low, end)][-_PHRASE:]
    if not words or words[-1][1] != end:
        return None
    if low and words[0][0] == low and text[low - 1].isalnum():
        words = words[1:]  # cut in two by the edge
    return next((start for start, _ in words if " ".join(text[start:end].lower().split()) in listed), None)


def _unit_behind(text: str, place: int) -> int | None:
    """Where a unit ends that begins behind a number."""
    units = _words("units")
    start = place + (text[place : place + 1] in (" ", "-"))
    if _UNSPACED.match(text[start : start + 1]):
        return next((end for end in range(min(len(text), start + 8), start, -1) if text[start:end] in units), None)
    words = [found.span() for found in _WORD.finditer(text, start, start + 40)][:_PHRASE]
    if not words or words[0][0] != start:
        return None
    return next((end for _, end in reversed(words) if " ".join(text[start:end].lower().split()) in units), None)


_RECENT = 2019
"""Few are so young that a date of this year or after it, right behind a medicine or an illness, is their birth."""
_COURSE = re.compile(r"(?:\s?[x×]\s?\d{1,2})?[\s:(-]{1,3}(?:on\s|am\s|le\s|el\s|в\s|do\s|от\s)?\Z")
"""What may stand between a treatment and its date: `R-CHOP x6 (02/2023`."""


def _treated(text: str, low: int, high: int, clinical: Sequence[tuple[int, int]]) -> bool:
    """Whether a recent date stands right behind something clinical."""
    year = year_of(text[low:high])
    return (
        year is not None
        and year >= _RECENT
        and any(end <= low <= end + 12 and _COURSE.fullmatch(text, end, low) for _, end in clinical)
    )


def measured(text: str, clinical: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """The places of what was measured, counted or done.

    Args:
        text: The plain text.
        clinical: Where medicines and illnesses stand in it.
    """
    if not any(map(str.isdigit, text)) and not _ROMAN.search(text):
        return
    dates = [found.span() for found in DATE.finditer(text)]
    for found in _NUMBER.finditer(text):
        if _CODE.match(found[0]):
            continue
        start = _phrase_before(text, found.start(), _words("measured"), _SIGNS, _SMALL_WORDS)
        row = _ROW.search(text, max(0, found.start() - 40), found.start())
        end = None
        if not any(low <= found.start() < high for low, high in dates):  # the 7 of `dia 7 de setembro` counts no days
            if start is None and _FEW.fullmatch(found[0]):
                start = _phrase_before(text, found.start(), _words("days"), _JOINTS)
            if row or not _YEAR.search(found[0]):  # `1958 года` is a year, `12 года` are years
                end = _unit_behind(text, found.end())
        if start is None and end is not None and row:
            start = row.start()
        if start is not None or end is not None:
            yield found.start() if start is None else start, end or found.end()
    for found in _SCORE.finditer(text):
        if text[found.start() - 1 : found.start()] in (" ", ":", "=", "\u00a0"):
            start = _phrase_before(text, found.start(), _words("scored"), " :=(")
            if start is not None:
                yield start, found.end()
    for low, high in [*dates, *(found.span() for found in _MONTHS_YEARS.finditer(text))]:
        start = _phrase_before(text, low, _words("since"), _SIGNS, _SMALL_WORDS)
        if start is None and _treated(text, low, high, clinical):
            start = low
        if start is not None and label("birth").search(text, start, low) is None:
            yield low, high
