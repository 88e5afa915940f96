"""Numbers that are temperatures, told from ages, weights, rooms, counts and dates; and oxygen, pressure and pulse.

Fever begins at 38.0 °C (100.4 °F), as the project has it. Of the other three those readings are marked that score 3,
the most, in the Royal College of Physicians' National Early Warning Score 2; any other number is left to the words
around it and to the model.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.screen.lexicon import WORDS, Word, read_sets

_SETS = read_sets(WORDS / "numbers.yml", "numbers")
"""Named sets of canonical words, read once at import."""

FEVER_FROM_C = 38.0
FEVER_FROM_F = 100.4
_RANGE_C = (34.0, 43.9)
_RANGE_F = (95.0, 110.0)
"""What a thermometer can show for a living person; anything else is some other number."""

LOW_OXYGEN_TO = 91  # %
LOW_PRESSURE_TO = 90  # mmHg, systolic
FAST_PULSE_FROM = 131  # beats a minute
_OXYGEN_FROM, _SYSTOLIC_FROM, _DIASTOLIC, _PULSE_TO = 50, 50, (20, 70), 249
"""What a device can show for a living person with such a reading; anything else is some other number."""
_NAME_BEFORE = 6  # words in which the name of a reading stands before its number
_HEART_BEFORE = 3  # the same for "heart", which is named for much else
_BETWEEN = ("over", "percent")  # words between a number and the name behind it

FEVER = "#fever"
BELOW = "#below"
NUMBER = "#number"
LOW_OXYGEN, LOW_PRESSURE, FAST_PULSE = "#low_oxygen", "#low_pressure", "#fast_pulse"

_ONES = {
    word: value
    for value, names in enumerate(
        ("zero oh o", "one", "two", "three", "four", "five", "six", "seven", "eight eigth", "nine nein nin")
    )
    for word in names.split()
}
_TENS = {"thirty": 30, "thirthy": 30, "forty": 40, "fourty": 40}
_POINTS = {"point", "comma", "dot", "."}

_UNIT_C = {"c", "celsius", "degree", "°"}
_UNIT_F = {"f", "fahrenheit"}
_CONTEXT = _SETS["context"]
_SHOWS = _SETS["shows"]
_OTHER_UNIT = _SETS["other_unit"]
_OTHER_NAME = _SETS["other_name"]
_AFTER_HAVE = _SETS["after_have"]
_READINGS = {kind: _SETS[f"{kind}_reading"] for kind in ("oxygen", "pressure", "pulse", "other")}
_READING_UNIT = _SETS["reading_unit"]


def speaks_of_heat(words: Sequence[Word]) -> bool:
    """Tells whether a sentence is about fever or temperature, so that a bare number in it may be one."""
    return any(word.canon in _CONTEXT for word in words)


def numbers(words: list[Word], topic: bool = False) -> list[Word]:
    """Marks each number of one sentence as fever, below fever, or just a number.

    Args:
        words: The words of one sentence.
        topic: True when the sentence before was about fever or temperature.

    Returns:
        The words, with every number's canonical word set to `#fever`, `#below`, `#number`, or to what the reading of
        a device tells: `#low_oxygen`, `#low_pressure`, `#fast_pulse`.
    """
    if any(word.raw in _TENS or word.raw == "hundred" for word in words):
        words = _spelled(words)
    if not any(word.kind == "number" for word in words):
        return words
    context = speaks_of_heat(words)
    out: list[Word] = []
    place = 0
    while place < len(words):
        word = words[place]
        if word.kind != "number":
            out.append(word)
            place += 1
            continue
        if reading := _reading(words, place):
            canon, stop = reading
            out.append(word._replace(canon=canon, end=words[stop - 1].end))
            place = stop
            continue
        value, width = _value(words, place, context)
        stop = place + width
        canon = (
            _judge(words, place, stop, value, context or (topic and not _follows_be(words, place)))
            if value is not None
            else NUMBER
        )
        out.append(word._replace(canon=canon, end=words[stop - 1].end))
        place = stop
    return out


def _reading(words: list[Word], place: int) -> tuple[str, int] | None:
    """What a number that is the dangerous reading of a device tells, and its end; None for any other number."""
    kind = _named(words, place)
    if not kind or not words[place].raw.isdigit():
        return None
    value, after = int(words[place].raw), [word.canon for word in words[place + 1 : place + 3]]
    if kind == "pressure":
        if len(after) == 2 and after[0] in ("/", "over") and words[place + 2].raw.isdigit():
            low = int(words[place + 2].raw)
            told = _SYSTOLIC_FROM <= value <= LOW_PRESSURE_TO and _DIASTOLIC[0] <= low <= min(_DIASTOLIC[1], value - 1)
            return (LOW_PRESSURE, place + 3) if told else None
        return None
    if after and after[0] in _OTHER_UNIT - _READING_UNIT:
        return None
    if kind == "oxygen":
        return (LOW_OXYGEN, place + 1) if _OXYGEN_FROM <= value <= LOW_OXYGEN_TO else None
    return (FAST_PULSE, place + 1) if FAST_PULSE_FROM <= value <= _PULSE_TO else None


def _named(words: list[Word], place: int) -> str | None:
    """Which reading a number is: by the nearest name before it, else by the one right behind it."""

    def kind_of(at: int) -> str | None:
        word = words[at]
        return next((kind for kind, names in _READINGS.items() if {word.canon, word.raw} & names), None)

    for at in range(place - 1, max(place - _NAME_BEFORE, 0) - 1, -1):
        if kind := kind_of(at):
            return None if kind == "other" else kind
        if words[at].canon == "heart" and place - at <= _HEART_BEFORE:
            return "pulse"
    behind = place + 1
    while behind < min(place + 4, len(words)) and (words[behind].kind != "word" or words[behind].canon in _BETWEEN):
        behind += 1
    found = kind_of(behind) if behind < min(place + 4, len(words)) else None
    return None if found == "other" else found


def _follows_be(words: list[Word], place: int) -> bool:
    """True for "he is 39", which is an age when the talk of fever was in the sentence before."""
    return place > 0 and words[place - 1].canon == "be"


def _value(words: list[Word], place: int, context: bool) -> tuple[float | None, int]:
    """Reads a number, also "39 4" and "38. 5" where a temperature is the topic; gives its value and width in words."""
    text = words[place].raw.replace(",", ".")
    if len(text) > 8:
        return None, 1
    value = float(text)
    following = words[place + 1] if place + 1 < len(words) else None
    if context and following and following.kind == "number" and len(following.raw) == 1 and value in range(34, 43):
        return value + int(following.raw) / 10, 2
    return value, 1


def _judge(words: list[Word], place: int, stop: int, value: float, context: bool) -> str:
    """Decides whether a number is a temperature, by its unit, its neighbours and the talk of the sentence."""
    before = words[place - 1].canon if place else ""
    earlier = words[place - 2].canon if place > 1 else ""
    after = words[stop].canon if stop < len(words) else ""
    later = words[stop + 1].canon if stop + 1 < len(words) else ""
    celsius, fahrenheit = after in _UNIT_C, after in _UNIT_F or (after in _UNIT_C and later in _UNIT_F)
    if after in _UNIT_C and later in _UNIT_F:
        celsius = False
    if not (celsius or fahrenheit):
        if after in _OTHER_UNIT or before in _OTHER_NAME or (earlier in _OTHER_NAME and before not in _CONTEXT):
            return NUMBER
        if words[stop - 1].raw != words[place].raw and not context:
            return NUMBER
        if stop < len(words) and _counted(words[stop]):
            return NUMBER
    in_c, in_f = _RANGE_C[0] <= value < _RANGE_C[1], _RANGE_F[0] <= value < _RANGE_F[1]
    if fahrenheit or (in_f and not celsius):
        in_c = False
    if not (in_c or in_f):
        return NUMBER
    exact = "." in words[place].raw or "," in words[place].raw or stop - place > 1
    shown = before in _SHOWS or (earlier in _SHOWS and before not in ("i",))
    told = celsius or fahrenheit or context or (exact and (shown or not before or after in _AFTER_HAVE or not after))
    if not told and not exact and before == "have" and (not after or after in _AFTER_HAVE):
        told = in_c
    if not told:
        return NUMBER
    return FEVER if value >= (FEVER_FROM_C if in_c else FEVER_FROM_F) else BELOW


def _counted(word: Word) -> bool:
    """True for a noun in the plural that the vocabulary does not know: "38 boxes" is no temperature."""
    plural = word.kind == "word" and word.canon == word.raw and len(word.raw) > 4 and word.raw.endswith("s")
    return plural and word.canon != "thanks"


def _spelled(words: list[Word]) -> list[Word]:
    """Turns "thirty eight point five" and "one hundred and two" into numbers."""
    out: list[Word] = []
    place = 0
    while place < len(words):
        value, stop = _read(words, place)
        if stop == place:
            out.append(words[place])
            place += 1
            continue
        text = f"{value:g}"
        out.append(words[place]._replace(canon=text, raw=text, end=words[stop - 1].end, kind="number"))
        place = stop
    return out


def _read(words: list[Word], place: int) -> tuple[float, int]:
    """Reads a spelled number between 30 and 49 or 100 and 110; gives it and its end (`place` if none)."""

    def raw(at: int) -> str:
        return words[at].raw if at < len(words) else ""

    at = place
    if raw(at) in _TENS:
        value = float(_TENS[raw(at)])
        at += 1
        if raw(at) == "-":
            at += 1
        if raw(at) in _ONES:
            value += _ONES[raw(at)]
            at += 1
    elif raw(at) == "hundred" or (raw(at) in ("one", "a") and raw(at + 1) == "hundred"):
        at += 1 if raw(at) == "hundred" else 2
        value = 100.0
        if raw(at) == "and":
            at += 1
        if raw(at) not in _ONES:
            return 0.0, place
        value += _ONES[raw(at)]
        at += 1
    else:
        return 0.0, place
    if raw(at) in _POINTS and raw(at + 1) in _ONES:
        value += _ONES[raw(at + 1)] / 10
        at += 2
    elif raw(at) in _ONES:
        value += _ONES[raw(at)] / 10
        at += 1
    return value, at
