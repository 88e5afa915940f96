"""Finds figures typed by hand into a text, where only `{facts.KEY}` may bring them."""

from __future__ import annotations

import re

EXEMPT: dict[str, str] = {
    "CR1": "name of a disease state: the first complete remission",
    "CR2": "name of a disease state: the second complete remission",
    "CR3": "name of a disease state: the third complete remission",
    "CD19": "name of a tumour marker",
    "half-matched": "name of a kind of donor, the plain word for haploidentical",
    "24-hour": "name of a kind of telephone line, the same words in every place",
}
"""Names that hold a digit and are no figures, and why. T-cell, HLA and B-ALL hold none."""

_NUMBERS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?|half|twice"
)
_COUNTED = (
    "second|minute|hour|day|night|week|month|year|decade|percent|patient|people|person|child|children|boy|girl|adult|"
    "donor|family|families|case|trial|transplant|transplantation|study|studies|treatment|time|centre|center|hospital|"
    "country|countries|kind|type|group|disease|step|fold|mg|ml"
)

_DIGITS = re.compile(r"\S*\d\S*")
_WORDS = re.compile(
    rf"\b(?:{_NUMBERS})\b(?:[\s-]+[a-z]+){{0,3}}[\s-]+(?:{_COUNTED})s?\b"
    rf"|\b(?:one|a)\s+(?:in|out of)\s+(?:every\s+)?(?:a\s+)?(?:{_NUMBERS})\b"
    r"|\b(?:one|a)\s+(?:third|quarter|fifth|tenth)\b|\b(?:two|three|four)[\s-](?:thirds|quarters|fifths|tenths)\b"
    r"|%|\bper\s?cent\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"\{[^{}\n]*\}")
_EXEMPT = re.compile("|".join(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])" for name in EXEMPT), re.IGNORECASE)


def typed_by_hand(text: str) -> tuple[str, ...]:
    """The figures that stand in a text outside its placeholders, in order.

    A figure is anything with a digit, a number word before something counted or measured, or a per cent; names in
    `EXEMPT` are none.
    """
    bare = _EXEMPT.sub(" ", _PLACEHOLDER.sub(" ; ", text))
    found = [(match.start(), match[0].strip()) for pattern in (_DIGITS, _WORDS) for match in pattern.finditer(bare)]
    return tuple(words for _, words in sorted(found))


_VALUES = {
    word: str(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}


def numbers(text: str) -> tuple[str, ...]:
    """The numbers in a text as digits, in order: "60%-70%" and "60-70%" hold the same ones, "seven" is 7."""
    words = re.findall(r"\d+(?:[.,]\d+)*|[a-z]+", text.lower())
    return tuple(_VALUES.get(word, word) for word in words if word[0].isdigit() or word in _VALUES)
