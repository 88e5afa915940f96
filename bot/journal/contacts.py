"""What patients left for a call back, for staff: read by role (the desk's check), each reading in the audit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from bot.journal import audit
from bot.journal.audit import subject_of
from bot.journal.models import ContactRequest
from bot.journal.sealing import Box
from bot.journal.store import Store


@dataclass(frozen=True)
class Contact:
    """How a patient asked to be reached.

    Attributes:
        id: Its number in the journal.
        consented_at_ms: When they agreed that it is kept.
        time_zone: Their IANA zone, or None.
        name: What to call them, or None.
        phone: Number as typed, or None.
        email: Address as typed, or None.
        note: What it is about, without secrets, or None.
    """

    id: int
    consented_at_ms: int
    time_zone: str | None
    name: str | None
    phone: str | None
    email: str | None
    note: str | None


def of(store: Store, box: Box, conversation: str, *, now_ms: int, actor: str) -> list[Contact]:
    """Reads what was left in a conversation, oldest first, and writes into the audit who read it.

    Whether `actor` may is for the caller to know: the desk checks the role.

    Args:
        store: The journal.
        box: Opens what is encrypted.
        conversation: Its id.
        now_ms: The time.
        actor: Who reads, for the audit.

    Raises:
        StoreError: No key opens it, or the journal refuses.
    """
    with store.write() as connection:
        found = [
            Contact(row.id, row.consented_at_ms, row.time_zone, **box.open(row.sealed))
            for row in connection.execute(
                select(
                    ContactRequest.id, ContactRequest.consented_at_ms, ContactRequest.time_zone, ContactRequest.sealed
                )
                .where(ContactRequest.conversation_id == conversation)
                .order_by(ContactRequest.id)
            )
        ]
        if found:
            audit.append(
                connection,
                at_ms=now_ms,
                actor=actor,
                action="read_contact",
                subject=subject_of(conversation),
                detail={"contacts": len(found)},
            )
    return found


def renew(store: Store, box: Box) -> int:
    """Encrypts everything anew by the newest key, so that older keys can be taken away.

    Returns:
        How many were encrypted anew.
    """
    with store.write() as connection:
        rows = connection.execute(select(ContactRequest.id, ContactRequest.sealed)).all()
        for row in rows:
            connection.execute(
                update(ContactRequest).where(ContactRequest.id == row.id).values(sealed=box.renew(row.sealed))
            )
    return len(rows)
