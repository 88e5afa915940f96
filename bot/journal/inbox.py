"""Writes a patient's message down, once, before it is acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from bot.journal import lines
from bot.journal.clock import AHEAD_MS
from bot.journal.models import Event, Message
from bot.journal.rows import Claim, ClientIdReused, Job, TooManyMessages
from bot.journal.store import Store
from bot.records import Reply

MINUTE_MS = 60_000

_KNOWN = (
    select(Message.seq, Message.kind, Message.sent, Message.outcome, Event.text)
    .join(Event, (Event.conversation_id == Message.conversation_id) & (Event.seq == Message.seq))
    .where(Message.conversation_id == bindparam("key"), Message.client_id == bindparam("client_id"))
)
_NTH_LAST = (
    select(Message.received_at_ms)
    .where(
        Message.conversation_id == bindparam("key"),
        Message.seq > 0,
        Message.received_at_ms > bindparam("after_ms"),
        Message.received_at_ms <= bindparam("after_ms") + MINUTE_MS + AHEAD_MS,
    )
    .order_by(Message.received_at_ms.desc())
    .offset(bindparam("before_it"))
    .limit(1)
)
_WRITE = insert(Message)


@dataclass(frozen=True)
class Incoming:
    """A patient's message on its way into the journal.

    Attributes:
        client_id: The widget's own name for it; it makes sending twice harmless.
        kind: `text` or `choice`.
        text: What is shown as the patient's line: the words as typed but for their secrets, or the pressed button's.
        sent: What the brain gets: the neutralised words, or the button's payload.
        safety: The fixed text that answers it at once when the screen saw danger, else None.
        verdict: What the screen saw, or None; it puts danger at the head of what staff review.
        hidden: Kinds of secrets that were hidden in it.
        withheld: Says that the words could not be looked through, so that `text` stands for all of them; else None.
        rule: By which of its rules, or None.
        without_brain: The fixed text for danger that the screen leaves to the brain, said where the brain is not asked:
            while a person of the hospital talks. None where there is none, or `safety` has it.
    """

    client_id: str
    kind: str
    text: str
    sent: str
    safety: Reply | None = None
    verdict: str | None = None
    hidden: tuple[str, ...] = ()
    withheld: Reply | None = None
    rule: str | None = None
    without_brain: Reply | None = None

    @property
    def at_once(self) -> Reply | None:
        """The reply that needs no brain, if there is one."""
        return self.safety or self.withheld


@dataclass(frozen=True)
class Recorded:
    """Where a message stands.

    Attributes:
        seq: Its number in the conversation.
        new: False when it had been written down before.
        job: The message to forward, if it was claimed for this door in the same transaction.
    """

    seq: int
    new: bool
    job: Job | None = None


def record(
    store: Store,
    conversation: str,
    message: Incoming,
    *,
    now_ms: int,
    messages_per_minute: int,
    greeting: Reply,
    claim: Claim | None = None,
) -> Recorded:
    """Writes a message down durably. When this returns, it is on the disk.

    Args:
        store: The journal.
        conversation: Which conversation.
        message: What came.
        now_ms: The time.
        messages_per_minute: how many the conversation may send; danger and repetitions are taken all the same.
        greeting: Said first when the brain's own greeting has not come yet, so that a conversation begins with it.
        claim: Taken for this door when nothing else of the conversation waits; None when the door has no room.

    Raises:
        ConversationGone: There is no such conversation.
        ClientIdReused: This `client_id` came with other words.
        TooManyMessages: The limit is reached.
        StoreError: It could not be written, so it must not be acknowledged.
    """
    with store.write() as connection:
        row = lines.lock(connection, conversation)
        if row.taken_by is not None and message.without_brain is not None:
            red = message.without_brain
            message = replace(message, safety=red, verdict=red.safety)
        known = _known(connection, conversation, message)
        if known is not None:
            return Recorded(seq=known, new=False)
        if message.safety is None:
            _hold_to_limit(connection, conversation, now_ms, messages_per_minute)
        before = lines.greet_first(connection, row, now_ms, greeting)
        seq = before + 1
        lines.append(
            connection, conversation, seq, now_ms, "patient", message.text,
            language=row.language or "en", client_id=message.client_id,
            body={"hidden": list(message.hidden)} if message.hidden else None,
        )  # fmt: skip
        values: dict[str, Any] = {
            "conversation_id": conversation,
            "seq": seq,
            "client_id": message.client_id,
            "kind": message.kind,
            "sent": message.sent,
            "received_at_ms": now_ms,
            "attempts": 0,
            "verdict": message.verdict,
        }
        changes: dict[str, Any] = {"last_seq": seq, "changed_at_ms": now_ms}
        changes |= lines.unread(row, now_ms, message.verdict)
        job = None
        # Asked before anything that could hold a message back from the brain: danger is answered whatever that is.
        if message.at_once is not None:
            lines.append_reply(connection, conversation, seq + 1, now_ms, message.at_once, reply_to=seq)
            outcome = "safety" if message.safety else "withheld"
            values |= {"answered_at_ms": now_ms, "outcome": outcome, "understood": _screened(message)}
            changes["last_seq"] = seq + 1
        elif row.taken_by is not None:
            # A person of the hospital is talking: what is said or pressed is theirs to answer.
            values |= {"answered_at_ms": now_ms, "outcome": "staff", "understood": _screened(message)}
        else:
            idle = row.due_at_ms is None or (before > row.last_seq and row.claimed_by is None)
            if row.due_at_ms is None:
                changes["due_at_ms"] = now_ms
            free = row.claimed_until_ms is None or not now_ms < row.claimed_until_ms <= now_ms + AHEAD_MS
            if claim is not None and idle and free:
                changes |= {"claimed_by": claim.owner, "claimed_until_ms": claim.until_ms}
                job = Job(
                    conversation, seq, message.kind, message.sent, row.state,
                    row.language, row.time_zone, now_ms, 0, claim, message.verdict,
                )  # fmt: skip
        connection.execute(_WRITE, values)
        lines.change(connection, conversation, **changes)
    return Recorded(seq=seq, new=True, job=job)


def _screened(message: Incoming) -> dict[str, Any]:
    """What is known of a message that the brain never sees."""
    return {"screen": {"verdict": message.verdict or "none", "rule": message.rule}}


def _known(connection: Connection, conversation: str, message: Incoming) -> int | None:
    old = connection.execute(_KNOWN, {"key": conversation, "client_id": message.client_id}).one_or_none()
    if old is None:
        return None
    # Only what was kept of the first one can be compared. A text that could not be looked through, now or then, may be
    # any: who sends it again must not be refused for that.
    withheld = message.withheld is not None or old.outcome == "withheld"
    if not withheld and (old.kind, old.sent, old.text) != (message.kind, message.sent, message.text):
        raise ClientIdReused("bot.journal: this client_id came with other words; give each message an id of its own")
    return int(old.seq)


def _hold_to_limit(connection: Connection, conversation: str, now_ms: int, messages_per_minute: int) -> None:
    # The limit is reached when the message that was the n-th last one is less than a minute old.
    values = {"key": conversation, "after_ms": now_ms - MINUTE_MS, "before_it": messages_per_minute - 1}
    oldest = connection.execute(_NTH_LAST, values).scalar_one_or_none()
    if oldest is not None:
        raise TooManyMessages(retry_after_ms=oldest + MINUTE_MS - now_ms)
