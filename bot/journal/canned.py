"""Texts kept for use in a talk: everybody's, and one's own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from bot.journal import audit
from bot.journal.rows import NoSuchLine
from bot.journal.staff import Account
from bot.journal.staff_models import CannedReply
from bot.journal.store import Store

MOST = 300


@dataclass(frozen=True)
class Canned:
    """One kept text; `owner` is the number of the one it belongs to, None when all share it."""

    id: int
    title: str
    text: str
    owner: int | None


def of(store: Store, account: Account) -> list[Canned]:
    """Everybody's and one's own, by title."""
    with store.read() as connection:
        rows = connection.execute(
            select(CannedReply.id, CannedReply.title, CannedReply.text, CannedReply.staff_id)
            .where(or_(CannedReply.staff_id.is_(None), CannedReply.staff_id == account.id))
            .order_by(func.lower(CannedReply.title), CannedReply.id)
        )
        return [Canned(row.id, row.title, row.text, row.staff_id) for row in rows]


def save(
    store: Store, account: Account, number: int | None, title: str, text: str, *, shared: bool, now_ms: int
) -> None:
    """Keeps a new text, or changes one.

    Args:
        store: The journal.
        account: Who does it; a shared one is only for those who may manage, which the caller has made sure of.
        number: Which one; None for a new one.
        title: What it is found by.
        text: The words with their placeholders.
        shared: Whether it is everybody's.
        now_ms: The time.

    Raises:
        NoSuchLine: There is no such text of theirs, or there are too many.
    """
    owner = None if shared else account.id
    with store.write() as connection:
        if number is None:
            if connection.execute(select(func.count()).select_from(CannedReply)).scalar_one() >= MOST:
                raise NoSuchLine(f"bot.journal: {MOST} kept texts are the most; take one away first")
            values = {"title": title, "text": text, "staff_id": owner, "changed_at_ms": now_ms}
            number = int(
                connection.execute(insert(CannedReply).values(**values).returning(CannedReply.id)).scalar_one()
            )
        else:
            changed = connection.execute(
                update(CannedReply)
                .where(CannedReply.id == number, _owned(owner))
                .values(title=title, text=text, changed_at_ms=now_ms)
            )
            if not changed.rowcount:
                raise NoSuchLine("bot.journal: there is no such text of yours")
        _tell(connection, account, "canned_save", number, shared, now_ms)


def remove(store: Store, account: Account, number: int, *, shared: bool, now_ms: int) -> None:
    """Takes a text away.

    Raises:
        NoSuchLine: There is no such text of theirs.
    """
    with store.write() as connection:
        owner = None if shared else account.id
        gone = connection.execute(delete(CannedReply).where(CannedReply.id == number, _owned(owner)))
        if not gone.rowcount:
            raise NoSuchLine("bot.journal: there is no such text of yours")
        _tell(connection, account, "canned_remove", number, shared, now_ms)


def _owned(owner: int | None) -> ColumnElement[bool]:
    return CannedReply.staff_id.is_(None) if owner is None else CannedReply.staff_id == owner


def _tell(connection: Connection, account: Account, action: str, number: int, shared: bool, now_ms: int) -> None:
    audit.append(
        connection, at_ms=now_ms, actor=account.actor, action=action, subject=f"canned:{number}",
        detail={"shared": shared},
    )  # fmt: skip
