"""What waits for an answer: claimed by one door at a time, answered once.

A claim is a row's own columns with an end time (a lease), so a killed door's messages are taken up by the next one.
Each step that ends a claim checks that this very claim is still held and that the message is still open, so that a door
that was away too long changes nothing.

The clock of the machine may be set while messages wait. Set forward, leases end early: two may ask the brain, one
answer counts. Set back, times lie ahead: `AHEAD_MS` says from where on they are not believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from bot.journal import lines
from bot.journal.clock import AHEAD_MS
from bot.journal.models import Conversation, Message
from bot.journal.rows import Claim, ConversationGone, Job
from bot.journal.store import Store
from bot.records import RED, Reply

_MARK = update(Message).where(
    Message.conversation_id == bindparam("key"),
    Message.seq == bindparam("number"),
    Message.answered_at_ms.is_(None),
)


@dataclass(frozen=True)
class Answered:
    """What became of an answer.

    Attributes:
        written: False when it came too late: answered or claimed by somebody else, or erased.
        next: The conversation's next message, under the same owner's renewed claim.
    """

    written: bool
    next: Job | None = None


def release_own(store: Store, owner: str) -> int:
    """Lets go of all claims of this door's former life (same name, killed or stopped).

    Returns:
        How many conversations are free again.
    """
    with store.write() as connection:
        result = connection.execute(
            update(Conversation).where(Conversation.claimed_by == owner).values(claimed_by=None, claimed_until_ms=None)
        )
        return int(result.rowcount)


def release(store: Store, job: Job) -> None:
    """Lets go of one claim without an attempt being counted (the door stops)."""
    with store.write() as connection:
        connection.execute(
            update(Conversation)
            .where(Conversation.id == job.conversation, Conversation.claimed_by == job.claim.owner)
            .values(claimed_by=None, claimed_until_ms=None)
        )


_CLAIMABLE = (
    (Conversation.due_at_ms <= bindparam("now_ms")) | (Conversation.due_at_ms > bindparam("now_ms") + AHEAD_MS)
) & (
    Conversation.claimed_until_ms.is_(None)
    | (Conversation.claimed_until_ms <= bindparam("now_ms"))
    | (Conversation.claimed_until_ms > bindparam("now_ms") + AHEAD_MS)
)
_DUE = select(Conversation.id).where(_CLAIMABLE).limit(1)
_TAKE = (
    select(Conversation.__table__)
    .where(_CLAIMABLE)
    .order_by(Conversation.due_at_ms)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)


def due(store: Store, now_ms: int) -> bool:
    """Whether anything could be claimed now: a cheap look before a write."""
    with store.read() as connection:
        return connection.execute(_DUE, {"now_ms": now_ms}).first() is not None


def claim(store: Store, mine: Claim, *, now_ms: int, at_most: int) -> list[Job]:
    """Claims the next message of up to `at_most` conversations, the longest due first."""
    jobs: list[Job] = []
    with store.write() as connection:
        rows = connection.execute(_TAKE, {"now_ms": now_ms, "at_most": at_most}).all()
        for row in rows:
            job = lines.next_job(connection, row, mine, state=row.state)
            if job is None:
                lines.change(connection, row.id, due_at_ms=None, claimed_by=None, claimed_until_ms=None)
            else:
                lines.change(connection, row.id, claimed_by=mine.owner, claimed_until_ms=mine.until_ms)
                jobs.append(job)
    return jobs


def _held(row: Row[Any], claim: Claim) -> bool:
    # the end belongs to it: the same door may have claimed the message anew meanwhile
    return (row.claimed_by, row.claimed_until_ms) == (claim.owner, claim.until_ms)


def answer(
    store: Store,
    job: Job,
    replies: tuple[Reply, ...],
    *,
    now_ms: int,
    renewed: Claim,
    outcome: str,
    understood: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
) -> Answered:
    """Writes the replies, the dialogue's memory and the mark that it is answered, all or nothing.

    Args:
        store: The journal.
        job: The message, as claimed.
        replies: What the bot says.
        now_ms: The time.
        renewed: The claim for the conversation's next message, if there is one.
        outcome: `answered`, `greeting`, `fallback` or `safety` (danger that waited for a brain in vain).
        understood: What the brain understood, for review.
        state: The new dialogue memory; None keeps the old one.
    """
    with store.write() as connection:
        try:
            row = lines.lock(connection, job.conversation)
        except ConversationGone:
            return Answered(written=False)
        if not _held(row, job.claim):
            return Answered(written=False)
        values: dict[str, Any] = {"answered_at_ms": now_ms, "outcome": outcome}
        if understood is not None:
            values["understood"] = understood
        for reply in replies:
            if reply.safety in RED:  # the brain saw what the rules did not
                values["verdict"] = reply.safety
        marked = connection.execute(_MARK, {"key": job.conversation, "number": job.seq, **values})
        written = marked.rowcount == 1
        changes: dict[str, Any] = {}
        kept = row.state
        if written:
            for offset, reply in enumerate(replies, start=1):
                lines.append_reply(
                    connection, row.id, row.last_seq + offset, now_ms, reply, reply_to=job.seq or None
                )  # fmt: skip
            changes = {"last_seq": row.last_seq + len(replies), "changed_at_ms": now_ms}
            changes |= lines.waiting(connection, replies, row, now_ms)
            if "verdict" in values:
                changes["danger_since_ms"] = row.danger_since_ms or now_ms
            if any(reply.label == lines.UNANSWERED for reply in replies):
                changes["unanswered_since_ms"] = row.unanswered_since_ms or now_ms
            if state is not None:
                kept = changes["state"] = state
        following = lines.next_job(connection, row, renewed, state=kept)
        if following is None:
            changes |= {"due_at_ms": None, "claimed_by": None, "claimed_until_ms": None}
        else:
            changes |= {"due_at_ms": now_ms, "claimed_until_ms": renewed.until_ms}
        lines.change(connection, row.id, **changes)
        return Answered(written=written, next=following)


def postpone(store: Store, job: Job, *, retry_at_ms: int) -> None:
    """Counts an attempt in vain and lets the message wait until `retry_at_ms`; any door may take it then."""
    with store.write() as connection:
        try:
            row = lines.lock(connection, job.conversation)
        except ConversationGone:
            return
        if not _held(row, job.claim):
            return
        connection.execute(
            update(Message)
            .where(Message.conversation_id == row.id, Message.seq == job.seq, Message.answered_at_ms.is_(None))
            .values(attempts=Message.attempts + 1)
        )
        lines.change(connection, row.id, due_at_ms=retry_at_ms, claimed_by=None, claimed_until_ms=None)


_OVERDUE = (
    Message.answered_at_ms.is_(None)
    & Message.holding_at_ms.is_(None)
    & (
        (Message.received_at_ms <= bindparam("before_ms"))
        | (Message.received_at_ms > bindparam("before_ms") + AHEAD_MS)
    )
)
_OVERDUE_IN = select(Message.conversation_id).where(_OVERDUE).distinct().limit(bindparam("at_most"))
_OVERDUE_FIRST = select(func.min(Message.seq)).where(Message.conversation_id == bindparam("key"), _OVERDUE)


def overdue(store: Store, before_ms: int, *, at_most: int = 100) -> list[str]:
    """Conversations with a message, or a greeting, due before `before_ms` and of which nothing was said yet."""
    with store.read() as connection:
        return list(connection.execute(_OVERDUE_IN, {"before_ms": before_ms, "at_most": at_most}).scalars())


def is_overdue(store: Store, conversation: str, before_ms: int) -> bool:
    """Whether a conversation has such a message."""
    with store.read() as connection:
        found = connection.execute(_OVERDUE_FIRST, {"key": conversation, "before_ms": before_ms}).scalar_one()
        return found is not None


def hold(store: Store, conversation: str, text: str, greeting: Reply, *, now_ms: int, before_ms: int) -> bool:
    """Says once, for all that waits in a conversation, that it takes longer and nothing is lost.

    Where it is the brain's greeting that does not come, the fixed one is said in its place.

    Returns:
        Whether it was said: False when the answer came first or another door said it.
    """
    with store.write() as connection:
        try:
            row = lines.lock(connection, conversation)
        except ConversationGone:
            return False
        oldest = connection.execute(_OVERDUE_FIRST, {"key": conversation, "before_ms": before_ms}).scalar_one()
        if oldest is None:
            return False
        if oldest == 0 and not row.last_seq:
            seq = lines.greet_first(connection, row, now_ms, greeting)
            lines.change(connection, conversation, last_seq=seq, changed_at_ms=now_ms)
            return True
        waits = (Message.conversation_id == conversation) & Message.answered_at_ms.is_(None)
        if oldest == 0:  # other lines came before the greeting; nobody misses it
            waits &= Message.seq == 0
        connection.execute(update(Message).where(waits).values(holding_at_ms=now_ms))
        if oldest == 0:
            return False
        lines.append(
            connection, conversation, row.last_seq + 1, now_ms, "system", text, reply_to=oldest, label="holding"
        )
        lines.change(connection, conversation, last_seq=row.last_seq + 1, changed_at_ms=now_ms)
        return True


def waiting_count(store: Store) -> int:
    """How many messages wait for an answer, for the metrics."""
    with store.read() as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(Message).where(Message.answered_at_ms.is_(None))
            ).scalar_one()
        )
