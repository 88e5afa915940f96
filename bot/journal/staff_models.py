"""The desk's tables: who works at it, what they did with a conversation, and who was asked to come.

What hangs on a conversation goes with it when it is erased. Times are ms since 1970-01-01 UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.journal.models import Base


class Staff(Base):
    """A person with an account at the desk. Nobody is ever deleted, so that what they did keeps its name.

    `second_key` is the TOTP secret, encrypted (`bot.desk.secrets`); `second_step` the time step of the last code taken,
    so that none is taken twice. `invite_hash` is the SHA-256 of a link that lets its holder set the password, once.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    disabled_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    invite_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invite_until_ms: Mapped[int | None] = mapped_column(BigInteger)
    second_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    second_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    single_subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    single_keys: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


class RecoveryCode(Base):
    """A code that stands in for the second step, once. Only its hash is kept."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    used_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class StaffSession(Base):
    """A browser that is logged in, or half so: `step` is `code` or `setup` until the second step is done.

    The cookie holds a random id; only its SHA-256 is kept, so a copy of the journal opens nothing.
    """

    __tablename__ = "staff_sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(8))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    seen_at_ms: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(200))


class LoginAttempt(Base):
    """A try to log in that has not succeeded, by the SHA-256 of the account or address it counts for."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_key", "key_hash", "at_ms"), Index("ix_login_attempts_at_ms", "at_ms"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class AuditHead(Base):
    """The newest row of the audit, in one row: who appends locks it, and a cut end of the chain shows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int]
    last_hash: Mapped[str] = mapped_column(String(64))


class Handoff(Base):
    """A wish for a person: when it came, who took it and when, when it ended, and whom it was told to meanwhile.

    A conversation has one open hand-off (`ended_at_ms` is NULL) at most. `kind` is `person_now` or `call_back`, or
    `offered` when a person of the hospital stepped in unasked. `alerts` counts how often it was escalated,
    `told_at_ms` is when the patient was told that it takes longer.
    """

    __tablename__ = "handoffs"
    __table_args__ = (
        Index("ix_handoffs_conversation_id", "conversation_id"),
        Index("ix_handoffs_asked_at_ms", "asked_at_ms"),
        Index(
            "ix_handoffs_waiting",
            "asked_at_ms",
            sqlite_where=text("taken_at_ms IS NULL AND ended_at_ms IS NULL"),
            postgresql_where=text("taken_at_ms IS NULL AND ended_at_ms IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    asked_at_ms: Mapped[int] = mapped_column(BigInteger)
    taken_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    alerts: Mapped[int] = mapped_column(default=0, server_default="0")
    alerted_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    told_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class Tag(Base):
    """A word that staff put on a conversation."""

    __tablename__ = "conversation_tags"
    __table_args__ = (Index("ix_conversation_tags_tag", "tag"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class Note(Base):
    """What a member of staff wrote beside a conversation, for colleagues; no patient sees it."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)


class Flag(Base):
    """One line of a conversation that staff want looked at again."""

    __tablename__ = "flags"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"),
    )

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class Teaching(Base):
    """What staff say that a patient's message should have been understood as: the trainers' queue.

    `verdict` is `right` (as understood), `relabel` (should have been `label`) or `new_question` (none fits; `note` says
    what it asks). `given` is what was understood, `text` the words as shown. `state` is `open` until a trainer has used
    or turned it down (`used`, `declined`).
    """

    __tablename__ = "teachings"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"),
        Index("ix_teachings_state", "state", "at_ms"),
    )

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    given: Mapped[str | None] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default="open", server_default="open")


class CannedReply(Base):
    """A text kept for use in a talk; `staff_id` is its owner's, NULL when all share it."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at_ms: Mapped[int] = mapped_column(BigInteger)


class SavedView(Base):
    """A search that a member of staff kept under a name; a shared one is everybody's to use and its owner's to remove.

    `address` is the search as the part of an address behind the `?`.
    """

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("staff_id", "name", name="uq_saved_views_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(default=False)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
