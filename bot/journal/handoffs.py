"""Wishes for a person that nobody has met yet: how long they take, and which are to be escalated."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, update

from bot.journal import lines
from bot.journal.models import Conversation
from bot.journal.rows import ConversationGone
from bot.journal.staff_models import Handoff
from bot.journal.store import Store

RECENT_MS = 14 * 86_400_000
"""Waits of the last two weeks are what the next one is expected to be like."""

MINUTE_MS = 60_000
LEAST, MOST = 5, 200
"""Of fewer than these nothing is expected; more than these are not looked at."""

LEASE_MS = 120_000
"""So long a door has to send an alert before another may try."""


@dataclass(frozen=True)
class Overdue:
    """A hand-off that nobody has taken in time.

    Attributes:
        id: Its number.
        conversation: Whose.
        kind: `person_now` or `call_back`.
        asked_at_ms: Since when somebody waits.
        alerts: Which alert this one is, from 1.
        time_zone: The patient's IANA zone, or None.
    """

    id: int
    conversation: str
    kind: str
    asked_at_ms: int
    alerts: int
    time_zone: str | None


def expected_wait_min(store: Store, *, now_ms: int) -> int | None:
    """`expected_wait_ms` in whole minutes, rounded up."""
    wait_ms = expected_wait_ms(store, now_ms=now_ms)
    return None if wait_ms is None else max(1, math.ceil(wait_ms / MINUTE_MS))


def expected_wait_ms(store: Store, *, now_ms: int) -> int | None:
    """How long somebody who asks for a person now waits, the median of recent hand-offs; None when too few are known.

    Those who still wait count with the time they have waited, when that is longer: a queue that is not moving must not
    promise what it kept yesterday.
    """
    with store.read() as connection:
        waits = [
            int(row.taken_at_ms or 0) - row.asked_at_ms
            for row in connection.execute(
                select(Handoff.asked_at_ms, Handoff.taken_at_ms)
                .where(
                    Handoff.kind == "person_now", Handoff.taken_at_ms.is_not(None),
                    Handoff.asked_at_ms > now_ms - RECENT_MS,
                )
                .order_by(Handoff.asked_at_ms.desc())
                .limit(MOST)
            )
        ]  # fmt: skip
        still = connection.execute(
            select(Handoff.asked_at_ms)
            .where(Handoff.kind == "person_now", Handoff.taken_at_ms.is_(None), Handoff.ended_at_ms.is_(None))
            .limit(MOST)
        ).scalars()
        if len(waits) < LEAST:
            return None
        median = statistics.median(waits)
        return int(statistics.median([*waits, *(now_ms - asked for asked in still if now_ms - asked > median)]))


def overdue(store: Store, *, now_ms: int, after_ms: dict[str, int], again_ms: int, at_most: int = 20) -> list[Overdue]:
    """Takes the hand-offs that are to be escalated now, each for this door alone, as if the alert had been sent.

    Args:
        store: The journal.
        now_ms: The time.
        after_ms: After how long without anybody the first alert goes out, by kind.
        again_ms: How long after the first one the second goes out.
        at_most: How many.
    """
    late = or_(
        *(
            and_(Handoff.kind == kind, Handoff.alerts == 0, Handoff.asked_at_ms <= now_ms - wait_ms)
            for kind, wait_ms in after_ms.items()
        ),
        and_(Handoff.alerts == 1, Handoff.alerted_at_ms <= now_ms - again_ms),
    )
    # a failed alert is taken back (`failed`) and waits as long as its lease before it is tried again
    rested = or_(Handoff.alerted_at_ms.is_(None), Handoff.alerted_at_ms <= now_ms - min(LEASE_MS, again_ms))
    found: list[Overdue] = []
    with store.write() as connection:
        rows = connection.execute(
            select(Handoff.__table__, Conversation.time_zone)
            .join(Conversation, Conversation.id == Handoff.conversation_id)
            .where(Handoff.taken_at_ms.is_(None), Handoff.ended_at_ms.is_(None), Handoff.alerts < 2, late, rested)
            .order_by(Handoff.asked_at_ms)
            .limit(at_most)
        ).all()
        for row in rows:
            taken = connection.execute(
                update(Handoff)
                .where(Handoff.id == row.id, Handoff.alerts == row.alerts)
                .values(alerts=row.alerts + 1, alerted_at_ms=now_ms)
            )
            if taken.rowcount:
                found.append(
                    Overdue(row.id, row.conversation_id, row.kind, row.asked_at_ms, row.alerts + 1, row.time_zone)
                )
    return found


def any_overdue(store: Store, *, before_ms: int) -> bool:
    """Whether anybody waits since before then: a cheap look before a write."""
    with store.read() as connection:
        query = select(Handoff.id).where(
            Handoff.taken_at_ms.is_(None), Handoff.ended_at_ms.is_(None), Handoff.asked_at_ms <= before_ms,
            Handoff.alerts < 2,
        )  # fmt: skip
        return connection.execute(query.limit(1)).first() is not None


def failed(store: Store, one: Overdue) -> None:
    """Takes an alert back that could not be sent, so that it is tried again."""
    with store.write() as connection:
        connection.execute(
            update(Handoff).where(Handoff.id == one.id, Handoff.alerts == one.alerts).values(alerts=one.alerts - 1)
        )


def tell_patient(store: Store, one: Overdue, text: str, *, now_ms: int) -> bool:
    """Tells the patient once that it takes longer; False when somebody came, or it was said before."""
    with store.write() as connection:
        try:
            row = lines.lock(connection, one.conversation)
        except ConversationGone:
            return False
        changed = connection.execute(
            update(Handoff)
            .where(
                Handoff.id == one.id, Handoff.told_at_ms.is_(None), Handoff.taken_at_ms.is_(None),
                Handoff.ended_at_ms.is_(None),
            )
            .values(told_at_ms=now_ms)
        )  # fmt: skip
        if not changed.rowcount:
            return False
        seq = int(row.last_seq) + 1
        lines.append(connection, one.conversation, seq, now_ms, "system", text, label="still_waiting")
        lines.change(connection, one.conversation, last_seq=seq, changed_at_ms=now_ms)
        return True
