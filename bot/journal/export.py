"""One conversation with all that is kept of it, for the person whose it is, or for whom they ask to have it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from bot.journal import audit, contacts, timeline
from bot.journal.clock import iso
from bot.journal.models import Conversation, Feedback, Message
from bot.journal.rows import ConversationGone
from bot.journal.sealing import Box
from bot.journal.staff_models import Flag, Handoff, Note, Tag, Teaching
from bot.journal.store import Store


def exported(store: Store, box: Box, conversation: str, *, now_ms: int, actor: str) -> dict[str, Any]:
    """Gives a conversation as JSON-ready dictionaries, and writes into the audit who took it.

    Args:
        store: The journal.
        box: Opens what was left for a call back.
        conversation: Its id.
        now_ms: The time.
        actor: Who takes it, for the audit.

    Raises:
        ConversationGone: There is no such conversation.
        StoreError: No key opens what was left for a call back, or the journal refuses.
    """
    with store.read() as connection:
        row = (
            connection.execute(select(Conversation.__table__).where(Conversation.id == conversation))
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise ConversationGone("bot.journal: no such conversation")
        messages = (
            connection.execute(
                select(Message.__table__).where(Message.conversation_id == conversation).order_by(Message.seq)
            )
            .mappings()
            .all()
        )
        feedback = (
            connection.execute(
                select(Feedback.__table__).where(Feedback.conversation_id == conversation).order_by(Feedback.seq)
            )
            .mappings()
            .all()
        )
    left = contacts.of(store, box, conversation, now_ms=now_ms, actor=actor)
    found = {
        "conversation": conversation,
        "begun_at": iso(row["created_at_ms"]),
        "language": row["language"],
        "time_zone": row["time_zone"],
        "memory": row["state"],
        "events": [asdict(line) | {"at": iso(line.at_ms)} for line in timeline.after(store, conversation, 0)],
        "messages": [_without(message, "conversation_id") for message in messages],
        "feedback": [_without(thumb, "conversation_id") for thumb in feedback],
        "contacts": [asdict(contact) for contact in left],
        "staff": _by_staff(store, conversation),
    }
    with store.write() as connection:
        audit.append(
            connection,
            at_ms=now_ms,
            actor=actor,
            action="export",
            subject=audit.subject_of(conversation),
            detail={"events": len(found["events"])},
        )
    return found


def _by_staff(store: Store, conversation: str) -> dict[str, list[dict[str, Any]]]:
    """What staff added: hand-offs, tags, notes, flags, and what messages should have been read as."""
    found = {}
    with store.read() as connection:
        for table in (Handoff, Tag, Note, Flag, Teaching):
            rows = connection.execute(select(table.__table__).where(table.conversation_id == conversation)).mappings()
            found[table.__tablename__] = [_without(row, "conversation_id") for row in rows]
    return found


def _without(row: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
