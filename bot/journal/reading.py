"""Reads a conversation as staff see it, and writes into the audit that it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.journal import talk
from bot.journal.models import ContactRequest, Conversation, Event, Feedback, Message
from bot.journal.rows import ConversationGone, Line
from bot.journal.staff import Account
from bot.journal.staff_models import Flag, Handoff, Note, Staff, Tag, Teaching
from bot.journal.store import Store
from bot.journal.timeline import COLUMNS


@dataclass(frozen=True)
class Seen:
    """Everything that the desk shows of a conversation.

    Attributes:
        row: The conversation's own columns.
        lines: Its lines, in order; the last ones when there are very many.
        earlier: How many lines before these there are.
        messages: What is known of each patient's message, by number.
        thumbs: Thumbs by line: value and comment.
        flags: Flagged lines, with the name of who did it.
        teachings: What staff said of messages, by number.
        tags: Tags, by name.
        notes: Notes, the oldest first: number, time, whose, name, text.
        handoffs: Wishes for a person, the oldest first.
        contacts: How many times a number or address was left.
        names: Names of staff by number.
    """

    row: Row[Any]
    lines: list[Line]
    earlier: int
    messages: dict[int, Row[Any]]
    thumbs: dict[int, Row[Any]]
    flags: dict[int, str]
    teachings: dict[int, Row[Any]]
    tags: list[str]
    notes: list[Row[Any]]
    handoffs: list[Row[Any]]
    contacts: int
    names: dict[int, str]


def look(store: Store, conversation: str, *, account: Account, now_ms: int, at_most: int, audited: bool) -> Seen:
    """Reads a conversation for a member of staff, and writes into the audit that it was read.

    Args:
        store: The journal.
        conversation: Which conversation.
        account: Who reads.
        now_ms: The time.
        at_most: How many of its lines, the last ones.
        audited: Whether this reading is to be written down; False for one that only goes on.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.write() if audited else store.read() as connection:
        row = connection.execute(select(Conversation.__table__).where(Conversation.id == conversation)).one_or_none()
        if row is None:
            raise ConversationGone("bot.journal: no such conversation")
        first = max(0, int(row.last_seq) - at_most)
        here = Event.conversation_id == conversation
        events = connection.execute(select(*COLUMNS).where(here, Event.seq > first).order_by(Event.seq)).all()
        seen = Seen(
            row=row,
            lines=[Line(*event) for event in events],
            earlier=first,
            messages=_by_seq(connection, Message, conversation, first),
            thumbs=_by_seq(connection, Feedback, conversation, first),
            flags=_pairs(
                connection,
                select(Flag.seq, Staff.name)
                .join(Staff, Staff.id == Flag.staff_id)
                .where(Flag.conversation_id == conversation),
            ),
            teachings=_by_seq(connection, Teaching, conversation, first),
            tags=list(
                connection.execute(
                    select(Tag.tag).where(Tag.conversation_id == conversation).order_by(Tag.tag)
                ).scalars()
            ),
            notes=list(
                connection.execute(
                    select(Note.id, Note.at_ms, Note.staff_id, Staff.name, Note.text)
                    .join(Staff, Staff.id == Note.staff_id)
                    .where(Note.conversation_id == conversation)
                    .order_by(Note.id)
                )
            ),
            handoffs=list(
                connection.execute(
                    select(Handoff.__table__).where(Handoff.conversation_id == conversation).order_by(Handoff.id)
                )
            ),
            contacts=int(
                connection.execute(
                    select(func.count()).where(ContactRequest.conversation_id == conversation)
                ).scalar_one()
            ),
            names=_pairs(connection, select(Staff.id, Staff.name)),
        )
        if audited:
            talk.tell(connection, conversation, account, "view", now_ms, lines=int(row.last_seq))
    return seen


def _pairs(connection: Connection, query: Any) -> dict[Any, Any]:
    return {row[0]: row[1] for row in connection.execute(query)}


def _by_seq(connection: Connection, table: Any, conversation: str, first: int) -> dict[int, Row[Any]]:
    rows = connection.execute(
        select(table.__table__).where(table.conversation_id == conversation, table.seq > first)
    ).all()
    return {row.seq: row for row in rows}


def last_words(store: Store, conversations: list[str]) -> dict[str, str]:
    """What the patient said last in each of these conversations; none for one that only began."""
    if not conversations:
        return {}
    newest = (
        select(Event.conversation_id, func.max(Event.seq).label("seq"))
        .where(Event.conversation_id.in_(conversations), Event.sender == "patient")
        .group_by(Event.conversation_id)
        .subquery()
    )
    query = select(Event.conversation_id, Event.text).join(
        newest, (newest.c.conversation_id == Event.conversation_id) & (newest.c.seq == Event.seq)
    )
    with store.read() as connection:
        return _pairs(connection, query)


def tags_of(store: Store, conversations: list[str]) -> dict[str, list[str]]:
    """The tags of each of these conversations."""
    found: dict[str, list[str]] = {}
    if conversations:
        query = select(Tag.conversation_id, Tag.tag).where(Tag.conversation_id.in_(conversations)).order_by(Tag.tag)
        with store.read() as connection:
            for conversation, tag in connection.execute(query):
                found.setdefault(conversation, []).append(tag)
    return found


def known_tags(store: Store) -> list[str]:
    """Tags in use, the most used first."""
    with store.read() as connection:
        query = select(Tag.tag).group_by(Tag.tag).order_by(func.count().desc(), Tag.tag).limit(100)
        return list(connection.execute(query).scalars())
