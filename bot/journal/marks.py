"""What staff add to a conversation: whose it is, tags, notes and flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from bot.journal import lines, talk
from bot.journal.models import Event
from bot.journal.rows import NoSuchLine
from bot.journal.staff import Account
from bot.journal.staff_models import Flag, Note, Staff, Tag
from bot.journal.store import Store

TAGS_MOST = 20


def change(
    store: Store, conversation: str, account: Account, action: str, now_ms: int,
    step: Callable[[Connection], Any], **detail: Any,
) -> None:  # fmt: skip
    """One change of a locked conversation, with its row in the audit."""
    with store.write() as connection:
        lines.lock(connection, conversation)
        step(connection)
        lines.change(connection, conversation, changed_at_ms=now_ms)
        talk.tell(connection, conversation, account, action, now_ms, **detail)


def assign(store: Store, conversation: str, account: Account, to: int | None, *, now_ms: int) -> None:
    """Assigns a conversation to somebody, or to nobody.

    Raises:
        ConversationGone: There is no such conversation.
        NoSuchLine: There is nobody of this number.
    """

    def step(connection: Connection) -> None:
        if (
            to is not None
            and not connection.execute(select(Staff.id).where(Staff.id == to, Staff.disabled_at_ms.is_(None))).first()
        ):
            raise NoSuchLine("bot.journal: nobody of this number works here")
        lines.change(connection, conversation, assigned_to=to)

    change(store, conversation, account, "assign", now_ms, step, to=to)


def tag(store: Store, conversation: str, account: Account, word: str, on: bool, *, now_ms: int) -> None:
    """Puts a tag on a conversation, or takes it away.

    Raises:
        ConversationGone: There is no such conversation.
    """

    def step(connection: Connection) -> None:
        this = (Tag.conversation_id == conversation) & (Tag.tag == word)
        there = connection.execute(select(Tag.tag).where(this)).first() is not None
        if on and not there:
            count = connection.execute(
                select(func.count()).select_from(Tag).where(Tag.conversation_id == conversation)
            ).scalar_one()
            if count >= TAGS_MOST:
                raise NoSuchLine(f"bot.journal: {TAGS_MOST} tags are the most that one conversation may have")
            connection.execute(
                insert(Tag).values(conversation_id=conversation, tag=word, staff_id=account.id, at_ms=now_ms)
            )
        elif not on:
            connection.execute(delete(Tag).where(this))

    change(store, conversation, account, "tag" if on else "untag", now_ms, step)  # the word may name somebody


def note(store: Store, conversation: str, account: Account, text: str, *, now_ms: int) -> None:
    """Adds a note for colleagues.

    Raises:
        ConversationGone: There is no such conversation.
    """

    def step(connection: Connection) -> None:
        connection.execute(
            insert(Note).values(conversation_id=conversation, staff_id=account.id, at_ms=now_ms, text=text)
        )

    change(store, conversation, account, "note", now_ms, step)


def unnote(store: Store, conversation: str, account: Account, number: int, *, now_ms: int) -> None:
    """Takes one's own note away; somebody else's stays.

    Raises:
        ConversationGone: There is no such conversation.
        NoSuchLine: There is no such note of theirs.
    """

    def step(connection: Connection) -> None:
        gone = connection.execute(
            delete(Note).where(Note.id == number, Note.conversation_id == conversation, Note.staff_id == account.id)
        )
        if not gone.rowcount:
            raise NoSuchLine("bot.journal: only your own notes can be taken away")

    change(store, conversation, account, "unnote", now_ms, step, note=number)


def flag(store: Store, conversation: str, account: Account, seq: int, *, now_ms: int) -> None:
    """Flags a line, or takes the flag away.

    Raises:
        ConversationGone: There is no such conversation.
        NoSuchLine: There is no such line.
    """

    def step(connection: Connection) -> None:
        this = (Flag.conversation_id == conversation) & (Flag.seq == seq)
        if connection.execute(delete(Flag).where(this)).rowcount:
            return
        line(connection, conversation, seq)
        connection.execute(
            insert(Flag).values(conversation_id=conversation, seq=seq, staff_id=account.id, at_ms=now_ms)
        )

    change(store, conversation, account, "flag", now_ms, step, seq=seq)


def line(connection: Connection, conversation: str, seq: int) -> Row[Any]:
    """Sender and text of a line.

    Raises:
        NoSuchLine: There is none.
    """
    row: Any = connection.execute(
        select(Event.sender, Event.text).where(Event.conversation_id == conversation, Event.seq == seq)
    ).one_or_none()
    if row is None:
        raise NoSuchLine(f"bot.journal: there is no line {seq} in this conversation")
    found: Row[Any] = row
    return found
