"""Counts what went on in a stretch of time. Each figure is the number of what the search finds by its filters.

Longer than 300 lines: what is counted and how it is defined belong together.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    case,
    column,
    distinct,
    exists,
    false,
    func,
    literal_column,
    select,
    values,
)

from bot.journal.local import local_ms, starts_ms
from bot.journal.models import HANDLED, Message
from bot.journal.search import (
    ANSWERED,
    NO_ANSWER,
    OUTCOMES,
    UNKNOWN_LANGUAGE,
    WAITING,
    Filters,
    asked,
    hour_of,
    outcome,
    weekday_of,
)
from bot.journal.staff_models import Handoff
from bot.journal.steps import stepped
from bot.journal.store import Store

DAY, WEEK = "day", "week"
UNANSWERED = (NO_ANSWER, "fallback", "clarify")
"""Outcomes of a question that got no answer at once."""


@dataclass(frozen=True)
class Stretch:
    """Some days one after the other, in the hospital's zone.

    Attributes:
        first: The first day.
        last: The last day, included.
        from_ms: When the first begins.
        to_ms: When the last has ended.
    """

    first: date
    last: date
    from_ms: int
    to_ms: int

    @classmethod
    def of(cls, first: date, last: date, zone: str) -> Stretch:
        """Some days in a zone."""
        return cls(first, last, starts_ms(first, zone), starts_ms(last + timedelta(days=1), zone))

    def parts(self, by: str, zone: str) -> list[Stretch]:
        """Its days, or its weeks from Monday on; the first and the last week may be cut."""
        found, first = [], self.first
        while first <= self.last:
            last = first if by == DAY else first + timedelta(days=6 - first.weekday())
            found.append(Stretch.of(first, min(last, self.last), zone))
            first = last + timedelta(days=1)
        return found


@dataclass(frozen=True)
class Tally:
    """What went on in one stretch.

    Attributes:
        stretch: Which.
        messages: Messages of patients.
        conversations: Conversations with a message in it.
        outcomes: Messages by what became of them.
        up: Messages whose answers got a thumb up.
        down: The same, down.
        danger: Messages that told of danger.
        asked: Conversations in which a person was asked for.
        came: Those of them in which one came.
    """

    stretch: Stretch
    messages: int
    conversations: int
    outcomes: dict[str, int]
    up: int
    down: int
    danger: int
    asked: int = 0
    came: int = 0


@dataclass(frozen=True)
class Spread:
    """How long something took.

    Attributes:
        count: How often it happened.
        median_ms: Half took no longer; None when it never happened.
        p90_ms: Nine in ten took no longer.
    """

    count: int
    median_ms: int | None
    p90_ms: int | None

    @classmethod
    def of(cls, times_ms: Sequence[int]) -> Spread:
        """By nearest rank: each is a time that was really taken."""
        ordered = sorted(times_ms)

        def rank(share: float) -> int | None:
            return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None

        return cls(len(ordered), rank(0.5), rank(0.9))


@dataclass(frozen=True)
class Figures:
    """All figures of a stretch.

    Attributes:
        total: Of the whole stretch.
        tallies: Of each day or week of it.
        by_itself: Conversations with an answer in which no person was asked for or came.
        to_a_person: From the wish for a person until one came.
        to_review: From danger until staff had read it.
        danger_unread: Messages with danger that staff have not read yet.
        languages: Messages by language, the most frequent first.
        labels: Messages by what was understood, the most frequent first.
        unanswered: Messages without an answer at once, by the most likely reading.
        hours: Messages by day of the week (1 = Monday) and hour of the day.
    """

    total: Tally
    tallies: tuple[Tally, ...]
    by_itself: int
    to_a_person: Spread
    to_review: Spread
    danger_unread: int
    languages: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, int], ...]
    unanswered: tuple[tuple[str, int], ...]
    hours: dict[tuple[int, int], int] = field(default_factory=dict)


def figures(store: Store, stretch: Stretch, by: str, filters: Filters) -> Figures:
    """Counts.

    Args:
        store: The journal.
        stretch: Which days.
        by: `DAY` or `WEEK`.
        filters: Gives the zone and the labels without an answer; nothing else of it is used.
    """
    plain = Filters(zone=filters.zone, unanswered=filters.unanswered)
    whole = replace(plain, from_ms=stretch.from_ms, to_ms=stretch.to_ms)
    parts = stretch.parts(by, filters.zone)
    with store.read() as connection:
        wishes = connection.execute(_WISHES, {"from_ms": stretch.from_ms, "to_ms": stretch.to_ms}).all()
        reds = connection.execute(_REDS, {"from_ms": stretch.from_ms, "to_ms": stretch.to_ms}).all()
        tallies = tuple(_with_wishes(tally, wishes) for tally in _tallies(connection, parts, plain))
        conversations, by_itself = _conversations(connection, whole)
        total = _summed(stretch, tallies, conversations)
        by_label = _by_label(connection, whole)
        languages = _languages(connection, whole, total.messages)
        hours = _hours(connection, whole)
    labels: dict[str, int] = {}
    unanswered: dict[str, int] = {}
    for label, handled, number in by_label:
        name = _outcome(label, handled, filters)
        labels[label] = labels.get(label, 0) + number
        if name in UNANSWERED:
            unanswered[label] = unanswered.get(label, 0) + number
    return Figures(
        total=_with_wishes(total, wishes),
        tallies=tallies,
        by_itself=by_itself,
        to_a_person=Spread.of([wish.taken_at_ms - wish.asked_at_ms for wish in wishes if wish.taken_at_ms]),
        to_review=Spread.of([red.reviewed_at_ms - red.received_at_ms for red in reds if red.reviewed_at_ms]),
        danger_unread=sum(red.reviewed_at_ms is None for red in reds),
        languages=languages,
        labels=_ranked(labels),
        unanswered=_ranked(unanswered),
        hours=hours,
    )


def _ranked(counted: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(
        sorted(((name, number) for name, number in counted.items() if name), key=lambda one: (-one[1], one[0]))
    )


def _outcome(label: str | None, handled: str | None, filters: Filters) -> str:
    if handled is None:
        return WAITING
    return NO_ANSWER if handled == ANSWERED and label in filters.unanswered else handled


_FROM: BindParameter[int] = bindparam("from_ms")
_TO: BindParameter[int] = bindparam("to_ms")
_WISHES = (
    select(Handoff.conversation_id, Handoff.asked_at_ms, Handoff.taken_at_ms)
    .where(
        Handoff.kind != "offered",
        Handoff.asked_at_ms >= _FROM,
        Handoff.asked_at_ms < _TO,
        exists().where(Message.conversation_id == Handoff.conversation_id, Message.seq > 0),
    )
    .order_by(Handoff.asked_at_ms)
)
# As the partial index has it, word for word.
_RED: ColumnElement[bool] = literal_column("messages.verdict IN ('emergency', 'self_harm')")
_REDS = select(Message.received_at_ms, Message.reviewed_at_ms).where(
    _RED,
    Message.received_at_ms >= _FROM,
    Message.received_at_ms < _TO,
)


_ASKED_AT = attrgetter("asked_at_ms")


def _with_wishes(tally: Tally, wishes: Sequence[Any]) -> Tally:
    first, behind = (
        bisect_left(wishes, at_ms, key=_ASKED_AT) for at_ms in (tally.stretch.from_ms, tally.stretch.to_ms)
    )
    here = wishes[first:behind]
    came = {wish.conversation_id for wish in here if wish.taken_at_ms}
    return replace(tally, asked=len({wish.conversation_id for wish in here}), came=len(came))


def _number(*conditions: ColumnElement[bool]) -> Any:
    """How many messages: walks along an index and reads no row."""
    return select(func.count()).select_from(Message).where(*conditions).scalar_subquery()


def _outcomes(filters: Filters, *when: ColumnElement[bool]) -> list[Any]:
    """How many messages came to each of `OUTCOMES`; of the answers, those of labels without one are counted apart."""
    by_name = {name: _number(Message.handled == name, *when) for name in OUTCOMES if name not in (NO_ANSWER, WAITING)}
    open_label = (
        (Message.label.in_(filters.unanswered), Message.handled == ANSWERED) if filters.unanswered else (false(),)
    )
    by_name[NO_ANSWER] = _number(*open_label, *when)
    by_name[WAITING] = _number(Message.handled.is_(None), Message.seq > 0, *when)
    return [by_name[name] for name in OUTCOMES]


def _tallies(connection: Connection, parts: Sequence[Stretch], filters: Filters) -> list[Tally]:
    """Counts part by part, each along its own piece of an index: to group the rows, the database would sort them."""
    named = values(column("place", Integer), column("from_ms", BigInteger), column("to_ms", BigInteger), name="parts")
    part = named.data([(place, one.from_ms, one.to_ms) for place, one in enumerate(parts)]).cte("parts")
    when = (Message.received_at_ms >= part.c.from_ms, Message.received_at_ms < part.c.to_ms)
    talks = select(func.count(distinct(Message.conversation_id))).where(Message.seq > 0, *when).scalar_subquery()
    of_each = (
        _number(Message.seq > 0, *when),
        talks,
        _number(Message.thumb == "up", *when),
        _number(Message.thumb == "down", *when),
        _number(_RED, *when),
    )
    found = []
    for row in connection.execute(select(part.c.place, *of_each, *_outcomes(filters, *when)).order_by(part.c.place)):
        place, messages, conversations, up, down, danger, *outcomes = row
        by_outcome = dict(zip(OUTCOMES, outcomes))
        by_outcome[ANSWERED] -= by_outcome[NO_ANSWER]
        found.append(Tally(parts[place], messages, conversations, by_outcome, up, down, danger))
    return found


def _summed(stretch: Stretch, tallies: Sequence[Tally], conversations: int) -> Tally:
    """The tally of the whole stretch: the sums of its parts, but for conversations, which may be in several of them."""
    return Tally(
        stretch,
        messages=sum(one.messages for one in tallies),
        conversations=conversations,
        outcomes={name: sum(one.outcomes[name] for one in tallies) for name in OUTCOMES},
        up=sum(one.up for one in tallies),
        down=sum(one.down for one in tallies),
        danger=sum(one.danger for one in tallies),
    )


def _by_label(connection: Connection, filters: Filters) -> list[tuple[str, str, int]]:
    """How many messages of each label came to what."""
    known = stepped(Message.label)
    when = (Message.received_at_ms >= filters.from_ms, Message.received_at_ms < filters.to_ms)
    of_each = [
        _number(Message.label == known.c.name, Message.handled == name, Message.seq > 0, *when) for name in HANDLED
    ]
    rows = connection.execute(select(known.c.name, *of_each).where(known.c.name.is_not(None)))
    return [(label, name, number) for label, *numbers in rows for name, number in zip(HANDLED, numbers) if number]


def _languages(connection: Connection, filters: Filters, total: int) -> tuple[tuple[str, int], ...]:
    known = stepped(Message.language)
    when = (Message.received_at_ms >= filters.from_ms, Message.received_at_ms < filters.to_ms)
    number = _number(Message.language == known.c.name, Message.seq > 0, *when)
    rows = connection.execute(select(known.c.name, number).where(known.c.name.is_not(None)))
    counted = {language: count for language, count in rows if count}
    unknown = total - sum(counted.values())
    return _ranked(counted | ({UNKNOWN_LANGUAGE: unknown} if unknown else {}))


def _hours(connection: Connection, filters: Filters) -> dict[tuple[int, int], int]:
    local = local_ms(Message.received_at_ms, filters.zone, filters.from_ms, filters.to_ms)
    # one number for both, so that there is one small key to group by
    hour = ((weekday_of(local) - 1) * 24 + hour_of(local)).label("hour")
    rows = connection.execute(asked(filters, hour, func.count(), sqlite=True).group_by(hour))
    return {(int(number) // 24 + 1, int(number) % 24): count for number, count in rows}


def _conversations(connection: Connection, filters: Filters) -> tuple[int, int]:
    """How many conversations there are, and how many have an answer and nobody who was asked for or came."""
    key = Message.conversation_id
    answered = func.max(case((outcome(filters, ANSWERED), 1), else_=0))
    alone = case((key.in_(select(Handoff.conversation_id)), 0), else_=answered)
    # once through all of it: to count each apart, the database would put them in order each time
    each = asked(filters, alone.label("alone"), sqlite=True).group_by(key).subquery()
    found = connection.execute(select(func.count(), func.coalesce(func.sum(each.c.alone), 0)).select_from(each)).one()
    return int(found[0]), int(found[1])
