"""A journal with as many messages as a hospital has in a year: the demo, and copies of it a week later each.

The demo is played by the real steps; the copies are made inside the database, table by table, which takes seconds
where playing them would take an hour. What staff marked comes with it, and an audit of who looked at what, as long as
it would have become.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, insert, literal, select, text, update
from sqlalchemy.schema import Table

from bot.desk.demo.fill import fill
from bot.desk.demo.script import Script
from bot.journal import audit, marks, staff, teachings
from bot.journal.models import KEPT_BY_THE_DATABASE, Audit, Base, Conversation, Message
from bot.journal.sealing import Box
from bot.journal.staff_models import AuditHead, Staff
from bot.journal.store import Store
from bot.settings import Settings

WEEK_MS = 7 * 86_400_000
PLAYED = 400
"""Conversations that are played; the others are copies of them."""

COLLEAGUES = ("Amara", "Birgit", "Chen", "Dilip", "Elif", "Farah", "Goran", "Hanna", "Ines", "Jun")
AT_ONCE = 200
"""Rows of the audit that are written by one statement."""


def fill_with(store: Store, messages: int, *, settings: Settings, now: datetime, seed: int = 1) -> int:
    """Fills a migrated, empty journal with at least that many messages of patients, the oldest first.

    Returns:
        How many there are.
    """
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(Message)).scalar_one() == 0, "an empty journal"
    once = sum(len(talk.turns) for talk in Script(settings, now, days=14, seed=seed).talks(PLAYED))
    copies = -(-messages // once) - 1
    begun = now - timedelta(weeks=copies)
    # The times must not reach into the future, so the first is played that many weeks ago.
    begun_ms = int(begun.timestamp() * 1000)
    fill(store, Box(settings.contact_key), Script(settings, begun, days=14, seed=seed), PLAYED, now_ms=begun_ms)
    _mark(store, begun_ms)
    with store.write() as connection:
        for number in range(1, copies + 1):
            for table in _tables():
                names, values = _copied(table, number)
                once_more = select(*values).order_by(*table.primary_key) if names else None
                original = ~_owner(table).like("%~%")
                connection.execute(insert(table).from_select(names, once_more.where(original)))  # type: ignore[union-attr]
    _look(store, seed)
    with store.write() as connection:
        connection.execute(text("ANALYZE"))
        return int(connection.execute(select(func.count()).select_from(Message).where(Message.seq > 0)).scalar_one())


def _mark(store: Store, now_ms: int) -> None:
    """What staff say of some of the messages: a label that it should have been, a flag, a note."""
    with store.together() as one:
        for name in COLLEAGUES:
            staff.add(
                one, email=f"{name.lower()}@example.invalid", name=name, role="agent", now_ms=now_ms, actor="bench",
                invite=name, invite_until_ms=now_ms,
            )  # fmt: skip
        people = staff.everybody(one)
        with one.read() as connection:
            typed = select(Message.conversation_id, func.min(Message.seq)).where(
                Message.kind == "text", Message.seq > 0
            )
            found = connection.execute(typed.group_by(Message.conversation_id).order_by(Message.conversation_id)).all()
        for place, (conversation, seq) in enumerate(found[::20]):
            who = people[place % len(people)]
            teachings.teach(
                one, conversation, who, seq, teachings.RELABEL, label="topic/cost", note=None, now_ms=now_ms
            )  # fmt: skip
            marks.flag(one, conversation, who, seq, now_ms=now_ms)
            marks.note(one, conversation, who, "Asked the ward, who will call on Monday.", now_ms=now_ms)


def _look(store: Store, seed: int) -> None:
    """The audit of all these conversations: staff log in, look, read, search; about one row for each message.

    The chain is made here as `audit.append` makes it, many rows at once: one by one they would take minutes.
    """
    with store.write() as connection:
        head = connection.execute(select(AuditHead.last_id, AuditHead.last_hash).where(AuditHead.id == 1)).one()
        people = [f"staff:{number}" for number in connection.execute(select(Staff.id).order_by(Staff.id)).scalars()]
        talks = connection.execute(
            select(Conversation.id, Conversation.changed_at_ms, Conversation.last_seq).order_by(
                Conversation.changed_at_ms
            )
        ).all()
        number, last, rows = int(head.last_id), str(head.last_hash), []
        for at_ms, actor, action, subject, detail in _done(talks, people, Random(seed)):
            number += 1
            row = {
                "id": number, "at_ms": at_ms, "action": action, "subject": subject, "detail": {"by": actor, **detail},
                "prev_hash": last,
            }  # fmt: skip
            row["hash"] = last = audit.digest(row)
            rows.append(row)
        for start in range(0, len(rows), AT_ONCE):
            connection.execute(insert(Audit), rows[start : start + AT_ONCE])
        connection.execute(update(AuditHead).where(AuditHead.id == 1).values(last_id=number, last_hash=last))


def _done(talks: Any, people: list[str], dice: Random) -> Iterator[tuple[int, str, str, str, dict[str, Any]]]:
    """What staff did with each conversation, in its time: when, who, what, with what."""
    for place, (conversation, at_ms, last_seq) in enumerate(talks):
        who, subject = dice.choice(people), audit.subject_of(conversation)
        if place % 12 == 0:
            yield at_ms, who, "login", who, {"address": "192.0.2.7"}
        if place % 9 == 0:
            found = {"search": "outcome=fallback", "words": True, "show": "messages", "messages": dice.randrange(900)}
            yield at_ms, who, "search", audit.subject_of("search"), found
        for _ in range(dice.choice((1, 2, 2, 3))):
            yield at_ms, who, "view", subject, {"lines": last_seq}
        if place % 4:
            yield at_ms, who, "read", subject, {"seq": last_seq}
        if place % 15 == 0:
            yield at_ms, who, "take_over", subject, {}
            yield at_ms, who, "reply", subject, {"seq": last_seq}
            yield at_ms, who, "give_back", subject, {}
        if place % 400 == 0:
            yield at_ms, who, "export", audit.subject_of("search"), {"search": "", "form": "csv", "messages": last_seq}


def _tables() -> list[Table]:
    """The conversations and all that hangs on them, in the order in which they can be filled."""
    return [
        table for table in Base.metadata.sorted_tables if table.name == "conversations" or "conversation_id" in table.c
    ]


def _owner(table: Table) -> ColumnElement[str]:
    return table.c.id if table.name == "conversations" else table.c.conversation_id


def _copied(table: Table, number: int) -> tuple[list[str], list[ColumnElement[Any]]]:
    names: list[str] = []
    values: list[ColumnElement[Any]] = []
    for column in table.c:
        if (column.name == "id" and table.name != "conversations") or (
            table.name == "messages" and column.name in KEPT_BY_THE_DATABASE
        ):
            continue
        names.append(column.name)
        if column is _owner(table):
            values.append(cast(column, String) + literal(f"~{number}"))
        elif column.name.endswith("_ms"):
            values.append(column + number * WEEK_MS)
        else:
            values.append(column)
    return names, values
