"""Reads a conversation: its lines, its newest number, and the button behind a pressed choice."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from bot.journal.models import Conversation, Event
from bot.journal.rows import ConversationGone, Line
from bot.journal.store import Store
from bot.records import Button

COLUMNS = (
    Event.seq, Event.at_ms, Event.sender, Event.text, Event.language,
    Event.reply_to, Event.client_id, Event.label, Event.body,
)  # fmt: skip

_AFTER = (
    select(*COLUMNS)
    .where(Event.conversation_id == bindparam("key"), Event.seq > bindparam("number"))
    .order_by(Event.seq)
)

AT_ONCE = 500
"""Identifiers in one query; PostgreSQL and SQLite both take that many with ease."""


def after(store: Store, conversation: str, seq: int) -> list[Line]:
    """The lines with a number above `seq`, in order.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.read() as connection:
        rows = connection.execute(_AFTER, {"key": conversation, "number": seq}).all()
        if (
            not rows
            and connection.execute(select(Conversation.id).where(Conversation.id == conversation)).first() is None
        ):
            raise ConversationGone("bot.journal: no such conversation")
    return [Line(*row) for row in rows]


def newest(store: Store, conversations: Sequence[str]) -> dict[str, int]:
    """The last number of each of these conversations; an erased one is not in the answer."""
    found: dict[str, int] = {}
    with store.read() as connection:
        for start in range(0, len(conversations), AT_ONCE):
            some = conversations[start : start + AT_ONCE]
            rows = connection.execute(select(Conversation.id, Conversation.last_seq).where(Conversation.id.in_(some)))
            found.update({row.id: row.last_seq for row in rows})
    return found


_CHANGED = (
    select(Conversation.id, Conversation.changed_at_ms)
    .where(Conversation.changed_at_ms > bindparam("since_ms"))
    .order_by(Conversation.changed_at_ms)
    .limit(AT_ONCE)
)


def changed(store: Store, since_ms: int) -> list[tuple[str, int]]:
    """Conversations that changed after a time, with when they did, the oldest change first."""
    with store.read() as connection:
        return [(row.id, row.changed_at_ms) for row in connection.execute(_CHANGED, {"since_ms": since_ms})]


def button(store: Store, conversation: str, seq: int, index: int) -> Button | None:
    """The button at `index` of line `seq`, or None when there is no such line or button."""
    with store.read() as connection:
        body = connection.execute(
            select(Event.body).where(Event.conversation_id == conversation, Event.seq == seq)
        ).scalar_one_or_none()
    buttons = (body or {}).get("buttons", [])
    return Button(**buttons[index]) if 0 <= index < len(buttons) else None
