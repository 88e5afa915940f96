"""Numbers that are spelt out in words: `double seven, oh four`, `cincuenta y cinco, cero dos`, `A00 four 81177 3`.

The words are in `number_words.yml`. A run of them counts as a number when it has as many places as a phone or an id has;
`two or three days` and `one two three` are talk.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path

import yaml

from bot.redact.kinds import Span
from bot.redact.labels import label
from bot.redact.lexicon import small_words

_FILE = Path(__file__).with_name("number_words.yml")
_TYPED = r"[A-Z]{0,3}\d{1,9}[A-Z]?"
"""A group of digits as typed, among words: `A00 four 81177 3`."""
_LETTER = r"(?:\s[A-Z](?!\w))?"
"""A number may end with one letter that checks it."""
_PART = r"[\s,.:;،、/()-]{1,4}"
_LEAST = 7
"""So many places make a number that leads to somebody; fewer are counts and days."""
_LEAST_TOLD, _LEAST_DIGITS = 5, 6
"""The same behind a word such as `phone`; and where each word is one digit, as nobody counts."""
_MOST = 26
_TOLD_BEFORE = 45
_KINDS = ("card", "passport", "national_id", "record_number", "phone")


@dataclass(frozen=True)
class _Words:
    """The words of one language, as patterns of one whole word."""

    run: re.Pattern[str]
    piece: re.Pattern[str]
    any: re.Pattern[str]
    order: dict[str, int]


def _tidy(words: str) -> str:
    return "|".join(word.strip() for word in re.split(r"\s\|\s", words.strip()))


@cache
def _read() -> dict[str, dict[str, str]]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: {group: _tidy(words) for group, words in groups.items()} for name, groups in read.items()}


@cache
def numbers() -> str:
    """The words for one to ninety-nine in all languages, as one alternative."""
    return "|".join(
        rf"(?:{one['tens']})(?:(?:\s(?:{one['and']})\s|[\s-])(?:{one['digits']}))?|(?:{one['digits']})"
        for one in _read().values()
        if "tens" in one
    )


@cache
def days() -> str:
    """The words for days of a month: ordinals, and plain numbers where those are said (`le trois mai`)."""
    return "|".join([*(one["days"] for one in _read().values() if "days" in one), numbers()])


@cache
def _one_word() -> tuple[re.Pattern[str], re.Pattern[str]]:
    said = "|".join(
        one[name] for one in _read().values() for name in ("digits", "tens", "hundreds", "tens_of") if name in one
    )
    spelt = "|".join(one["days"] for one in _read().values() if "days" in one)
    thousand = "thousand|tausend|mille|mil|тысяч[аи]|bin|ألف|الف|ngàn|nghìn|ribu|duizend|tusen|tysi[aą]c"
    return re.compile(rf"(?:{said}|{thousand})\Z", re.IGNORECASE), re.compile(rf"(?:{spelt})\Z", re.IGNORECASE)


def counted(word: str) -> bool:
    """Whether a word is a number in any of the languages."""
    return _one_word()[0].match(word) is not None


def ordinals(word: str) -> bool:
    """Whether a word is an ordinal as days of a month are said."""
    return _one_word()[1].match(word) is not None


@cache
def years() -> str:
    """Years in words, as English says them, in two halves: `nineteen fifty-eight`."""
    tens, digits = _read()["english"]["tens"], _read()["english"]["digits"]
    return rf"(?:nineteen|twenty)\s(?:hundred\s(?:and\s)?)?(?:{tens}|{digits})(?:[\s-](?:{digits}))?"


@cache
def _languages() -> tuple[_Words, ...]:
    out = []
    for groups in _read().values():
        if "tens" not in groups:
            continue
        named = [name for name in ("tens", "tens_of", "hundreds", "digits", "times", "plus") if name in groups]
        word = "|".join(groups[name] for name in named)
        one_of = "|".join(f"(?P<{name}>{groups[name]})" for name in named)
        token = rf"(?:{word}|(?-i:{_TYPED}))(?!\w)"
        out.append(
            _Words(
                re.compile(
                    rf"(?<!\w){token}(?:(?:{_PART}|(?<!\d)\s(?:{groups['and']})\s(?!\d)){token}){{2,30}}(?-i:{_LETTER})",
                    re.IGNORECASE,
                ),
                re.compile(rf"(?<!\w)(?:{one_of}|(?P<typed>(?-i:{_TYPED})))(?!\w)", re.IGNORECASE),
                re.compile(rf"(?<!\w)(?:{groups['digits']}|{groups['tens']})(?!\w)", re.IGNORECASE),
                # the first place of a word counts: `four` stands within `fourteen` once more
                {
                    one: place
                    for place, one in reversed([*enumerate(f"{groups['digits']}|{groups['tens']}".split("|"))])
                },
            )
        )
    return tuple(out)


_WORDS_TOO = small_words("numbers_too")
"""Words for numbers that mean something else without their tones, or are articles: one of them among digits says nothing."""
_TRIPLES = frozenset(("triple", "treble", "dreimal", "triplo", "трижды"))


@dataclass(frozen=True)
class _Count:
    """What a run of number words comes to."""

    places: int
    spelt: int
    typed: bool
    by_digit: bool
    climbing: bool
    """Somebody counts: `one two three four five six seven`."""


def _count(run: str, words: _Words) -> _Count:
    """How many places a run has: `thirty-one` two, `nine hundred and three` three, `double seven` two."""
    places = spelt = open_places = 0
    repeat, end = 1, 0
    typed, by_digit = False, True
    said: list[str] = []
    for found in words.piece.finditer(run):
        apart = re.search(r"[,.;:،、/]", run[end : found.start()]) is not None
        end = found.end()
        if apart:
            open_places = 0
        if found["typed"]:
            places += sum(map(str.isdigit, found[0])) * repeat
            typed, repeat, open_places = True, 1, 0
            continue
        if found["plus"]:
            continue
        spelt += 1
        if found["times"]:
            repeat = 3 if found[0].lower() in _TRIPLES else 2
            continue
        if found["digits"]:
            places += 0 if open_places else repeat
            repeat, open_places = 1, 0
        else:
            by_digit = False
            wide = 2 if not found["hundreds"] else 3
            behind = bool(said) and not apart and not found["tens"]
            places += 0 if open_places >= wide else wide - behind
            open_places = wide - 1
        said.append(found[0].lower())
    at = [words.order.get(word, -1) for word in said]
    climbing = not typed and all(low < high for low, high in itertools.pairwise(at))
    return _Count(places, spelt, typed, by_digit, climbing)


def _told(text: str) -> list[tuple[int, str]]:
    """Where words that say what a number is end, in order."""
    return sorted((one.end(), kind) for kind in _KINDS for one in label(kind).finditer(text))


def _kind(start: int, told: list[tuple[int, str]]) -> str | None:
    """What a word before it says that a number is; the nearest one counts."""
    place = bisect_right(told, start, key=itemgetter(0))
    return told[place - 1][1] if place and start - told[place - 1][0] <= _TOLD_BEFORE else None


_DOTS = re.compile(r"\s(?:point|dot|punkt|punto|ponto|nokta|kropka|точка)\s", re.IGNORECASE)
_SIGN = re.compile(
    r"\s(?:dash|hyphen|slash|stroke|minus|tiret|barre|barra|gui[oó]n|tra[cç]o|h[ií]fen|trattino|bindestrich|schrägstrich|strich|streg|streck|viiva|"
    r"tire|tre|eğik\sçizgi|my[sś]lnik|kreska|ukośnik|тире|дефис|дробь|косая|slash|bil|domuz[ií]me|gạch|garis|다시|ダッシュ|杠|شرطة|point|dot|punkt|punto|ponto|nokta|kropka|точка)\s",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    rf"(?<![\w.,])(?:(?-i:[A-Z]{{1,4}})\s?)?\d[\dA-Za-z]{{0,9}}(?:\s\d[\dA-Za-z]{{0,9}}){{0,6}}(?:{_SIGN.pattern}(?:[A-Za-z]{{1,2}}(?!\w)|\d[\dA-Za-z]{{0,9}})(?:\s\d[\dA-Za-z]{{0,9}}){{0,6}}){{1,6}}(?!\w|[.,]\d)",
    re.IGNORECASE,
)
"""A number whose dashes are read aloud: `612 dash 09 dash 4471`."""
_CHINESE = re.compile(r"[零〇一二三四五六七八九幺两洞拐](?:[ ,、-]{0,2}[零〇一二三四五六七八九幺两洞拐]){5,24}")
_CHINESE_COUNT = "一二三四五六"


def spoken(text: str) -> Iterator[Span]:
    """Numbers in words of any of the languages, with what a word before them calls them; else phones."""
    told: list[tuple[int, str]] | None = None
    for words in _languages():
        if sum(1 for _ in zip(words.any.finditer(text), range(3))) < 2:
            continue
        for found in words.run.finditer(text):
            count = _count(found[0], words)
            if not count.spelt or count.places > _MOST:
                continue
            if told is None:
                told = _told(text)
            kind = _kind(found.start(), told)
            unsure = count.spelt < 2 and any(one.lower() in _WORDS_TOO for one in found[0].split())
            if count.spelt < 2 and (unsure or not (kind and count.typed and count.places >= _LEAST)):
                continue
            if count.climbing and not kind:
                continue
            alone = count.by_digit and not count.typed
            if count.places >= (_LEAST_TOLD if kind else _LEAST_DIGITS if alone else _LEAST):
                yield Span(found.start(), found.end(), kind or "phone", strong=True)
    for found in _SIGNED.finditer(text):
        signs = len(_SIGN.findall(found[0]))
        if sum(map(str.isdigit, found[0])) >= _LEAST_TOLD and (signs >= 2 or not _DOTS.search(found[0])):
            if told is None:
                told = _told(text)
            yield Span(found.start(), found.end(), _kind(found.start(), told) or "record_number", strong=True)
    for found in _CHINESE.finditer(text):
        digits = re.sub(r"\W", "", found[0])
        if len(digits) >= _LEAST:
            if told is None:
                told = _told(text)
            kind = _kind(found.start(), told)
            if kind or _CHINESE_COUNT not in digits:
                yield Span(found.start(), found.end(), kind or "phone", strong=True)
