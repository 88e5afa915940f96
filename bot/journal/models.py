"""The journal's tables. Times are whole milliseconds since 1970-01-01 UTC: the same number on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HANDLED = ("answer", "clarify", "fallback", "handoff", "safety", "withheld", "failed", "staff")
"""What became of a message: answered, readings offered, not understood, handed over, danger, not to be looked
through for secrets, brain out of reach, left to a person."""

KEPT_BY_THE_DATABASE = ("label", "confidence", "language", "handled")
"""Columns of `messages` that no statement of ours may write."""


class Base(DeclarativeBase):
    """Base of every table of the journal."""


QUEUED = (
    "unread_since_ms",
    "danger_since_ms",
    "unanswered_since_ms",
    "disliked_since_ms",
    "waiting_since_ms",
    "assigned_to",
    "taken_by",
)
"""Columns by which the desk finds a conversation; NULL in most."""


class Conversation(Base):
    """One patient's conversation: its counter, its dialogue memory, and who is forwarding it.

    `due_at_ms` is when its oldest unanswered message may next be forwarded, NULL when nothing waits. The claim
    (`claimed_by`, `claimed_until_ms`) is what keeps one message in flight with any number of doors.

    Staff have seen the lines up to `reviewed_seq`. What they have not is kept here as well, so that each queue of the
    desk is one index (see `bot.journal.review`): since when a message, danger, a question without an answer, or a thumb
    down is unread; NULL when none is. `changed_at_ms` is when anything changed that the desk shows.

    While `taken_by` names a member of staff, the bot is silent; `delivered_seq` is the last line that the patient's
    browser was given during a take-over.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_due_at_ms", "due_at_ms"),
        Index("ix_conversations_changed_at_ms", "changed_at_ms"),
        Index(
            "ix_conversations_page",
            "page",
            sqlite_where=text("page IS NOT NULL"),
            postgresql_where=text("page IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_conversations_{name}",
                name,
                sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name in QUEUED
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    expires_at_ms: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str | None] = mapped_column(String(35))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    page: Mapped[str | None] = mapped_column(String(255))
    last_seq: Mapped[int] = mapped_column(default=0)
    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    claimed_by: Mapped[str | None] = mapped_column(String(255))
    claimed_until_ms: Mapped[int | None] = mapped_column(BigInteger)
    waiting_kind: Mapped[str | None] = mapped_column(String(16))
    waiting_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at_ms: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    unread_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    danger_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    unanswered_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    disliked_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    assigned_to: Mapped[int | None]
    taken_by: Mapped[int | None]
    taken_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    delivered_seq: Mapped[int] = mapped_column(default=0, server_default="0")


class Event(Base):
    """One line of the conversation as it is shown; `seq` counts from 1 without gaps.

    `body` holds what only some events have: `answer`, `buttons` (with the payload, which never leaves the door),
    `safety`, `handoff`, and of a patient's own line `hidden`, the kinds of secrets that were hidden in it.
    """

    __tablename__ = "events"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    sender: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(35))
    reply_to: Mapped[int | None]
    client_id: Mapped[str | None] = mapped_column(String(64))
    label: Mapped[str | None] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Message(Base):
    """What is to be forwarded for a patient's event of the same `seq`; 0 is the greeting, which no patient typed.

    `sent` is what the brain gets (the neutralised text, or a button's payload); the words as shown are the event's.
    Both are without the secrets that were typed. A `comment` or `note` is no message: it is here because it told of
    danger.
    `verdict` is what the screen saw, or the brain when it answered danger: `emergency`, `self_harm`, `check`,
    `personal_advice`, or NULL.

    `label`, `confidence`, `language` and `handled` are what search and figures ask for. Nobody writes them: the
    database keeps them true to `understood`, `outcome` and `verdict` (revision 0005). `handled` is one of `HANDLED`,
    NULL while the message waits. `thumb` is the last one given to an answer to it.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id", name="uq_messages_client_id"),
        Index("ix_messages_rate", "conversation_id", "received_at_ms"),
        Index(
            "ix_messages_waiting",
            "received_at_ms",
            sqlite_where=text("answered_at_ms IS NULL"),
            postgresql_where=text("answered_at_ms IS NULL"),
        ),
        # Search and figures read these alone, not the rows, whose `understood` would have to be taken apart each time.
        Index(
            "ix_messages_facts",
            *("received_at_ms", "handled", "label", "confidence", "language", "verdict", "kind", "reviewed_at_ms"),
            *("thumb", "conversation_id", "seq"),
        ),
        Index("ix_messages_handled", "handled", "received_at_ms", "label", "conversation_id", "seq"),
        Index("ix_messages_label", "label", "handled", "received_at_ms", "conversation_id", "seq"),
        Index("ix_messages_language", "language", "received_at_ms", "seq"),
        Index(
            "ix_messages_thumb",
            *("thumb", "received_at_ms", "conversation_id", "seq"),
            sqlite_where=text("thumb IS NOT NULL"),
            postgresql_where=text("thumb IS NOT NULL"),
        ),
        Index(
            "ix_messages_danger",
            *("received_at_ms", "reviewed_at_ms", "conversation_id", "seq"),
            sqlite_where=text("verdict IN ('emergency', 'self_harm')"),
            postgresql_where=text("verdict IN ('emergency', 'self_harm')"),
        ),
    )

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    client_id: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    sent: Mapped[str] = mapped_column(Text)
    received_at_ms: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    holding_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    answered_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str | None] = mapped_column(String(16))
    understood: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    verdict: Mapped[str | None] = mapped_column(String(16))
    reviewed_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    label: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None] = mapped_column(Double)
    language: Mapped[str | None] = mapped_column(String(35))
    handled: Mapped[str | None] = mapped_column(String(16))
    thumb: Mapped[str | None] = mapped_column(String(4))


class Searchable(Base):
    """What the search index holds of one line that a person or the bot said; `id` grows with time.

    `message_seq` is the patient's message that the line is, answers, or follows. `terms` is made by
    `bot.journal.terms`: words apart by spaces on SQLite, where triggers hand them to the FTS5 table `search_index`, and
    a tsvector on PostgreSQL. Each term begins with a letter for who said it.
    """

    __tablename__ = "search_lines"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"),
        UniqueConstraint("conversation_id", "seq", name="uq_search_lines_line"),
        Index("ix_search_lines_message", "conversation_id", "message_seq"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    message_seq: Mapped[int]
    terms: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class Feedback(Base):
    """A patient's thumb on one of the bot's lines; the last one counts."""

    __tablename__ = "feedback"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"),
    )

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[str] = mapped_column(String(4))
    comment: Mapped[str | None] = mapped_column(Text)


class ContactRequest(Base):
    """How a patient asked, with consent, to be called back.

    `sealed` is name, number, address and note, encrypted (see `bot.journal.sealing`): a copy of the database tells
    nothing of them.
    """

    __tablename__ = "contact_requests"
    __table_args__ = (Index("ix_contact_requests_conversation_id", "conversation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    consented_at_ms: Mapped[int] = mapped_column(BigInteger)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)


def tables_of_a_conversation() -> list[Table]:
    """Every table with rows of one conversation, those that name others first, so that it can be emptied in order."""
    return [table for table in reversed(Base.metadata.sorted_tables) if "conversation_id" in table.columns]


class Audit(Base):
    """What was done to the journal itself. `subject` is a SHA-256, so that a tombstone names nobody.

    Each row holds the hash of the one before and its own (see `bot.journal.audit`), and ids have no gaps.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_action", "action", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    prev_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
