"""The studio's tables: what trainers changed, and what became of the messages in their inbox."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.journal.models import Base


class StudioChange(Base):
    """One change of a question, with what stood there before and after, so that it can be undone.

    `actor` is the audit's name of who did it, `name` what people read; `undoes` names the change that this one took
    back, and `commit` is the hash in the folder's git history, NULL where there is none.
    """

    __tablename__ = "studio_changes"
    __table_args__ = (Index("ix_studio_changes_label", "label", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undoes: Mapped[int | None]
    commit: Mapped[str | None] = mapped_column(String(64))


class StudioItem(Base):
    """What a trainer did with a patient's message of the inbox: `used` for a question, or `discarded`."""

    __tablename__ = "studio_items"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"),
        Index("ix_studio_items_at_ms", "at_ms"),
    )

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)
