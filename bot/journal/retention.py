"""Keeps nothing for longer than the settings say."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select, update

from bot.journal import audit, conversations
from bot.journal.models import ContactRequest, Conversation, Event, Feedback, Message, Searchable
from bot.journal.rows import ConversationGone
from bot.journal.store import Store
from bot.settings import Settings

DAY_MS = 86_400_000
AT_ONCE = 100
"""Conversations erased in one transaction: patients who write meanwhile wait for one such step at most."""


@dataclass(frozen=True)
class Erased:
    """How much was erased, by kind."""

    conversations: int
    contacts: int
    feedback: int
    audit: int

    def any(self) -> bool:
        """Whether there was anything."""
        return any(asdict(self).values())


def retain(store: Store, settings: Settings, *, now_ms: int, actor: str = "retention") -> Erased:
    """Erases what is older than its kind may be, and leaves one row in the audit when there was anything.

    A conversation's age counts from its last line. Each erased one leaves its tombstone too.

    Args:
        store: The journal.
        settings: The days of each kind.
        now_ms: The time.
        actor: Who does it, for the audit.

    Raises:
        StoreError: The journal refuses; what was erased until then stays erased.
    """
    erased_conversations = _conversations(store, now_ms - settings.conversation_retention_days * DAY_MS, now_ms, actor)
    with store.write() as connection:
        contacts = connection.execute(
            delete(ContactRequest).where(
                ContactRequest.consented_at_ms < now_ms - settings.contact_retention_days * DAY_MS
            )
        ).rowcount
        feedback = _feedback(connection, now_ms - settings.feedback_retention_days * DAY_MS)
        rows = audit.prune(
            connection, before_ms=now_ms - settings.audit_retention_days * DAY_MS, now_ms=now_ms, actor=actor
        )
        erased = Erased(erased_conversations, contacts, feedback, rows)
        if erased.any():
            audit.append(
                connection, at_ms=now_ms, actor=actor, action="retain", subject="journal", detail=asdict(erased)
            )
    if erased.any():
        store.scrub()
    return erased


def _feedback(connection: Connection, before_ms: int) -> int:
    """Erases thumbs, and what search and figures were told of them."""
    told = (
        select(Feedback.seq)
        .join(Searchable, (Searchable.conversation_id == Feedback.conversation_id) & (Searchable.seq == Feedback.seq))
        .where(
            Searchable.conversation_id == Message.conversation_id,
            Searchable.message_seq == Message.seq,
        )
    )
    connection.execute(
        update(Message)
        .where(
            Message.thumb.is_not(None),
            told.where(Feedback.at_ms < before_ms).exists(),
            ~told.where(Feedback.at_ms >= before_ms).exists(),
        )
        .values(thumb=None)
    )
    gone = connection.execute(delete(Feedback).where(Feedback.at_ms < before_ms)).rowcount
    if gone:
        disliked = select(Feedback.seq).where(
            Feedback.conversation_id == Conversation.id,
            Feedback.value == "down",
            Feedback.seq > Conversation.reviewed_seq,
        )
        connection.execute(
            update(Conversation)
            .where(Conversation.disliked_since_ms.is_not(None), ~disliked.exists())
            .values(disliked_since_ms=None)
        )
    return gone


def _conversations(store: Store, before_ms: int, now_ms: int, actor: str) -> int:
    old = (
        select(Conversation.id)
        .where(
            Conversation.created_at_ms < before_ms,
            ~select(Event.seq).where(Event.conversation_id == Conversation.id, Event.at_ms >= before_ms).exists(),
        )
        .order_by(Conversation.created_at_ms)
        .limit(AT_ONCE)
    )
    count = 0
    while True:
        with store.write() as connection:
            found = connection.execute(old).scalars().all()
            for conversation in found:
                try:
                    conversations.remove(connection, conversation, now_ms=now_ms, actor=actor)
                    count += 1
                except ConversationGone:  # its patient erased it in between
                    continue
        if len(found) < AT_ONCE:
            return count
