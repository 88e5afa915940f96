"""What trainers changed: kept in the journal with what stood before, and in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.errors import MarrowError
from bot.journal import audit
from bot.journal.store import Store
from bot.journal.studio_models import StudioChange


class NoSuchChange(MarrowError):
    """There is no such change."""


@dataclass(frozen=True)
class Change:
    """One change of a question (see `bot.journal.studio_models.StudioChange`)."""

    id: int
    at_ms: int
    name: str
    label: str
    what: str
    reason: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    undoes: int | None
    commit: str | None

    @property
    def fields(self) -> tuple[str, ...]:
        """What of the question it changed."""
        return tuple(key for key in self.after if self.after[key] != self.before.get(key))

    @property
    def added(self) -> list[str]:
        """Examples that came."""
        return [one for one in self.after.get("examples", ()) if one not in self.before.get("examples", ())]

    @property
    def removed(self) -> list[str]:
        """Examples that went."""
        return [one for one in self.before.get("examples", ()) if one not in self.after.get("examples", ())]


def keep(
    store: Store, *, at_ms: int, actor: str, name: str, label: str, what: str, reason: str | None,
    before: dict[str, Any], after: dict[str, Any], undoes: int | None = None,
) -> int:  # fmt: skip
    """Writes a change down, with its row in the audit, which holds no words of it; gives its number."""
    with store.write() as connection:
        made = connection.execute(
            insert(StudioChange)
            .values(
                at_ms=at_ms, actor=actor, name=name, label=label, what=what, reason=reason, before=before, after=after,
                undoes=undoes,
            )
            .returning(StudioChange.id)
        ).scalar_one()  # fmt: skip
        detail = {"change": made, "fields": sorted(after), "undoes": undoes}
        audit.append(connection, at_ms=at_ms, actor=actor, action=f"studio_{what}", subject=label, detail=detail)
        return int(made)


def committed(store: Store, change: int, commit: str) -> None:
    """Notes the commit of a change."""
    with store.write() as connection:
        connection.execute(update(StudioChange).where(StudioChange.id == change).values(commit=commit))


def of(store: Store, label: str | None = None, *, at_most: int = 100) -> list[Change]:
    """Changes of a label, or of all, the newest first."""
    query = select(StudioChange.__table__).order_by(StudioChange.id.desc()).limit(at_most)
    if label is not None:
        query = query.where(StudioChange.label == label)
    with store.read() as connection:
        return [_change(row) for row in connection.execute(query).all()]


def one(store: Store, number: int) -> Change:
    """One change.

    Raises:
        NoSuchChange: There is none of this number.
    """
    with store.read() as connection:
        row = connection.execute(select(StudioChange.__table__).where(StudioChange.id == number)).one_or_none()
    if row is None:
        raise NoSuchChange(f"studio: there is no change {number}; `./marrow intent show LABEL` lists those there are")
    return _change(row)


def _change(row: Row[Any]) -> Change:
    return Change(
        row.id, row.at_ms, row.name, row.label, row.what, row.reason, row.before, row.after, row.undoes, row.commit
    )
