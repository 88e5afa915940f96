"""A person of the hospital takes a conversation over, talks to the patient, and gives it back to the bot.

While `taken_by` is set, messages are written down as answered by staff and never reach the brain (`bot.journal.inbox`),
so the bot stays silent through restarts and whatever is pressed. Danger is answered all the same.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from bot.errors import MarrowError
from bot.journal import audit, lines, names, review
from bot.journal.models import Conversation, Event, Message
from bot.journal.staff import Account
from bot.journal.staff_models import Handoff, Staff
from bot.journal.store import Store

JOINED, LEFT = "joined", "left"


class Taken(MarrowError):
    """Somebody else talks to this patient."""


class NotTaken(MarrowError):
    """Whoever wants to write has not taken the conversation over."""


def take(store: Store, conversation: str, account: Account, text: str, *, now_ms: int) -> bool:
    """Takes a conversation over; from this moment on the bot is silent. Whom it is assigned to stays.

    What the bot has not answered yet stays for the person to answer, also what the brain is working on: its answer
    finds nothing open any more.

    Args:
        store: The journal.
        conversation: Which conversation.
        account: Who takes it.
        text: The line that tells the patient.
        now_ms: The time.

    Returns:
        False when it was theirs already.

    Raises:
        ConversationGone: There is no such conversation.
        Taken: Somebody else was quicker.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if row.taken_by == account.id:
            return False
        if row.taken_by is not None:
            raise Taken(f"bot.journal: {name_of(connection, row.taken_by)} talks to this patient already")
        connection.execute(
            update(Message)
            .where(Message.conversation_id == conversation, Message.answered_at_ms.is_(None))
            .values(answered_at_ms=now_ms, outcome="staff")
        )
        changed = connection.execute(
            update(Handoff).where(lines.untaken(conversation)).values(taken_at_ms=now_ms, taken_by=account.id)
        )
        if not changed.rowcount:
            connection.execute(
                insert(Handoff).values(
                    conversation_id=conversation, kind="offered", asked_at_ms=now_ms, taken_at_ms=now_ms,
                    taken_by=account.id,
                )
            )  # fmt: skip
        seq = _presence(connection, row, JOINED, account.first_name, text, now_ms)
        lines.change(
            connection, conversation, last_seq=seq, changed_at_ms=now_ms, taken_by=account.id, taken_at_ms=now_ms,
            waiting_kind=None, waiting_since_ms=None, due_at_ms=None, claimed_by=None, claimed_until_ms=None,
        )  # fmt: skip
        tell(connection, conversation, account, "take_over", now_ms)
        return True


def say(store: Store, conversation: str, account: Account, text: str, client_id: str, *, now_ms: int) -> int:
    """Writes a line of staff. Sending the same `client_id` again writes nothing.

    Returns:
        The line's number.

    Raises:
        ConversationGone: There is no such conversation.
        NotTaken: It is not theirs.
    """
    with store.write() as connection:
        row = _own(connection, conversation, account)
        known = connection.execute(
            select(Event.seq).where(
                Event.conversation_id == conversation, Event.client_id == client_id, Event.sender == "staff"
            )
        ).scalar_one_or_none()
        if known is not None:
            return int(known)
        seq = int(row.last_seq) + 1
        body = {"staff": {"name": account.first_name}, "staff_id": account.id}
        lines.append(
            connection, conversation, seq, now_ms, "staff", text, language=row.language or "en", client_id=client_id,
            body=body,
        )  # fmt: skip
        lines.change(connection, conversation, last_seq=seq, changed_at_ms=now_ms)
        tell(connection, conversation, account, "reply", now_ms, seq=seq)
        return seq


