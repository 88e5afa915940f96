"""What staff have not read yet: the queues of the desk, and how a line is marked as read.

Each queue is a column of `Conversation` that says since when something is unread, so that it is found by an index
however many conversations there are. The columns are set where a line is written and made anew when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select, true, update

from bot.journal import audit, lines
from bot.journal.models import Conversation, Event, Feedback, Message
from bot.journal.staff import Account
from bot.journal.store import Store
from bot.records import RED

QUEUES = ("danger", "waiting", "mine", "unanswered", "disliked", "review", "all")
"""The desk's queues: danger not read; a person is wished for and nobody has come; assigned to me or taken by me; a
question that the bot had no answer to, not read; a thumb down, not read; anything of these or another message not read;
everything."""

COUNTED_TO = 100
"""Queues are counted up to this; a longer one is "99+"."""


@dataclass(frozen=True)
class Listed:
    """A conversation in a queue. Times are ms since 1970-01-01 UTC, None when there is nothing of the kind.

    Attributes:
        conversation: Its id.
        last_seq: Its newest line; what `reviewed` is told when all of it was read.
        language: BCP 47 tag of the patient's browser.
        created_at_ms: When it began.
        changed_at_ms: When anything in it changed last.
        danger_since_ms: When the oldest unread danger was written down.
        waiting_kind: `person_now` or `call_back` when a person is expected.
        waiting_since_ms: Since when.
        unread_since_ms: When the oldest unread message was written down; None when only a wish for a person is unread.
        unanswered_since_ms: Since when a question without an answer is unread.
        disliked_since_ms: Since when a thumb down is unread.
        assigned_to: Number of the member of staff it is assigned to.
        taken_by: Number of the one who is talking to the patient.
    """

    conversation: str
    last_seq: int
    language: str | None
    created_at_ms: int
    changed_at_ms: int
    danger_since_ms: int | None
    waiting_kind: str | None
    waiting_since_ms: int | None
    unread_since_ms: int | None
    unanswered_since_ms: int | None
    disliked_since_ms: int | None
    assigned_to: int | None
    taken_by: int | None


_C = Conversation
LISTED = (
    _C.id, _C.last_seq, _C.language, _C.created_at_ms, _C.changed_at_ms, _C.danger_since_ms, _C.waiting_kind,
    _C.waiting_since_ms, _C.unread_since_ms, _C.unanswered_since_ms, _C.disliked_since_ms, _C.assigned_to, _C.taken_by,
)  # fmt: skip
"""Columns of a `Listed`, in its order."""

_SINCE = (
    _C.danger_since_ms, _C.waiting_since_ms, _C.unread_since_ms, _C.unanswered_since_ms, _C.disliked_since_ms
)  # fmt: skip
"""Since when something is to be looked at. None follows from another: a thumb, and what the bot says of a message that
was read before it was answered, come to a conversation in which all was read."""

_URGENT_FIRST = (
    case((_C.danger_since_ms.is_not(None), 0), (_C.waiting_since_ms.is_not(None), 1), else_=2),
    func.coalesce(*_SINCE),
    _C.id,
)

_OF_IT = Message.conversation_id == bindparam("key")
_READ = (
    update(Message)
    .where(_OF_IT, Message.seq <= bindparam("through"), Message.reviewed_at_ms.is_(None))
    .values(reviewed_at_ms=bindparam("now_ms"))
)
_UNREAD = (
    update(Message)
    .where(_OF_IT, Message.seq > bindparam("through"), Message.reviewed_at_ms.is_not(None))
    .values(reviewed_at_ms=None)
)


def _of(name: str, me: int) -> tuple[ColumnElement[bool], tuple[Any, ...]]:
    """A queue's condition and order."""
    match name:
        case "danger":
            return _C.danger_since_ms.is_not(None), (_C.danger_since_ms, _C.id)
        case "waiting":
            # the longest waiting first, but whoever sits before the screen before whoever waits for a call
            kind = case((_C.waiting_kind == "person_now", 0), else_=1)
            return and_(_C.waiting_since_ms.is_not(None), _C.taken_by.is_(None)), (kind, _C.waiting_since_ms, _C.id)
        case "mine":
            mine = or_(_C.assigned_to == me, _C.taken_by == me)
            return mine, (case((_C.taken_by == me, 0), else_=1), _C.changed_at_ms.desc(), _C.id)
        case "unanswered":
            return _C.unanswered_since_ms.is_not(None), (_C.unanswered_since_ms, _C.id)
        case "disliked":
            return _C.disliked_since_ms.is_not(None), (_C.disliked_since_ms, _C.id)
        case "review":
            return or_(*(since.is_not(None) for since in _SINCE)), _URGENT_FIRST
        case "all":
            return true(), (_C.changed_at_ms.desc(), _C.id)
    raise ValueError(f"bot.journal: no queue {name!r}; there are {', '.join(QUEUES)}")


