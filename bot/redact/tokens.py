"""A text in pieces for the tagger: words, groups of digits, signs; single characters where a script has no spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u0900-\u0963\u0970-\u0dff"
"""Signs above and below letters, which Python does not count among the letters of a word."""

_ALONE = "\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
"""Thai, Lao, Burmese, Khmer, kana, Han, Hangul: a name may begin or end at any character."""

_TOKEN = re.compile(rf"[{_ALONE}]|[0-9]+|[^\W\d_{_ALONE}](?:[^\W\d_{_ALONE}]|[{_MARKS}])*|\S")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text.

    Attributes:
        start: First character.
        end: Behind the last one.
        text: What stands there.
    """

    start: int
    end: int
    text: str


def tokens(text: str) -> list[Token]:
    """The pieces of a plain text, in order; white space belongs to none. Linear in its length."""
    return [Token(found.start(), found.end(), found[0]) for found in _TOKEN.finditer(text)]
