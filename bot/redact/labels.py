"""The words that tell what a number is, from `labels.yml`, as regular expressions."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("labels.yml")


@cache
def _pieces() -> dict[str, str]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _tidy(piece) for name, piece in read.items()}


def _tidy(piece: str) -> str:
    # spaces around the bars are there to be read; a space that counts is written `\ `
    alternatives = re.split(r"\s*\|\s*(?![^(]*\))", piece.strip())
    return "|".join(alternative for alternative in alternatives if alternative)


_BETWEEN = (
    r"(?:[\s:#=.,'\"()\[\]*/-]|(?:numbers?|no|num|nr|id|code|is|was|are|the|it's|its|ist|lautet|est|es|là|la|so|серия|"
    r"серии|номер|это|и|hay|hu|n°|nº|on|in|reads|called|em|am|le|el|il|é|è|jest|je|este|er|är)(?![A-Za-zА-Яа-я])|"
    r"号码?|號碼?|是|为|為|は|が|番号|번호|는|은|هو|هي|رقم|رقمها|رقمه|في){0,10}"
)
"""What may stand between a label and its value."""


def labelled(label: str, value: str, *, between: str = _BETWEEN, flags: int = 0) -> re.Pattern[str]:
    """A pattern for a label followed by a value; the value is the group `value`.

    Args:
        label: A key of `labels.yml`.
        value: The value's pattern.
        between: What may stand between the two.
        flags: For `re.compile`, beside `re.IGNORECASE`.
    """
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{_pieces()[label]}){between}(?P<value>{value})", flags | re.IGNORECASE)


def alternatives(name: str) -> str:
    """The words of a label as one group, the longest first, for patterns that are put together elsewhere."""
    return "|".join(
        sorted((word.strip() for word in _pieces()[name].split("|") if word.strip()), key=len, reverse=True)
    )


def group(name: str) -> str:
    """The words of a label as they stand in `labels.yml`, for patterns that are put together elsewhere."""
    return _pieces()[name]


def label(name: str) -> re.Pattern[str]:
    """A pattern for the label alone."""
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{_pieces()[name]})", re.IGNORECASE)
