"""The trainers' queue: what staff say that a patient's message should have been read as. The studio reads it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from bot.journal import marks
from bot.journal.models import Message
from bot.journal.rows import NoSuchLine
from bot.journal.staff import Account
from bot.journal.staff_models import Staff, Teaching
from bot.journal.store import Store

RIGHT, RELABEL, NEW_QUESTION = "right", "relabel", "new_question"
VERDICTS = (RIGHT, RELABEL, NEW_QUESTION)
STATES = ("open", "used", "declined")


def teach(
    store: Store,
    conversation: str,
    account: Account,
    seq: int,
    verdict: str | None,
    *,
    label: str | None = None,
    note: str | None = None,
    now_ms: int,
) -> None:
    """Says what a patient's message should have been read as, for the trainers' queue; the last word counts.

    Args:
        store: The journal.
        conversation: Which conversation.
        account: Who says it.
        seq: The patient's message.
        verdict: `RIGHT`, `RELABEL`, `NEW_QUESTION`, or None to take it back.
        label: What it should have been, for `RELABEL`.
        note: What it asks, for `NEW_QUESTION`.
        now_ms: The time.

    Raises:
        ConversationGone: There is no such conversation.
        NoSuchLine: It is no message that a patient typed.
    """

    def step(connection: Connection) -> None:
        event = marks.line(connection, conversation, seq)
        message = connection.execute(
            select(Message.kind, Message.understood).where(Message.conversation_id == conversation, Message.seq == seq)
        ).one_or_none()
        if event.sender != "patient" or message is None or message.kind != "text":
            raise NoSuchLine("bot.journal: only what a patient typed can be taught")
        this = (Teaching.conversation_id == conversation) & (Teaching.seq == seq)
        connection.execute(delete(Teaching).where(this))
        if verdict is not None:
            connection.execute(
                insert(Teaching).values(
                    conversation_id=conversation, seq=seq, text=event.text,
                    given=(message.understood or {}).get("label"), verdict=verdict, label=label, note=note,
                    staff_id=account.id, at_ms=now_ms,
                )
            )  # fmt: skip

    marks.change(store, conversation, account, "teach", now_ms, step, seq=seq, verdict=verdict, label=label)


@dataclass(frozen=True)
class Taught:
    """One entry of the trainers' queue (see `bot.journal.staff_models.Teaching`), with the name of who made it."""

    conversation: str
    seq: int
    text: str
    given: str | None
    verdict: str
    label: str | None
    note: str | None
    by: str
    at_ms: int
    state: str


def teachings(store: Store, *, state: str = "open", with_right: bool = False, at_most: int = 200) -> list[Taught]:
    """The trainers' queue, the newest first.

    Args:
        store: The journal.
        state: `open`, `used` or `declined`.
        with_right: Whether messages that were read rightly are given too.
        at_most: How many.
    """
    query = (
        select(
            Teaching.conversation_id, Teaching.seq, Teaching.text, Teaching.given, Teaching.verdict, Teaching.label,
            Teaching.note, Staff.name, Teaching.at_ms, Teaching.state,
        )
        .join(Staff, Staff.id == Teaching.staff_id)
        .where(Teaching.state == state)
        .order_by(Teaching.at_ms.desc())
        .limit(at_most)
    )  # fmt: skip
    if not with_right:
        query = query.where(Teaching.verdict != RIGHT)
    with store.read() as connection:
        return [Taught(*tuple(row)) for row in connection.execute(query).all()]


def settle_teaching(store: Store, conversation: str, account: Account, seq: int, state: str, *, now_ms: int) -> None:
    """Says what became of an entry of the trainers' queue: `used`, `declined`, or `open` again.

    Raises:
        ConversationGone: There is no such conversation.
        NoSuchLine: There is no such entry.
    """

    def step(connection: Connection) -> None:
        changed = connection.execute(
            update(Teaching).where(Teaching.conversation_id == conversation, Teaching.seq == seq).values(state=state)
        )
        if not changed.rowcount:
            raise NoSuchLine("bot.journal: there is no such entry in the trainers' queue")

    marks.change(store, conversation, account, "teaching", now_ms, step, seq=seq, state=state)
