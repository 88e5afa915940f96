"""What a patient leaves beside messages: a thumb on an answer, and how to be called back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select, update

from bot.journal import lines, talk
from bot.journal.inbox import MINUTE_MS
from bot.journal.models import ContactRequest, Event, Feedback, Message, Searchable
from bot.journal.rows import NoSuchLine, TooManyMessages
from bot.journal.staff import Account
from bot.journal.store import Store

_THUMB = (
    update(Message)
    .where(
        Message.conversation_id == bindparam("key"),
        Message.seq
        == select(Searchable.message_seq)
        .where(Searchable.conversation_id == bindparam("key"), Searchable.seq == bindparam("line"))
        .scalar_subquery(),
    )
    .values(thumb=bindparam("value"))
)
RATED = ("bot", "staff")
"""Whose lines can be rated."""


@dataclass(frozen=True)
class Reachable:
    """How a patient asks to be reached; `phone` or `email` is given.

    Attributes:
        name: What to call them, or None.
        phone: Number as typed, or None.
        email: Address as typed, or None.
        time_zone: Their IANA zone, or None.
        note: What it is about, or None.
    """

    name: str | None
    phone: str | None
    email: str | None
    time_zone: str | None
    note: str | None


@dataclass(frozen=True)
class Left:
    """What a patient left, and when they agreed that it is kept."""

    consented_at_ms: int
    reachable: Reachable


def rate(store: Store, conversation: str, seq: int, value: str, comment: str | None, *, now_ms: int) -> bool:
    """Keeps a thumb on a line; a later one replaces it.

    Returns:
        True for the first on this line.

    Raises:
        ConversationGone: There is no such conversation.
        NoSuchLine: `seq` is no line of the bot or of a person of the hospital.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        sender = connection.execute(
            select(Event.sender).where(Event.conversation_id == conversation, Event.seq == seq)
        ).scalar_one_or_none()
        if sender not in RATED:
            raise NoSuchLine(f"bot.journal: line {seq} is no answer; rate a line that came from the bot or from staff")
        connection.execute(_THUMB, {"key": conversation, "line": seq, "value": value})
        disliked = {"disliked_since_ms": row.disliked_since_ms or now_ms} if value == "down" else {}
        lines.change(connection, conversation, changed_at_ms=now_ms, **disliked)
        changed = connection.execute(
            update(Feedback)
            .where(Feedback.conversation_id == conversation, Feedback.seq == seq)
            .values(at_ms=now_ms, value=value, comment=comment)
        )
        if changed.rowcount:
            return False
        connection.execute(
            insert(Feedback).values(conversation_id=conversation, seq=seq, at_ms=now_ms, value=value, comment=comment)
        )
        return True


def leave_contact(
    store: Store, conversation: str, contact: Reachable, confirmation: str, *, now_ms: int, per_minute: int
) -> int:
    """Keeps how to reach a patient, marks the conversation as waiting for a call back, and says that it was noted.

    Args:
        store: The journal.
        conversation: Which conversation.
        contact: How to reach them.
        confirmation: The line that says so; it must not repeat the number.
        now_ms: The time, also that of the consent.
        per_minute: How many may be left in a minute.

    Returns:
        The number of the line that confirms it.

    Raises:
        ConversationGone: There is no such conversation.
        TooManyMessages: More than `per_minute` in the last minute.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        recent, oldest = connection.execute(
            select(func.count(), func.min(ContactRequest.consented_at_ms)).where(
                ContactRequest.conversation_id == conversation, ContactRequest.consented_at_ms > now_ms - MINUTE_MS
            )
        ).one()
        if recent >= per_minute:
            raise TooManyMessages(retry_after_ms=oldest + MINUTE_MS - now_ms)
        connection.execute(
            insert(ContactRequest).values(conversation_id=conversation, consented_at_ms=now_ms, **vars(contact))
        )
        seq = int(row.last_seq) + 1
        lines.append(connection, conversation, seq, now_ms, "system", confirmation, label="contact_noted")
        lines.change(
            connection,
            conversation,
            last_seq=seq,
            changed_at_ms=now_ms,
            **lines.await_person(connection, row, "call_back", now_ms),
        )
        return seq


def read_contacts(store: Store, conversation: str, account: Account, *, now_ms: int) -> list[Left]:
    """How a patient asked to be reached, the newest first, for a member of staff; the look is written into the audit.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.write() as connection:
        lines.lock(connection, conversation)
        rows = connection.execute(
            select(ContactRequest.__table__)
            .where(ContactRequest.conversation_id == conversation)
            .order_by(ContactRequest.id.desc())
        ).all()
        talk.tell(connection, conversation, account, "view_contacts", now_ms, rows=len(rows))
    return [
        Left(row.consented_at_ms, Reachable(row.name, row.phone, row.email, row.time_zone, row.note)) for row in rows
    ]
