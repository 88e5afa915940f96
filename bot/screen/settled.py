"""Whether the rest of a message says that a danger told in it lies behind: dated, treated and well, well for weeks.

"He gets fever 40.1, they give toci, day 3 he eats soup. That was June." Nobody calls an ambulance for June. But sick
people play things down, so "he is fine now" is no end: it takes a date, a stretch of weeks, or a treatment that only a
hospital gives together with a word of being well. What is settled becomes unclear (`check`), never nothing: the line on
whom to call is still shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from bot.screen.clauses import BODY, FORMS, SETS, Clause, Sentence
from bot.screen.frames import clause_of
from bot.screen.rules import Hit
from bot.screen.telling import TODAY

_Place: TypeAlias = tuple[Sentence, Clause]

_SENTENCES = 6
"""How many sentences after a danger are looked at."""
_UNITS = frozenset({"week", "month", "year"})
_GOING_ON = frozenset({"still", "again", "worse", "unwell"})
_DATE_ALONE = 2
"""Words of a sentence that is nothing but a date."""
_WEEKS = 21
"""Days of treatment between a danger and what is told after it by which it lies behind."""
_LONG = 4
"""Words between "since" or "now" and the weeks that it is about ("since already two full weeks")."""


def settled(told: list[Sentence], number: int, hit: Hit) -> bool:
    """Tells whether a hit lies behind by what is told after it.

    Args:
        told: The sentences of the message.
        number: Index of the hit's sentence.
        hit: The hit; only ends told after it count.
    """
    sentence = told[number]
    own = sentence.clauses[clause_of(sentence, hit)]
    if TODAY & set(sentence.canons(own.start, own.stop)):
        return False
    if _in_another_time([word.raw for word in sentence.words]):
        return True
    rest = [(sentence, clause) for clause in sentence.clauses if clause.start > hit.last]
    rest += [(one, clause) for one in told[number + 1 : number + 1 + _SENTENCES] for clause in one.clauses]
    rest = [(one, clause) for one, clause in rest if clause.opener != "ask"]
    if any(_goes_on(one, clause) for one, clause in rest):
        return False
    return (
        any(_dates(one, clause) for one, clause in rest)
        or _well_since(rest)
        or _treated_and_well(rest)
        or _days_later(sentence, hit, rest)
    )


def _in_another_time(raws: list[str]) -> bool:
    """Tells whether a sentence is set in a childhood, or before the illness was found."""
    for place, raw in enumerate(raws):
        ahead = raws[place + 1 : place + 6]
        if raw == "when" and FORMS["childhood"] & set(ahead) and {"is", "was", "were", "be"} & set(ahead):
            return True
        if raw == "before" and FORMS["finding_out"] & set(ahead):
            return True
    return False


def _goes_on(sentence: Sentence, clause: Clause) -> bool:
    """Tells whether a later clause says that something is wrong today."""
    canons = set(sentence.canons(clause.start, clause.stop))
    return bool(canons & _GOING_ON) or bool(canons & TODAY and canons & BODY)


def _dates(sentence: Sentence, clause: Clause) -> bool:
    """Tells whether a clause gives what was told a date ("That was June", "it was in 2019")."""
    canons = sentence.canons(clause.start, clause.stop)
    raws = [word.raw for word in sentence.words[clause.start : clause.stop]]
    if len(sentence.words) <= _DATE_ALONE and raws[0] != "since" and (_is_year(raws[-1]) or canons[-1] == "month_name"):
        return True  # "He could not speak for two hours. 2012."
    if raws[:2] in (["that", "was"], ["this", "was"]) and "when" in raws[2:4] and {"was", "were"} & set(raws[4:8]):
        return True  # "That was when he was two"
    if canons[:2] != ["it", "be"] or not {"was", "is", "s"} & set(raws[:3]):
        return False
    named = SETS["long_past"] | {"month_name", "last_season"}
    return any(canon in named for canon in canons[2:5]) or any(_is_year(raw) for raw in raws[2:5])


def _is_year(raw: str) -> bool:
    return len(raw) == 4 and raw.isdigit() and raw[:2] in ("19", "20")


def _well_since(rest: list[_Place]) -> bool:
    """Tells whether somebody is well for weeks ("dry since then 2 weeks"), or it is years back ("now 5 years")."""
    for before, here, after in _in_threes(rest):
        canons = _canons(here)
        for place, canon in enumerate(canons):
            if canon not in ("since", "for", "now", "already"):
                continue
            ahead = (canons[place + 1 :] + (_canons(after) if canon == "since" else []))[: _LONG + 1]
            unit = next((spot for spot, one in enumerate(ahead) if one in _UNITS), None)
            lasting = unit is not None and _counted(ahead[:unit])
            if lasting and canon == "now" and ahead[unit or 0] == "year" and not SETS["event"] & set(canons):
                return True
            dated = canon == "since" and bool({"month_name", "last_season"} & set(ahead[:2]))
            if (lasting or dated) and SETS["calm"] & {*_canons(before), *canons, *_canons(after)}:
                return True
    return False


def _treated_and_well(rest: list[_Place]) -> bool:
    """Tells whether it was treated as only a hospital can, and is well ("toci, all fine", "stitched, happy")."""
    for before, here, after in _in_threes(rest):
        if {"discharge_home", "#below"} <= set(_canons(here)):
            return True  # "discharged today with 36.5"
        if SETS["treated"] & set(_canons(here)):
            near = {*_canons(before), *_canons(here), *_canons(after)}
            return bool((SETS["calm"] | SETS["over"]) & near) and not {"not", "never", "hardly"} & near
    return False


def _days_later(sentence: Sentence, hit: Hit, rest: list[_Place]) -> bool:
    """Tells whether a day of treatment is told, and a much later one after it ("on day 3 she shook, now day 200")."""
    told = [_day(sentence, place) for place in range(hit.first)]
    first = max((day for day in told if day is not None), default=None)
    if first is None:
        return False
    for one, clause in rest:
        days = [_day(one, place) for place in range(clause.start, clause.stop)]
        later = any(day is not None and day >= first + _WEEKS for day in days)
        if later and not BODY & set(one.canons(clause.start, clause.stop)):
            return True
    return False


def _day(sentence: Sentence, place: int) -> int | None:
    """The number of a day of treatment ("day 3", "day +200") that begins at a place."""
    words = sentence.words[place : place + 3]
    number = next((word for word in words[1:] if word.kind == "number"), None)
    if not words or words[0].canon != "day" or number is None or not number.raw.isdigit():
        return None
    return int(number.raw) if words[1] is number or words[1].raw in ("+", "plus") else None


def _counted(canons: list[str]) -> bool:
    return any(canon.startswith("#") or canon in SETS["count"] for canon in canons)


def _canons(place: _Place | None) -> list[str]:
    return place[0].canons(place[1].start, place[1].stop) if place else []


def _in_threes(rest: list[_Place]) -> Iterator[tuple[_Place | None, _Place, _Place | None]]:
    """Each clause with the one before and the one after it."""
    return zip([None, *rest], rest, [*rest[1:], None])
