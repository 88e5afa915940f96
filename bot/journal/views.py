"""Searches that staff keep under a name, for themselves or for all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from bot.errors import MarrowError
from bot.journal import audit
from bot.journal.staff import Account
from bot.journal.staff_models import SavedView, Staff
from bot.journal.store import Store

MOST = 100
"""Views that one member of staff may keep."""


class TooManyViews(MarrowError):
    """One keeps as many views as one may."""


@dataclass(frozen=True)
class View:
    """A kept search.

    Attributes:
        id: Its number.
        name: What it is called.
        address: The search, as the part of an address behind the `?`.
        shared: Whether colleagues see it.
        own: Whether it is of the one who asks, who alone may remove it.
        owner: Whose it is.
    """

    id: int
    name: str
    address: str
    shared: bool
    own: bool
    owner: str


def known(store: Store, me: int) -> list[View]:
    """One's own views and those that colleagues share, by name."""
    asked = (
        select(SavedView, Staff.name.label("owner"))
        .join(Staff, Staff.id == SavedView.staff_id)
        .where(or_(SavedView.staff_id == me, SavedView.shared.is_(True)))
        .order_by(func.lower(SavedView.name), SavedView.id)
    )
    with store.read() as connection:
        rows = connection.execute(asked.with_only_columns(*SavedView.__table__.c, Staff.name.label("owner")))
        return [View(row.id, row.name, row.address, row.shared, row.staff_id == me, row.owner) for row in rows]


def keep(store: Store, me: Account, name: str, address: str, *, shared: bool, now_ms: int) -> None:
    """Keeps a search; one of the same name and owner is replaced. Its name and words stay out of the audit.

    Raises:
        TooManyViews: One has `MOST` of them.
    """
    with store.write() as connection:
        own = SavedView.staff_id == me.id
        number = connection.execute(
            update(SavedView)
            .where(own, SavedView.name == name)
            .values(address=address, shared=shared)
            .returning(SavedView.id)
        ).scalar_one_or_none()
        if number is None:
            if connection.execute(select(func.count()).select_from(SavedView).where(own)).scalar_one() >= MOST:
                raise TooManyViews(f"bot.journal: {MOST} searches are kept already; remove one first")
            values = {"staff_id": me.id, "name": name, "address": address, "shared": shared, "created_at_ms": now_ms}
            number = connection.execute(insert(SavedView).values(**values).returning(SavedView.id)).scalar_one()
        _tell(connection, me, "keep_search", number, now_ms, shared=shared)


def remove(store: Store, me: Account, number: int, *, now_ms: int) -> bool:
    """Removes one's own view.

    Returns:
        Whether there was one.
    """
    with store.write() as connection:
        gone = connection.execute(delete(SavedView).where(SavedView.staff_id == me.id, SavedView.id == number))
        if gone.rowcount:
            _tell(connection, me, "remove_search", number, now_ms)
        return bool(gone.rowcount)


def _tell(connection: Connection, me: Account, action: str, number: int, now_ms: int, **detail: bool) -> None:
    audit.append(
        connection, at_ms=now_ms, actor=me.actor, action=action, subject=f"search:{number}", detail=detail
    )  # fmt: skip
