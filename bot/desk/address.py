"""A search as an address that can be shared, and back. What cannot be read is left out and said: no error page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.journal.local import day_of, starts_ms
from bot.journal.search import DANGER, FEEDBACK, KINDS, MARKED, OUTCOMES, PERSON, SAID_BY, Cursor, Filters

PATH = "/desk/find"
LONGEST = 200
"""Characters of a field that count."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
_CURSOR = re.compile(r"(\d{1,15})\.(\d{1,9})\.([A-Za-z0-9_~-]{1,64})")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LABEL = re.compile(r"[a-z0-9_/]{1,64}")

NAMED: dict[str, tuple[str, tuple[str, ...]]] = {
    "in": ("said_by", tuple(SAID_BY)),
    "feedback": ("feedback", FEEDBACK),
    "danger": ("danger", DANGER),
    "person": ("person", PERSON),
    "marked": ("marked", MARKED),
    "kind": ("kind", KINDS),
}
"""Fields with one of a few values: what it is called in the address, in `Filters`, and the values."""

MESSAGES, CONVERSATIONS = "messages", "conversations"


@dataclass
class Asked:
    """A search as it was asked for.

    Attributes:
        filters: What is looked for.
        show: `messages` or `conversations`.
        after: Where the list goes on; None at its beginning.
        first: The first day, or None.
        last: The last day, or None.
        notices: What could not be read.
    """

    filters: Filters
    show: str = MESSAGES
    after: Cursor | None = None
    first: date | None = None
    last: date | None = None
    notices: list[str] = field(default_factory=list)


def read(query: Iterable[tuple[str, str]], base: Filters) -> Asked:
    """Reads the part behind the `?`.

    Args:
        query: Names and values, in order.
        base: Gives the zone and the labels without an answer.
    """
    given: dict[str, list[str]] = {}
    for name, value in query:
        words = value.replace("\x00", "").strip()[:LONGEST]
        if words:
            given.setdefault(name, []).append(words)
    asked = Asked(base)
    changed: dict[str, Any] = {"text": _one(given, "q"), "tag": _one(given, "tag"), "page": _one(given, "page")}
    for name, (attribute, known) in NAMED.items():
        value = _one(given, name)
        if value in known:
            changed[attribute] = value
        elif value:
            asked.notices.append(f"{name}: there is no “{value}”; it was left out.")
    changed["labels"] = _several(asked, given, "label", _LABEL.fullmatch)
    changed["outcomes"] = _several(asked, given, "outcome", lambda value: value in OUTCOMES)
    changed["languages"] = _several(asked, given, "language", _TAG.fullmatch)
    reviewed = _one(given, "reviewed")
    if reviewed in ("yes", "no"):
        changed["reviewed"] = reviewed == "yes"
    elif reviewed:
        asked.notices.append(f"reviewed: yes or no, not “{reviewed}”; it was left out.")
    for name, attribute in (("sure_from", "confidence_from"), ("sure_to", "confidence_to")):
        percent = _number(asked, given, name, 0, 100)
        changed[attribute] = None if percent is None else percent / 100
    hour, weekday = _number(asked, given, "hour", 0, 23), _number(asked, given, "weekday", 1, 7)
    changed |= {"hour": None if hour is None else int(hour), "weekday": None if weekday is None else int(weekday)}
    asked.first, asked.last = _day(asked, given, "from"), _day(asked, given, "to")
    if asked.first and asked.last and asked.last < asked.first:
        asked.first, asked.last = asked.last, asked.first
        asked.notices.append("The last day was before the first; they were exchanged.")
    if asked.first:
        changed["from_ms"] = starts_ms(asked.first, base.zone)
    if asked.last:
        changed["to_ms"] = starts_ms(asked.last + timedelta(days=1), base.zone)
    if _one(given, "show") == CONVERSATIONS:
        asked.show = CONVERSATIONS
    place = _CURSOR.fullmatch(_one(given, "after"))
    if place:
        asked.after = Cursor(int(place[1]), place[3], int(place[2]))
    asked.filters = replace(base, **changed)
    return asked


def _one(given: dict[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0]


def _several(asked: Asked, given: dict[str, list[str]], name: str, fits: Callable[[str], object]) -> tuple[str, ...]:
    wrong = [value for value in given.get(name, ()) if not fits(value)]
    asked.notices += [f"{name}: there is no “{value}”; it was left out." for value in wrong]
    return tuple(dict.fromkeys(value for value in given.get(name, ()) if value not in wrong))[:50]


def _number(asked: Asked, given: dict[str, list[str]], name: str, least: int, most: int) -> float | None:
    value = _one(given, name)
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if least <= number <= most:
        return number
    asked.notices.append(f"{name}: a number from {least} to {most}, not “{value}”; it was left out.")
    return None


def _day(asked: Asked, given: dict[str, list[str]], name: str) -> date | None:
    value = _one(given, name)
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is not None and FIRST_DAY <= day <= LAST_DAY:
        return day
    asked.notices.append(f"{name}: a day such as 2026-01-31, not “{value}”; it was left out.")
    return None


def write(filters: Filters, *, show: str = MESSAGES, after: Cursor | None = None) -> str:
    """The part behind the `?`; the same search is always written the same way."""
    pairs: list[tuple[str, str]] = []

    def put(name: str, value: object) -> None:
        if value not in ("", None, ()):
            pairs.append((name, str(value)))

    put("q", filters.text)
    for name, (attribute, known) in NAMED.items():
        value = getattr(filters, attribute)
        put(name, "" if attribute == "said_by" and value == known[0] else value)
    for name, values in (("label", filters.labels), ("outcome", filters.outcomes), ("language", filters.languages)):
        pairs += [(name, value) for value in values]
    for name, share in (("sure_from", filters.confidence_from), ("sure_to", filters.confidence_to)):
        put(name, None if share is None else f"{share * 100:g}")
    put("tag", filters.tag)
    put("page", filters.page)
    put("reviewed", None if filters.reviewed is None else "yes" if filters.reviewed else "no")
    put("from", None if filters.from_ms is None else day_of(filters.from_ms, filters.zone))
    put("to", None if filters.to_ms is None else day_of(filters.to_ms - 1, filters.zone))
    put("hour", filters.hour)
    put("weekday", filters.weekday)
    put("show", "" if show == MESSAGES else show)
    put("after", None if after is None else f"{after.at_ms}.{after.seq}.{after.conversation}")
    return urlencode(pairs)


def of(filters: Filters, *, show: str = MESSAGES, after: Cursor | None = None) -> str:
    """The whole address of a search."""
    written = write(filters, show=show, after=after)
    return f"{PATH}?{written}" if written else PATH
