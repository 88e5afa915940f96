"""What staff have not read yet, danger first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, case, func, select, update

from bot.journal import lines
from bot.journal.models import Conversation, Message
from bot.journal.store import Store
from bot.records import RED


@dataclass(frozen=True)
class Unreviewed:
    """A conversation with lines that staff have not read.

    Attributes:
        conversation: Its id.
        last_seq: Its newest line; what `reviewed` is told when all of it was read.
        danger_since_ms: When the oldest unread danger was written down, or None.
        waiting_kind: `person_now` or `call_back` when a person is expected, or None.
        waiting_since_ms: Since when, or None.
        unread_since_ms: When the oldest unread message was written down; None when only a wish for a person is unread.
    """

    conversation: str
    last_seq: int
    danger_since_ms: int | None
    waiting_kind: str | None
    waiting_since_ms: int | None
    unread_since_ms: int | None


_DANGER = func.min(case((Message.verdict.in_(RED), Message.received_at_ms)))
_UNREAD = func.min(Message.received_at_ms)
_WAITING = Conversation.waiting_since_ms
_QUEUE = (
    select(Conversation.id, Conversation.last_seq, _DANGER, Conversation.waiting_kind, _WAITING, _UNREAD)
    .outerjoin(Message, (Message.conversation_id == Conversation.id) & (Message.seq > Conversation.reviewed_seq))
    .where(Conversation.last_seq > Conversation.reviewed_seq)
    .group_by(Conversation.id)
    .having((func.count(Message.seq) > 0) | _WAITING.is_not(None))
    .order_by(
        case((_DANGER.is_not(None), 0), (_WAITING.is_not(None), 1), else_=2),
        func.coalesce(_DANGER, _WAITING, _UNREAD),
        Conversation.id,
    )
)

_READ = (
    update(Message)
    .where(
        Message.conversation_id == bindparam("key"),
        Message.seq <= bindparam("through"),
        Message.reviewed_at_ms.is_(None),
    )
    .values(reviewed_at_ms=bindparam("now_ms"))
)


def queue(store: Store, *, at_most: int = 100) -> list[Unreviewed]:
    """The conversations to look at: danger, then those in which a person is expected, then others; oldest first.

    Args:
        store: The journal.
        at_most: How many.
    """
    with store.read() as connection:
        return [Unreviewed(*row) for row in connection.execute(_QUEUE.limit(at_most))]


def reviewed(store: Store, conversation: str, seq: int, *, now_ms: int = 0) -> None:
    """Marks the lines up to `seq` as read; what came after them stays in the queue.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if seq > row.reviewed_seq:  # a slower colleague does not take back what was read
            lines.change(connection, conversation, reviewed_seq=min(seq, row.last_seq))
            connection.execute(_READ, {"key": conversation, "through": seq, "now_ms": now_ms})