def queue(store: Store, name: str = "review", *, me: int = 0, at_most: int = 100) -> list[Listed]:
    """The conversations of a queue, the most urgent or the oldest first; for `mine` and `all` the newest.

    Args:
        store: The journal.
        name: One of `QUEUES`.
        me: Number of the member of staff who asks, for `mine`.
        at_most: How many.
    """
    condition, order = _of(name, me)
    with store.read() as connection:
        rows = connection.execute(select(*LISTED).where(condition).order_by(*order).limit(at_most))
        return [Listed(*tuple(row)) for row in rows]


def one(store: Store, conversation: str) -> Listed | None:
    """A conversation as it stands in a queue; None when there is none."""
    with store.read() as connection:
        row = connection.execute(select(*LISTED).where(_C.id == conversation)).one_or_none()
    return Listed(*tuple(row)) if row else None


def counts(store: Store, *, me: int) -> dict[str, int]:
    """How many conversations each queue but `all` holds, counted up to `COUNTED_TO`."""
    found: dict[str, int] = {}
    with store.read() as connection:
        for name in QUEUES[:-1]:
            condition, _ = _of(name, me)
            some = select(_C.id).where(condition).limit(COUNTED_TO).subquery()
            found[name] = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return found


def reviewed(
    store: Store, conversation: str, seq: int, *, now_ms: int | None = None, by: Account | None = None
) -> None:
    """Marks the lines up to `seq` as read; what came after them stays in the queue.

    Args:
        store: The journal.
        conversation: Which conversation.
        seq: The last line that was read.
        now_ms: The time, so that other pages of the desk see the change; None when nobody has to.
        by: Who read it, for the audit.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if seq >= row.reviewed_seq:  # a slower colleague does not take back what was read
            mark_read(connection, conversation, min(seq, row.last_seq), now_ms=now_ms)
            _tell(connection, conversation, by, "read", now_ms, seq)


def unread(store: Store, conversation: str, seq: int, *, now_ms: int, by: Account | None = None) -> None:
    """Marks the lines from `seq` on as unread again.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if seq <= row.reviewed_seq:
            mark_read(connection, conversation, max(0, seq - 1), now_ms=now_ms)
            _tell(connection, conversation, by, "unread", now_ms, seq)


def _tell(
    connection: Connection, conversation: str, by: Account | None, action: str, now_ms: int | None, seq: int
) -> None:
    if by is not None:
        subject = audit.subject_of(conversation)
        detail = {"seq": seq}
        audit.append(connection, at_ms=now_ms or 0, actor=by.actor, action=action, subject=subject, detail=detail)


def mark_read(connection: Connection, conversation: str, seq: int, *, now_ms: int | None) -> None:
    """Sets how far a locked conversation was read, and makes what is unread of it anew."""
    message = (Message.conversation_id == conversation) & (Message.seq > seq)
    event = (Event.conversation_id == conversation) & (Event.seq > seq) & (Event.sender == "bot")
    thumb = (Feedback.conversation_id == conversation) & (Feedback.seq > seq) & (Feedback.value == "down")
    times = connection.execute(
        select(
            select(func.min(Message.received_at_ms)).where(message).scalar_subquery(),
            select(func.min(Message.received_at_ms)).where(message, Message.verdict.in_(RED)).scalar_subquery(),
            select(func.min(Event.at_ms)).where(event, Event.label == lines.UNANSWERED).scalar_subquery(),
            select(func.min(Feedback.at_ms)).where(thumb).scalar_subquery(),
        )
    ).one()
    connection.execute(_UNREAD, {"key": conversation, "through": seq})
    if now_ms is not None:
        connection.execute(_READ, {"key": conversation, "through": seq, "now_ms": now_ms})
    changed = {} if now_ms is None else {"changed_at_ms": now_ms}
    lines.change(
        connection, conversation, reviewed_seq=seq, unread_since_ms=times[0], danger_since_ms=times[1],
        unanswered_since_ms=times[2], disliked_since_ms=times[3], **changed,
    )  # fmt: skip
