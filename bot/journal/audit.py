"""The audit: what was done to the journal, by whom. Every row is written here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert

from bot.journal.models import Audit


def append(
    connection: Connection, *, at_ms: int, actor: str, action: str, subject: str, detail: dict[str, Any]
) -> None:
    """Writes one row, in the caller's transaction: what is undone was not done, and leaves no row.

    Args:
        connection: A writing connection of the journal.
        at_ms: The time, in ms since 1970-01-01 UTC.
        actor: Who did it: `patient`, `operator`, `retention`, or a member of staff by the desk's name for them.
        action: What was done, such as `erase`.
        subject: To what it was done. Of a conversation its SHA-256, so that a tombstone names nobody.
        detail: What else is worth knowing; no words and no names of patients. `by` is the actor's.
    """
    connection.execute(
        insert(Audit).values(at_ms=at_ms, action=action, subject=subject, detail={"by": actor, **detail})
    )
