"""Steps inside a transaction that several modules share: lock a conversation, append to it, find its next message.

Statements of the hot path are made once, here and in `inbox` and `queue`: making them anew for every message cost
more than running them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bot.journal import terms
from bot.journal.models import Conversation, Event, Message, Searchable
from bot.journal.rows import Claim, ConversationGone, Job
from bot.journal.staff_models import Handoff
from bot.records import RED, Reply

WAITING_KINDS = ("person_now", "call_back")
"""Hand-offs after which a person is expected, the more urgent first."""

UNANSWERED = "fallback"
"""Label of a reply that is no answer: what staff look at to find out what patients ask in vain."""

_LOCK = select(Conversation.__table__).where(Conversation.id == bindparam("key")).with_for_update()
_APPEND = insert(Event)
_INDEX = insert(Searchable)
_LATEST_MESSAGE = select(func.max(Message.seq)).where(
    Message.conversation_id == bindparam("key"), Message.seq < bindparam("before")
)
_CHANGE = update(Conversation).where(Conversation.id == bindparam("key"))
_NEXT = (
    select(Message.seq, Message.kind, Message.sent, Message.received_at_ms, Message.attempts, Message.verdict)
    .where(Message.conversation_id == bindparam("key"), Message.answered_at_ms.is_(None))
    .order_by(Message.seq)
    .limit(1)
)


def lock(connection: Connection, conversation: str) -> Row[Any]:
    """Locks a conversation until the transaction ends and returns its row.

    Every writer does this first, so that numbers have no gaps and doors never cross.

    Raises:
        ConversationGone: There is none.
    """
    row = connection.execute(_LOCK, {"key": conversation}).one_or_none()
    if row is None:
        raise ConversationGone("bot.journal: no such conversation")
    return row


def append(
    connection: Connection,
    conversation: str,
    seq: int,
    at_ms: int,
    sender: str,
    text: str,
    *,
    language: str = "en",
    reply_to: int | None = None,
    client_id: str | None = None,
    label: str | None = None,
    body: dict[str, Any] | None = None,
) -> None:
    """Writes one line; the caller holds the lock, and stores the new `last_seq` with its other changes."""
    connection.execute(
        _APPEND,
        {
            "conversation_id": conversation,
            "seq": seq,
            "at_ms": at_ms,
            "sender": sender,
            "text": text,
            "language": language,
            "reply_to": reply_to,
            "client_id": client_id,
            "label": label,
            "body": body or {},
        },
    )
    if sender != "system" and (sender != "bot" or reply_to):  # greetings and notices are in the way of who searches
        index(connection, conversation, seq, sender, text, reply_to)


def index(connection: Connection, conversation: str, seq: int, sender: str, text: str, reply_to: int | None) -> None:
    """Hands a line to the search; it leaves the index with the line itself."""
    message = seq if sender == "patient" else reply_to
    if message is None:
        message = connection.execute(_LATEST_MESSAGE, {"key": conversation, "before": seq}).scalar_one() or 0
    made = terms.indexed(sender, text, sqlite=connection.dialect.name == "sqlite")
    connection.execute(_INDEX, {"conversation_id": conversation, "seq": seq, "message_seq": message, "terms": made})


def append_reply(
    connection: Connection, conversation: str, seq: int, at_ms: int, reply: Reply, *, reply_to: int | None
) -> None:
    """Writes one of the bot's replies as a line."""
    body: dict[str, Any] = {}
    if reply.answer is not None:
        body["answer"] = vars(reply.answer)
    if reply.buttons:
        body["buttons"] = [vars(button) for button in reply.buttons]
    if reply.safety:
        body["safety"] = reply.safety
    if reply.handoff:
        body["handoff"] = reply.handoff
    append(
        connection, conversation, seq, at_ms, "bot", reply.text,
        language=reply.language, reply_to=reply_to, label=reply.label, body=body,
    )  # fmt: skip


def greet_first(connection: Connection, row: Row[Any], now_ms: int, greeting: Reply) -> int:
    """Says the fixed greeting if nothing was said yet; returns the last number used."""
    if row.last_seq:
        return int(row.last_seq)
    append_reply(connection, row.id, 1, now_ms, greeting, reply_to=None)
    connection.execute(
        update(Message)
        .where(Message.conversation_id == row.id, Message.seq == 0, Message.answered_at_ms.is_(None))
        .values(answered_at_ms=now_ms, outcome="greeting")
    )
    return 1


def waiting(connection: Connection, replies: tuple[Reply, ...], row: Row[Any], at_ms: int) -> dict[str, Any]:
    """The columns that say that a person is expected, if one of the replies asks for one."""
    kinds = {str(reply.handoff.get("kind")) for reply in replies if reply.handoff}
    for kind in WAITING_KINDS:
        if kind in kinds:
            return await_person(connection, row, kind, at_ms)
    return {}


def await_person(connection: Connection, row: Row[Any], kind: str, at_ms: int) -> dict[str, Any]:
    """Opens a hand-off, or makes the open one as urgent as the new wish; gives the conversation's new columns."""
    if row.waiting_kind is None:
        connection.execute(insert(Handoff).values(conversation_id=row.id, kind=kind, asked_at_ms=at_ms))
    elif WAITING_KINDS.index(kind) < WAITING_KINDS.index(row.waiting_kind):
        connection.execute(update(Handoff).where(untaken(row.id)).values(kind=kind))
    else:
        kind = row.waiting_kind
    return {"waiting_kind": kind, "waiting_since_ms": row.waiting_since_ms or at_ms}


def untaken(conversation: str) -> Any:
    """The condition of a conversation's hand-off that nobody has taken yet; there is one at most."""
    return (
        (Handoff.conversation_id == conversation) & Handoff.taken_at_ms.is_(None) & Handoff.ended_at_ms.is_(None)
    )  # fmt: skip


def unread(row: Row[Any], at_ms: int, verdict: str | None) -> dict[str, Any]:
    """The columns that say that staff have something to read, after a patient's message with this verdict."""
    columns = {"unread_since_ms": row.unread_since_ms or at_ms}
    if verdict in RED:
        columns["danger_since_ms"] = row.danger_since_ms or at_ms
    return columns


def next_job(connection: Connection, row: Row[Any], claim: Claim, *, state: dict[str, Any]) -> Job | None:
    """The oldest unanswered message of a locked conversation, as a job under `claim`; None when all are answered."""
    message = connection.execute(_NEXT, {"key": row.id}).one_or_none()
    if message is None:
        return None
    return Job(
        conversation=row.id,
        seq=message.seq,
        kind=message.kind,
        sent=message.sent,
        state=state,
        language=row.language,
        time_zone=row.time_zone,
        received_at_ms=message.received_at_ms,
        attempts=message.attempts,
        claim=claim,
        verdict=message.verdict,
    )


def change(connection: Connection, conversation: str, **columns: Any) -> None:
    """Changes columns of a locked conversation."""
    connection.execute(_CHANGE, {"key": conversation, **columns})
