"""Begins a conversation, and erases one."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from bot.journal import audit, lines
from bot.journal.models import Conversation, Message, tables_of_a_conversation
from bot.journal.rows import Claim, Job
from bot.journal.store import Store

GREETING = "/greet"
"""What the brain is asked so that it greets first."""


def begin(
    store: Store,
    conversation: str,
    *,
    now_ms: int,
    expires_at_ms: int,
    language: str | None,
    time_zone: str | None,
    claim: Claim | None,
    page: str | None = None,
) -> Job | None:
    """Begins a conversation; its greeting waits to be fetched like a message.

    Args:
        store: The journal.
        conversation: The new id.
        now_ms: The time.
        expires_at_ms: When its token ends.
        language: BCP 47 tag, if known.
        time_zone: IANA zone, if known.
        page: The page that the chat stands on, without what follows a `?` or `#`; None when unknown.
        claim: Taken at once for this door when it has room, which spares a second transaction.

    Returns:
        The greeting as a job when `claim` was given.
    """
    with store.write() as connection:
        connection.execute(
            insert(Conversation).values(
                id=conversation,
                created_at_ms=now_ms,
                changed_at_ms=now_ms,
                expires_at_ms=expires_at_ms,
                language=language,
                time_zone=time_zone,
                page=page,
                state={},
                last_seq=0,
                due_at_ms=now_ms,
                claimed_by=claim.owner if claim else None,
                claimed_until_ms=claim.until_ms if claim else None,
            )
        )
        connection.execute(
            insert(Message).values(
                conversation_id=conversation, seq=0, kind="greeting", sent=GREETING, received_at_ms=now_ms, attempts=0
            )
        )
    if claim is None:
        return None
    return Job(conversation, 0, "greeting", GREETING, {}, language, time_zone, now_ms, 0, claim)


def erase(store: Store, conversation: str, *, now_ms: int, actor: str = "patient") -> None:
    """Erases all that was said and left in a conversation; a tombstone without a name stays in the audit table.

    Args:
        store: The journal.
        conversation: Its id.
        now_ms: The time.
        actor: Who wished it, for the audit.

    Raises:
        ConversationGone: There is none.
    """
    with store.write() as connection:
        remove(connection, conversation, now_ms=now_ms, actor=actor)
    store.scrub()


def remove(connection: Connection, conversation: str, *, now_ms: int, actor: str) -> None:
    """Takes a conversation's rows away and leaves a tombstone, in the caller's transaction; `Store.scrub` must follow.

    Raises:
        ConversationGone: There is none.
    """
    row = lines.lock(connection, conversation)
    erased: dict[str, int] = {}
    for table in tables_of_a_conversation():
        result = connection.execute(delete(table).where(table.c.conversation_id == conversation))
        erased[table.name] = result.rowcount
    connection.execute(delete(Conversation).where(Conversation.id == conversation))
    audit.append(
        connection,
        at_ms=now_ms,
        actor=actor,
        action="erase",
        subject=audit.subject_of(conversation),
        detail={"begun_at_ms": row.created_at_ms, "erased": erased},
    )
