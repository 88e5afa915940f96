"""The lists of `known/` and `keep.yml`: names of medicines, illnesses, hospitals, places and things, found in a text.

A word that is a frequent name of people too stays only where the words beside it say what it is: `in Alice`, `Fabry disease`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.redact.hospitals import hospital_words
from bot.redact.lexicon import any_of, is_given, is_ordinary, is_surname, listed, plain, small_words

_FOLDER = Path(__file__).with_name("known")
_YAML = Path(__file__).with_name("keep.yml")
_CLINICAL = frozenset(("eponyms", "diseases", "drugs", "targets", "medicines"))
"""Groups of `keep.yml` and files of `known/`."""
_HOSPITALS = "centres"
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PIECE = re.compile(r"[^\W_]+")
_JOINT = re.compile(r"(?:[ .'’&/:+-]{1,2}| & )\Z")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
"""Scripts that put no spaces between words, or glue endings to them."""
_WHOLE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\Z")
_LONG_NAME = 5
"""A name of a hospital in one word that is so long is no chance: `Muhimbili`."""
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
        hospitals: Those of them that name a hospital and no place, and that people do not bear.
        shared: Words that are names of people too.
        phrases: The pieces of longer names → whether they are clinical.
        lengths: First piece → how many pieces such a name can have, the longest first.
        signs: Names with signs at their ends, such as `Ph+`.
        unspaced: First character → how long a name in a script without spaces can be, the longest first.
        listed: Those names.
    """

    words: frozenset[str]
    clinical: frozenset[str]
    hospitals: frozenset[str]
    shared: frozenset[str]
    phrases: dict[tuple[str, ...], bool]
    lengths: dict[str, tuple[int, ...]]
    signs: re.Pattern[str]
    unspaced: dict[str, tuple[int, ...]]
    listed: frozenset[str]


@cache
def groups() -> dict[str, str]:
    """The groups of `keep.yml`: name → its words, a bar between them."""
    return listed(_YAML)


def _entries() -> Iterator[tuple[str, str, bool]]:
    """Each name with the group or file it is of, and whether it is asked if people bear it too."""
    for name, words in groups().items():
        if name != "trials":
            for word in words.split("|"):
                yield word.strip().lower(), name, False
    for path in sorted(_FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                for word in line.split("|"):
                    yield word.strip().lower(), path.stem, True


def of_people(word: str) -> bool:
    """Whether people bear a word as a name."""
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
    phrases: dict[tuple[str, ...], bool] = {}
    signs: set[str] = set()
    unspaced: set[str] = set()
    hospitals: set[str] = set()
    places = set(towns())
    for word, of, asked in _entries():
        of_body = of in _CLINICAL
        if of == _HOSPITALS and (len(word) >= _LONG_NAME or _UNSPACED.search(word)) and not of_people(word):
            hospitals.add(word)
        elif of != _HOSPITALS:
            places.add(word)
        if not word or (asked and not any(map(str.isalpha, word))):
            continue  # `7+3` is written like a flat
        pieces = tuple(_PIECE.findall(word))
        if asked and _UNSPACED.search(word):
            unspaced.add(word)
        elif _WHOLE.match(word):
            if asked and len(word) < _LEAST:
                continue
            if asked and of_people(word):
                shared.add(word)
                continue
            words.add(word)
            # an ordinary word ends no address: `12 Arrow Lane`
            if of_body and not (asked and (is_ordinary(plain(word)) or len(word) <= _LEAST)):
                clinical.add(word)
        elif pieces and len(pieces) > 1 and word[0].isalnum() and word[-1].isalnum():
            phrases[pieces] = of_body
        else:
            signs.add(word)
        if not asked and not _WHOLE.match(word):
            words.add(word)  # `kept_words` holds all of `keep.yml`
            if of_body:
                clinical.add(word)
        elif _WHOLE.match(word) and ("-" in word or "'" in word) and len(pieces) > 1:
            phrases.setdefault(pieces, of_body)  # `Epstein Barr` as well as `Epstein-Barr`
    for pieces in list(phrases):
        if rest := _without_the_word(pieces):
            phrases.setdefault(rest, False)
    lengths: dict[str, set[int]] = {}
    for pieces in phrases:
        lengths.setdefault(pieces[0], set()).add(len(pieces))
    long: dict[str, set[int]] = {}
    for word in unspaced:
        long.setdefault(word[0], set()).add(len(word))
    return Known(
        frozenset(words),
        frozenset(clinical),
        frozenset(word for word in hospitals if word not in places and not is_ordinary(plain(word))),
        frozenset(shared - words),
        phrases,
        {first: tuple(sorted(some, reverse=True)) for first, some in lengths.items()},
        re.compile(rf"(?<!\w)(?:{any_of(signs)})(?!\w)", re.IGNORECASE),
        {first: tuple(sorted(some, reverse=True)) for first, some in long.items()},
        frozenset(unspaced),
    )


def _without_the_word(pieces: tuple[str, ...]) -> tuple[str, ...]:
    """`queen sirikit hospital` is called `queen sirikit` too; nothing where what is left could be somebody."""
    words = hospital_words()
    rest = pieces
    while rest and rest[0] in words:
        rest = rest[1:]
    while rest and rest[-1] in words:
        rest = rest[:-1]
    told = len(rest) > 1 and rest != pieces and len(rest[0]) > 1 and len(rest[-1]) > _LEAST
    return rest if told and not all(of_people(word) or is_ordinary(plain(word)) for word in rest) else ()


def known_phrases(text: str, *, clinical: bool = False) -> Iterator[tuple[int, int]]:
    """Where names of several words of the lists stand in a text: the longest that begins at each word."""
    lists = known()
    pieces = [(found[0].lower(), found.start(), found.end()) for found in _PIECE.finditer(text)]
    for place, (word, start, _) in enumerate(pieces):
        for length in lists.lengths.get(word, ()):
            of_body = lists.phrases.get(tuple(piece[0] for piece in pieces[place : place + length]))
            last = place + length - 1
            if (
                last < len(pieces)
                and of_body is not None
                and (of_body or not clinical)
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


def known_hospitals(text: str) -> Iterator[tuple[int, int]]:
    """Where hospitals of the lists stand that nobody and no place is called by."""
    hospitals = known().hospitals
    for start, end in known_places(text):
        if text[start:end].lower() in hospitals:
            yield start, end


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
        place = 0
        while place < len(text):
            lengths = lists.unspaced.get(text[place], ())
            end = next((place + long for long in lengths if text[place : place + long].lower() in lists.listed), None)
            if end is not None:
                yield place, end
            place = end or place + 1
