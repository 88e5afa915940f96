"""The lists of `known/` and `keep.yml`: names of medicines, illnesses, hospitals, places and things, found in a text.

A word that is a frequent name of people too stays only where the words beside it say what it is: `in Alice`, `Fabry disease`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.redact.lexicon import is_given, is_ordinary, is_surname, plain, small_words

_FOLDER = Path(__file__).with_name("known")
_YAML = Path(__file__).with_name("keep.yml")
_CLINICAL_GROUPS = ("eponyms", "diseases", "drugs", "targets")
_CLINICAL_FILES = ("medicines", "diseases")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PIECE = re.compile(r"[^\W_]+")
_JOINT = re.compile(r"(?:[ .'’&/:+-]{1,2}| & )\Z")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
"""Scripts that put no spaces between words, or glue endings to them."""
_WHOLE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\Z")
_LEAST = 3
"""Shorter words of the lists count only within longer names: `LA` and `TK` say too little."""

_BEFORE = re.compile(
    r"(?<!\w)(?:in|near|via|at|outside|around|brand|model|machine|monitor|pump|device|tab|cap|inj|syp|test|score|scale|stain|"
    r"flight|airline|insurance|city of|town of|district|province|region of|state of|island of|iz|из|в|w|στη|στο|στην|στον)\s\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s(?:hospital|clinic|airport|airlines?|university|disease|syndrome|test|score|scale|sign|stain|criteria|formula|"
    r"classification|tablets?|capsules?|cream|ointment|pump|machine|monitor|mask|city|province|district|insurance|trial|study|"
    r"protocol|positive|negative|not done|brand|yogh?urt|salad|ice cream|cheese|tea)(?!\w)|\s?\d{1,4}(?:[.,]\d{1,2})?\s?(?:mg|mcg|µg|μg|ml|iu|mm)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Known:
    """What the lists know.

    Attributes:
        words: Single words that stay wherever they stand, lower case; those of scripts without spaces among them.
        clinical: Those of them that are illnesses, tests and medicines.
        shared: Words that are names of people too.
        phrases: First piece → the pieces of longer names, and whether they are clinical.
        signs: Names with signs at their ends, such as `Ph+`.
        unspaced: Names in scripts without spaces.
    """

    words: frozenset[str]
    clinical: frozenset[str]
    shared: frozenset[str]
    phrases: dict[str, tuple[tuple[tuple[str, ...], bool], ...]]
    signs: re.Pattern[str]
    unspaced: re.Pattern[str]


@cache
def groups() -> dict[str, str]:
    """The groups of `keep.yml`: name → its words, a bar between them."""
    return {name: group["words"] for name, group in yaml.safe_load(_YAML.read_text(encoding="utf-8")).items()}


def _entries() -> Iterator[tuple[str, bool, bool]]:
    """Each name with whether it is clinical, and whether it is asked if people bear it too."""
    for name, listed in groups().items():
        if name != "trials":
            for word in listed.split("|"):
                yield word.strip().lower(), name in _CLINICAL_GROUPS, False
    for path in sorted(_FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                for word in line.split("|"):
                    yield word.strip().lower(), path.stem in _CLINICAL_FILES, True


def _of_people(word: str) -> bool:
    low = plain(word)
    return (
        is_given(low)
        or is_surname(low)
        or low in small_words("pinyin_surnames")
        or low in small_words("vietnamese_surnames")
    )


@cache
def known() -> Known:
    """The lists, read once."""
    words: set[str] = set()
    clinical: set[str] = set()
    shared: set[str] = set()
    phrases: dict[str, dict[tuple[str, ...], bool]] = {}
    signs: set[str] = set()
    unspaced: set[str] = set()
    for word, of_body, asked in _entries():
        if not word or (asked and not any(map(str.isalpha, word))):
            continue  # `7+3` is written like a flat
        pieces = tuple(_PIECE.findall(word))
        if asked and _UNSPACED.search(word):
            unspaced.add(word)
        elif _WHOLE.match(word):
            if asked and len(word) < _LEAST:
                continue
            if asked and _of_people(word):
                shared.add(word)
                continue
            words.add(word)
            # an ordinary word ends no address: `12 Arrow Lane`
            if of_body and not (asked and (is_ordinary(plain(word)) or len(word) <= _LEAST)):
                clinical.add(word)
        elif pieces and len(pieces) > 1 and word[0].isalnum() and word[-1].isalnum():
            phrases.setdefault(pieces[0], {})[pieces] = of_body
        else:
            signs.add(word)
        if not asked and not _WHOLE.match(word):
            words.add(word)  # `kept_words` holds all of `keep.yml`
            if of_body:
                clinical.add(word)
        elif _WHOLE.match(word) and ("-" in word or "'" in word) and len(pieces) > 1:
            phrases.setdefault(pieces[0], {}).setdefault(pieces, of_body)  # `Epstein Barr` as well as `Epstein-Barr`
    return Known(
        frozenset(words),
        frozenset(clinical),
        frozenset(shared - words),
        {first: tuple(sorted(rest.items(), key=lambda one: -len(one[0]))) for first, rest in phrases.items()},
        re.compile(rf"(?<!\w)(?:{_any(signs)})(?!\w)", re.IGNORECASE),
        re.compile(_any(unspaced)),
    )


def _any(words: set[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def known_phrases(text: str, *, clinical: bool = False) -> Iterator[tuple[int, int]]:
    """Where names of several words of the lists stand in a text: the longest that begins at each word."""
    lists = known().phrases
    pieces = [(found[0].lower(), found.start(), found.end()) for found in _PIECE.finditer(text)]
    for place, (word, start, _) in enumerate(pieces):
        for parts, of_body in lists.get(word, ()):
            last = place + len(parts) - 1
            if (
                last < len(pieces)
                and (of_body or not clinical)
                and all(pieces[place + step][0] == part for step, part in enumerate(parts))
                and all(_JOINT.match(text[pieces[at][2] : pieces[at + 1][1]]) for at in range(place, last))
            ):
                yield start, pieces[last][2]
                break


_LISTED_BEFORE = re.compile(r"([^\W_]+(?:-[^\W_]+)*)(?:, ?| or | and |/)\Z")
_LISTED_AFTER = re.compile(r"(?:, ?| or | and |/)([^\W_]+(?:-[^\W_]+)*)")


def _among(text: str, start: int, end: int) -> bool:
    """Whether a word stands between two illnesses or medicines: `Gaucher, Fabry, Wilson`."""
    before, after = _LISTED_BEFORE.search(text[max(0, start - 30) : start]), _LISTED_AFTER.match(text, end)
    return before is not None and after is not None and {before[1].lower(), after[1].lower()} <= known().clinical


def _both(word: str) -> bool:
    """Whether a word is two places with a hyphen between them, as routes are written: `Doha-Nairobi`."""
    first, _, second = word.partition("-")
    return bool(second) and all(part in towns() and not is_given(plain(part)) for part in (first, second))


@cache
def towns() -> frozenset[str]:
    """Names of places of the hand-made lists, in small letters."""
    return frozenset(word.strip() for word in groups()["places"].lower().split("|"))


def known_places(text: str, *, clinical: bool = False) -> Iterator[tuple[int, int]]:
    """Where names of the lists stand in a text.

    Args:
        text: The plain text.
        clinical: True for illnesses, tests and medicines alone.
    """
    lists = known()
    words = lists.clinical if clinical else lists.words
    for found in _WORD.finditer(text):
        low = found[0].lower()
        if low in words or (low.endswith(("'s", "’s")) and low[:-2] in words) or (not clinical and _both(low)):
            if not clinical or len(low) > 2:
                yield found.span()
        elif (
            not clinical
            and low in lists.shared
            and (
                _BEFORE.search(text[max(0, found.start() - 14) : found.start()])
                or _AFTER.match(text, found.end())
                or _among(text, found.start(), found.end())
            )
        ):
            yield found.span()
    yield from known_phrases(text, clinical=clinical)
    yield from (found.span() for found in lists.signs.finditer(text))
    if not clinical and _UNSPACED.search(text):
        yield from (found.span() for found in lists.unspaced.finditer(text))
