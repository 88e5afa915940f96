"""The audit: what was done to the journal, by whom. Every row is written here, and holds on to the one before.

A row's hash is the SHA-256 of its content and of the hash before it, as canonical JSON; the newest is also kept in
`audit_head`. So an edited, deleted, inserted or moved row shows, and a cut end too. What does not show: somebody who
may write to the database, and who makes the whole chain and its head anew. Against that, keep what `./marrow audit
verify` prints somewhere else, and give it back with `--head`: the chain must still go through that row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from bot.journal.models import Audit
from bot.journal.staff_models import AuditHead
from bot.journal.steps import stepped
from bot.journal.store import Store

GENESIS = "0" * 64
"""The hash before the first row."""

PRUNED = "prune_audit"
"""The row that says up to where older rows were taken away."""


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
    # The lock on the head is what makes one chain of what several doors append.
    head = connection.execute(select(AuditHead.__table__).where(AuditHead.id == 1).with_for_update()).one()
    row = {
        "id": head.last_id + 1,
        "at_ms": at_ms,
        "action": action,
        "subject": subject,
        "detail": {"by": actor, **detail},
        "prev_hash": head.last_hash,
    }
    row["hash"] = digest(row)
    connection.execute(insert(Audit).values(**row))
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(last_id=row["id"], last_hash=row["hash"]))


def prune(connection: Connection, *, before_ms: int, now_ms: int, actor: str = "retention") -> int:
    """Takes away the rows before a time, and says so in a new one, from which the chain can still be followed.

    Args:
        connection: A writing connection of the journal.
        before_ms: Rows from before then go; the oldest ones up to the first that is younger, so that no gap is made.
        now_ms: The time.
        actor: Who does it.

    Returns:
        How many went.
    """
    connection.execute(select(AuditHead.id).where(AuditHead.id == 1).with_for_update())
    kept = connection.execute(select(func.min(Audit.id)).where(Audit.at_ms >= before_ms)).scalar_one_or_none()
    older = Audit.at_ms < before_ms if kept is None else Audit.id < kept
    last = connection.execute(
        select(Audit.id, Audit.hash).where(older).order_by(Audit.id.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return 0
    gone = connection.execute(delete(Audit).where(Audit.id <= last.id)).rowcount
    detail = {"through": last.id, "hash": last.hash, "rows": gone}
    append(connection, at_ms=now_ms, actor=actor, action=PRUNED, subject="audit", detail=detail)
    return gone


def digest(row: dict[str, Any]) -> str:
    """The hash of a row's content and of the hash before it."""
    content = {key: row[key] for key in ("id", "at_ms", "action", "subject", "detail", "prev_hash")}
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def subject_of(conversation: str) -> str:
    """The name of a conversation in the audit: a SHA-256 of its id, which nobody can turn back."""
    return hashlib.sha256(conversation.encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One row of the audit, without its hashes; `actor` is who did it."""

    id: int
    at_ms: int
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def newest(
    store: Store, *, subject: str = "", actor: str = "", action: str = "", before: int = 0, at_most: int = 200
) -> list[Entry]:
    """The newest rows first.

    Args:
        store: The journal.
        subject: What the subject begins with; the short name of a conversation finds all that was done with it.
        actor: Who did it.
        action: What was done.
        before: Only rows with a smaller number; 0 for all.
        at_most: How many.
    """
    query = select(Audit.id, Audit.at_ms, Audit.action, Audit.subject, Audit.detail).order_by(Audit.id.desc())
    if subject:
        query = query.where(Audit.subject.startswith(subject.lower(), autoescape=True))
    if actor:
        query = query.where(Audit.detail["by"].as_string() == actor)
    if action:
        query = query.where(Audit.action == action)
    if before:
        query = query.where(Audit.id < before)
    with store.read() as connection:
        return [
            Entry(row.id, row.at_ms, str(row.detail.get("by", "")), row.action, row.subject, row.detail)
            for row in connection.execute(query.limit(at_most))
        ]


def actions(store: Store) -> list[str]:
    """Every action that the audit holds, by name."""
    known = stepped(Audit.action)
    with store.read() as connection:
        return list(connection.execute(select(known.c.name).where(known.c.name.is_not(None))).scalars())


@dataclass(frozen=True)
class Verified:
    """What became of a check of the whole chain.

    Attributes:
        rows: How many rows there are.
        last_id: Number of the newest row by the head.
        last_hash: Its hash by the head; to be kept elsewhere.
        faults: What is wrong, the first ones; empty when nothing shows.
    """

    rows: int
    last_id: int
    last_hash: str
    faults: tuple[str, ...]


FAULTS_SAID = 20

AT_ONCE = 500
"""Rows that are followed in one go: some milliseconds of work."""

_START = select(
    select(func.max(Audit.id)).scalar_subquery().label("newest_id"),
    select(Audit.hash).order_by(Audit.id.desc()).limit(1).scalar_subquery().label("newest_hash"),
    select(AuditHead.last_id).where(AuditHead.id == 1).scalar_subquery().label("head_id"),
    select(AuditHead.last_hash).where(AuditHead.id == 1).scalar_subquery().label("head_hash"),
)
"""Head and newest row, in one statement: a row that is appended between two would look like a fault."""

_NEXT = (
    select(Audit.__table__)
    .where(Audit.id > bindparam("after"), Audit.id <= bindparam("until"))
    .order_by(Audit.id)
    .limit(bindparam("at_most"))
)


def verify(
    store: Store, *, known: tuple[int, str] | None = None, between: Callable[[int, int], None] | None = None
) -> Verified:
    """Follows the chain from its first row to what is its newest when this begins.

    Each slice is read in a transaction of its own, so that neither a writer nor an erasure waits for a long check.

    Args:
        store: The journal.
        known: Number and hash of a row, as an earlier check gave them.
        between: Told after each slice how many rows were followed and how many are left; may wait, or raise to stop.
    """
    with store.read() as connection:
        start = connection.execute(_START).one()
    until, faults = int(start.newest_id or 0), []
    if start.head_id is None:
        faults.append("the head is missing")
    elif (start.head_id, start.head_hash) != (until, start.newest_hash or GENESIS):
        faults.append(f"the newest row should be {start.head_id}, and is {until}: the end was cut or made anew")
    rows, first, last_id, last_hash, met = 0, 0, 0, GENESIS, known is None
    while last_id < until:
        with store.read() as connection:
            found = connection.execute(_NEXT, {"after": last_id, "until": until, "at_most": AT_ONCE}).all()
            if not found or found[0].id != last_id + 1:
                last_id, last_hash, said = _beginning(connection, found, last_id, last_hash, until)
                faults += said
        for row in found:
            first = first or row.id
            rows += 1
            if row.id != last_id + 1:
                faults.append(f"rows {last_id + 1} to {row.id - 1} are missing")
            if row.prev_hash != last_hash:
                faults.append(f"row {row.id} does not follow the row before it: one was changed, moved or taken away")
            if row.hash != digest(row._asdict()):
                faults.append(f"row {row.id} is not as it was written")
            met = met or (row.id, row.hash) == known
            last_id, last_hash = row.id, row.hash
        if between is not None:
            between(rows, max(0, until - last_id))
    if not met and known is not None:
        with store.read() as connection:
            taken_away = any((one.get("through"), one.get("hash")) == known for one in _pruned(connection))
        if not taken_away and known[0] < first:
            faults.append(f"row {known[0]}, which you gave, was taken away since; give a head of a later check")
        elif not taken_away:
            faults.append(f"row {known[0]} with the hash that you gave is not in the chain: it was made anew or cut")
    return Verified(rows, last_id, last_hash, tuple(faults[:FAULTS_SAID]))


def _pruned(connection: Connection) -> Sequence[dict[str, Any]]:
    return connection.execute(select(Audit.detail).where(Audit.action == PRUNED)).scalars().all()


def _beginning(
    connection: Connection, found: Sequence[Row[Any]], last_id: int, last_hash: str, until: int
) -> tuple[int, str, list[str]]:
    """What must stand before rows that do not follow the last one: what was taken away after its time, also meanwhile.

    Returns:
        Number and hash of the row before, and what is wrong.
    """
    oldest = connection.execute(select(func.min(Audit.id))).scalar_one()
    if oldest is not None and oldest <= last_id:  # rows went from the middle; who follows them says so
        return (last_id, last_hash, []) if found else (until, last_hash, [f"rows {last_id + 1} to {until} are missing"])
    before = (found[0].id if found else until + 1) - 1
    for detail in _pruned(connection):
        if detail.get("through") == before or (not found and int(detail.get("through", 0)) > until):
            return before, str(detail.get("hash")), []
    said = f"rows {last_id + 1} to {before} are missing, and no row tells that they were taken away after their time"
    return before, found[0].prev_hash if found else last_hash, [said]