def release(store: Store, conversation: str, account: Account, text: str, *, now_ms: int, any_of: bool = False) -> None:
    """Gives a conversation back to the bot; its lines count as read.

    Args:
        store: The journal.
        conversation: Which conversation.
        account: Who gives it back.
        text: The line that tells the patient.
        now_ms: The time.
        any_of: Whether a colleague's may be given back too.

    Raises:
        ConversationGone: There is no such conversation.
        NotTaken: It is not theirs.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation) if any_of else _own(connection, conversation, account)
        if row.taken_by is None:
            raise NotTaken("bot.journal: nobody talks to this patient, so there is nothing to give back")
        seq = _leave(connection, row, text, now_ms)
        lines.change(connection, conversation, last_seq=seq, changed_at_ms=now_ms, taken_by=None, taken_at_ms=None)
        review.mark_read(connection, conversation, seq, now_ms=now_ms)
        tell(connection, conversation, account, "give_back", now_ms)


def _leave(connection: Connection, row: Row[Any], text: str, now_ms: int) -> int:
    name = names.first(name_of(connection, row.taken_by))
    connection.execute(
        update(Handoff)
        .where(Handoff.conversation_id == row.id, Handoff.taken_at_ms.is_not(None), Handoff.ended_at_ms.is_(None))
        .values(ended_at_ms=now_ms)
    )
    return _presence(connection, row, LEFT, name, text, now_ms)


def left_alone(store: Store, before_ms: int, *, at_most: int = 50) -> list[str]:
    """Conversations that somebody took over and in which a patient's line from before `before_ms` is not answered."""
    said = (
        select(func.max(Event.seq))
        .where(
            Event.conversation_id == Conversation.id,
            or_(Event.sender == "staff", and_(Event.sender == "system", Event.label == JOINED)),
        )
        .correlate(Conversation)
        .scalar_subquery()
    )
    waits = (
        select(Event.seq)
        .where(
            Event.conversation_id == Conversation.id, Event.sender == "patient", Event.seq > said,
            Event.at_ms <= before_ms,
        )
        .correlate(Conversation)
        .exists()
    )  # fmt: skip
    # whoever takes a conversation over has as long for the first word
    taken = Conversation.taken_by.is_not(None) & (Conversation.taken_at_ms <= before_ms)
    with store.read() as connection:
        return list(connection.execute(select(Conversation.id).where(taken, waits).limit(at_most)).scalars())


def take_back(store: Store, conversation: str, text: str, *, now_ms: int, before_ms: int) -> bool:
    """Gives a conversation back to the bot because its person went silent, and lets it wait for another one.

    Returns:
        Whether it was done: False when the person wrote, or another door did it.
    """
    if conversation not in left_alone(store, before_ms, at_most=1000):
        return False
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if row.taken_by is None or row.taken_at_ms > before_ms:
            return False
        who = row.taken_by
        seq = _leave(connection, row, text, now_ms)
        waits = lines.await_person(connection, row, "person_now", now_ms)
        lines.change(
            connection, conversation, last_seq=seq, changed_at_ms=now_ms, taken_by=None, taken_at_ms=None, **waits
        )
        audit.append(
            connection, at_ms=now_ms, actor="desk", action="take_back", subject=audit.subject_of(conversation),
            detail={"from": f"staff:{who}"},
        )  # fmt: skip
        return True


def settle(store: Store, conversation: str, account: Account, *, now_ms: int) -> bool:
    """Ends a wish for a person that was met outside of the desk, such as by a call.

    Returns:
        False when nobody was waiting.

    Raises:
        ConversationGone: There is no such conversation.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if row.waiting_since_ms is None:
            return False
        connection.execute(
            update(Handoff)
            .where(lines.untaken(conversation))
            .values(taken_at_ms=now_ms, taken_by=account.id, ended_at_ms=now_ms)
        )
        lines.change(connection, conversation, waiting_kind=None, waiting_since_ms=None, changed_at_ms=now_ms)
        tell(connection, conversation, account, "settle", now_ms, kind=row.waiting_kind)
        return True


def delivered(store: Store, conversation: str, seq: int, *, now_ms: int) -> bool:
    """Notes how far the patient's browser has got, while a person talks; False when that is nothing new."""
    with store.write() as connection:
        changed = connection.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation, Conversation.taken_by.is_not(None), Conversation.delivered_seq < seq
            )
            .values(delivered_seq=seq, changed_at_ms=now_ms)
        )
        return changed.rowcount == 1


def _own(connection: Connection, conversation: str, account: Account) -> Row[Any]:
    row = lines.lock(connection, conversation)
    if row.taken_by != account.id:
        who = name_of(connection, row.taken_by) if row.taken_by else ""
        raise NotTaken(
            f"bot.journal: {who} talks to this patient now" if who else "bot.journal: take the conversation over first"
        )
    return row


def _presence(connection: Connection, row: Row[Any], presence: str, name: str, text: str, now_ms: int) -> int:
    seq = int(row.last_seq) + 1
    lines.append(
        connection, row.id, seq, now_ms, "system", text.replace("{name}", name), label=presence,
        body={"presence": presence, "staff": {"name": name}},
    )  # fmt: skip
    return seq


def name_of(connection: Connection, number: int | None) -> str:
    """The name of a member of staff, for colleagues."""
    return str(connection.execute(select(Staff.name).where(Staff.id == number)).scalar_one_or_none() or names.NOBODY)


def tell(connection: Connection, conversation: str, account: Account, action: str, now_ms: int, **detail: Any) -> None:
    """Writes into the audit what staff did with a conversation."""
    audit.append(
        connection, at_ms=now_ms, actor=account.actor, action=action, subject=audit.subject_of(conversation),
        detail=detail,
    )  # fmt: skip
