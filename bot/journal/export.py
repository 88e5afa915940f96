"""One conversation with all that is kept of it, for the person whose it is, or for whom they ask to have it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from bot.journal import audit, contacts, timeline
from bot.journal.audit import subject_of
from bot.journal.clock import iso
from bot.journal.models import (
    ContactRequest,
    Conversation,
    Event,
    Feedback,
    Message,
    Searchable,
    tables_of_a_conversation,
)
from bot.journal.rows import ConversationGone
from bot.journal.sealing import Box
from bot.journal.store import Store

_APART = {table.__tablename__ for table in (Event, Message, Feedback, ContactRequest, Searchable)}
"""Tables that are exported by themselves; the search index holds nothing but the words of the events."""


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
        added = {
            table.name: [
                _without(one, "conversation_id")
                for one in connection.execute(
                    select(table).where(table.c.conversation_id == conversation).order_by(*table.primary_key)
                ).mappings()
            ]
            for table in tables_of_a_conversation()
            if table.name not in _APART
        }
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
        "added_by_staff": added,
    }
    with store.write() as connection:
        audit.append(
            connection,
            at_ms=now_ms,
            actor=actor,
            action="export",
            subject=subject_of(conversation),
            detail={"events": len(found["events"])},
        )
    return found


def _without(row: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
