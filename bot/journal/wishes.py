"""What a patient leaves beside messages: a thumb on an answer, and how to be called back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bot.journal import lines
from bot.journal.inbox import MINUTE_MS
from bot.journal.models import ContactRequest, Event, Feedback, Message, Searchable
from bot.journal.rows import NoSuchLine, TooManyMessages
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.records import Reply

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
_DISLIKED = select(func.min(Feedback.at_ms)).where(
    Feedback.conversation_id == bindparam("key"), Feedback.value == "down", Feedback.at_ms >= bindparam("since_ms")
)
RATED = ("bot", "staff")
"""Whose lines can be rated."""


@dataclass(frozen=True)
class Aside:
    """What a patient typed beside messages.

    Attributes:
        text: The words without their secrets.
        hidden: Kinds of secrets that were hidden.
        safety: The fixed text when the words tell of danger, else None.
        verdict: What the screen saw, or None.
    """

    text: str
    hidden: tuple[str, ...] = ()
    safety: Reply | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Reachable:
    """How a patient asks to be reached; `phone` or `email` is given.

    Attributes:
        name: What to call them, or None.
        phone: Number as typed, or None.
        email: Address as typed, or None.
        time_zone: Their IANA zone, or None.
        note: What it is about, without its secrets, or None.
    """

    name: str | None
    phone: str | None
    email: str | None
    time_zone: str | None
    note: Aside | None


def _answer_danger(
    connection: Connection, row: Row[Any], kind: str, aside: Aside | None, now_ms: int
) -> tuple[int, dict[str, Any]]:
    """Answers danger in an aside as a line of the conversation, and puts it before staff.

    Returns:
        The last number, and the conversation's new columns.
    """
    if aside is None or aside.safety is None:
        return int(row.last_seq), {}
    seq = int(row.last_seq) + 1
    lines.append_reply(connection, row.id, seq, now_ms, aside.safety, reply_to=None)
    lines.index(connection, row.id, seq, "patient", aside.text, None)  # the words have no line of their own
    connection.execute(
        insert(Message).values(
            conversation_id=row.id, seq=seq, kind=kind, sent=aside.text, received_at_ms=now_ms, attempts=0,
            answered_at_ms=now_ms, outcome="safety", verdict=aside.verdict,
        )
    )  # fmt: skip
    return seq, lines.unread(row, now_ms, aside.verdict)


def rate(store: Store, conversation: str, seq: int, value: str, comment: Aside | None, *, now_ms: int) -> bool:
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
        last_seq, found = _answer_danger(connection, row, "comment", comment, now_ms)
        connection.execute(_THUMB, {"key": conversation, "line": seq, "value": value})
        words = comment.text if comment else None
        changed = connection.execute(
            update(Feedback)
            .where(Feedback.conversation_id == conversation, Feedback.seq == seq)
            .values(at_ms=now_ms, value=value, comment=words)
        )
        if not changed.rowcount:
            connection.execute(
                insert(Feedback).values(conversation_id=conversation, seq=seq, at_ms=now_ms, value=value, comment=words)
            )
        if value == "down":
            found["disliked_since_ms"] = row.disliked_since_ms or now_ms
        elif row.disliked_since_ms is not None:  # this may have been the thumb that nobody has read
            found["disliked_since_ms"] = connection.execute(
                _DISLIKED, {"key": conversation, "since_ms": row.disliked_since_ms}
            ).scalar_one()
        lines.change(connection, conversation, last_seq=last_seq, changed_at_ms=now_ms, **found)
        return not changed.rowcount


def leave_contact(
    store: Store, box: Box, conversation: str, contact: Reachable, confirmation: str, *, now_ms: int, per_minute: int
) -> int:
    """Keeps how to reach a patient, encrypted; the conversation waits for a call back from then on, and says so.

    Args:
        store: The journal.
        box: Encrypts what was left.
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
            insert(ContactRequest).values(
                conversation_id=conversation,
                consented_at_ms=now_ms,
                time_zone=contact.time_zone,
                sealed=box.seal(
                    {
                        "name": contact.name,
                        "phone": contact.phone,
                        "email": contact.email,
                        "note": contact.note.text if contact.note else None,
                    }
                ),
            )
        )
        last_seq, found = _answer_danger(connection, row, "note", contact.note, now_ms)
        seq = last_seq + 1
        lines.append(connection, conversation, seq, now_ms, "system", confirmation, label="contact_noted")
        lines.change(
            connection,
            conversation,
            last_seq=seq,
            changed_at_ms=now_ms,
            **found,
            **lines.await_person(connection, row, "call_back", now_ms),
        )
        return seq
