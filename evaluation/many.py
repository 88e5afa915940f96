"""A journal with as many messages as a hospital has in a year: the demo, and copies of it a week later each.

The demo is played by the real steps; the copies are made inside the database, table by table, which takes seconds
where playing them would take an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import ColumnElement, String, cast, func, insert, literal, select, text
from sqlalchemy.schema import Table

from bot.desk.demo.fill import fill
from bot.desk.demo.script import Script
from bot.journal.models import KEPT_BY_THE_DATABASE, Base, Message
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.settings import Settings

WEEK_MS = 7 * 86_400_000
PLAYED = 400
"""Conversations that are played; the others are copies of them."""


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
    box = Box(Fernet.generate_key().decode())
    fill(store, box, Script(settings, begun, days=14, seed=seed), PLAYED, now_ms=int(begun.timestamp() * 1000))
    with store.write() as connection:
        for number in range(1, copies + 1):
            for table in _tables():
                names, values = _copied(table, number)
                once_more = select(*values).order_by(*table.primary_key) if names else None
                original = ~_owner(table).like("%~%")
                connection.execute(insert(table).from_select(names, once_more.where(original)))  # type: ignore[union-attr]
    with store.write() as connection:
        connection.execute(text("ANALYZE"))
        return int(connection.execute(select(func.count()).select_from(Message).where(Message.seq > 0)).scalar_one())


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
