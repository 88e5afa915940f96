"""the desk: staff, hand-offs, what staff add to a conversation, and a chained audit

Longer than 300 lines because a migration is one step and never changes again.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
COLUMNS = (
    "changed_at_ms", "unread_since_ms", "danger_since_ms", "unanswered_since_ms", "disliked_since_ms", "assigned_to",
    "taken_by", "taken_at_ms", "delivered_seq",
)  # fmt: skip
INDEXED = ("changed_at_ms", *COLUMNS[1:7], "waiting_since_ms")
TABLES = (
    "teachings", "flags", "notes", "conversation_tags", "handoffs", "canned_replies", "audit_head", "login_attempts",
    "staff_sessions", "recovery_codes", "staff",
)  # fmt: skip


def upgrade() -> None:
    """Makes the tables, fills in what is known of before, and chains the audit rows there are."""
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_login_attempts_at_ms", "login_attempts", ["at_ms"], unique=False)
    op.create_index("ix_login_attempts_key", "login_attempts", ["key_hash", "at_ms"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("invite_hash", sa.String(length=64), nullable=True),
        sa.Column("invite_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("second_key", sa.LargeBinary(), nullable=True),
        sa.Column("second_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("single_subject", sa.String(length=255), nullable=True),
        sa.Column("single_keys", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("invite_hash"),
        sa.UniqueConstraint("single_subject"),
    )
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "conversation_tags",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("conversation_id", "tag"),
    )
    op.create_index("ix_conversation_tags_tag", "conversation_tags", ["tag"], unique=False)
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("alerts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alerted_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("told_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["taken_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_handoffs_asked_at_ms", "handoffs", ["asked_at_ms"], unique=False)
    op.create_index("ix_handoffs_conversation_id", "handoffs", ["conversation_id"], unique=False)
    op.create_index(
        "ix_handoffs_waiting",
        "handoffs",
        ["asked_at_ms"],
        unique=False,
        sqlite_where=sa.text("taken_at_ms IS NULL AND ended_at_ms IS NULL"),
        postgresql_where=sa.text("taken_at_ms IS NULL AND ended_at_ms IS NULL"),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notes_conversation_id"), "notes", ["conversation_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index(op.f("ix_recovery_codes_staff_id"), "recovery_codes", ["staff_id"], unique=False)
    op.create_table(
        "staff_sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False)
    op.create_table(
        "flags",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq"),
    )
    op.create_table(
        "teachings",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given", sa.String(length=64), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq"),
    )
    op.create_index("ix_teachings_state", "teachings", ["state", "at_ms"], unique=False)
    op.add_column("audit", sa.Column("prev_hash", sa.String(length=64), server_default="", nullable=False))
    op.add_column("audit", sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    op.add_column("conversations", sa.Column("changed_at_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("unread_since_ms", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("danger_since_ms", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("unanswered_since_ms", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("disliked_since_ms", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("assigned_to", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("taken_by", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("taken_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("delivered_seq", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_conversations_assigned_to",
        "conversations",
        ["assigned_to"],
        unique=False,
        sqlite_where=sa.text("assigned_to IS NOT NULL"),
        postgresql_where=sa.text("assigned_to IS NOT NULL"),
    )
    op.create_index("ix_conversations_changed_at_ms", "conversations", ["changed_at_ms"], unique=False)
    op.create_index(
        "ix_conversations_danger_since_ms",
        "conversations",
        ["danger_since_ms"],
        unique=False,
        sqlite_where=sa.text("danger_since_ms IS NOT NULL"),
        postgresql_where=sa.text("danger_since_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_disliked_since_ms",
        "conversations",
        ["disliked_since_ms"],
        unique=False,
        sqlite_where=sa.text("disliked_since_ms IS NOT NULL"),
        postgresql_where=sa.text("disliked_since_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_taken_by",
        "conversations",
        ["taken_by"],
        unique=False,
        sqlite_where=sa.text("taken_by IS NOT NULL"),
        postgresql_where=sa.text("taken_by IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_unanswered_since_ms",
        "conversations",
        ["unanswered_since_ms"],
        unique=False,
        sqlite_where=sa.text("unanswered_since_ms IS NOT NULL"),
        postgresql_where=sa.text("unanswered_since_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_unread_since_ms",
        "conversations",
        ["unread_since_ms"],
        unique=False,
        sqlite_where=sa.text("unread_since_ms IS NOT NULL"),
        postgresql_where=sa.text("unread_since_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_waiting_since_ms",
        "conversations",
        ["waiting_since_ms"],
        unique=False,
        sqlite_where=sa.text("waiting_since_ms IS NOT NULL"),
        postgresql_where=sa.text("waiting_since_ms IS NOT NULL"),
    )

    _fill_in()
    _chain()


def _fill_in() -> None:
    unread = "m.conversation_id = conversations.id AND m.seq > conversations.reviewed_seq"
    for column, value in {
        "changed_at_ms": "coalesce((SELECT max(e.at_ms) FROM events e WHERE e.conversation_id = conversations.id), "
        "created_at_ms)",
        "unread_since_ms": f"(SELECT min(m.received_at_ms) FROM messages m WHERE {unread})",
        "danger_since_ms": f"(SELECT min(m.received_at_ms) FROM messages m WHERE {unread} "
        "AND m.verdict IN ('emergency', 'self_harm'))",
        "unanswered_since_ms": f"(SELECT min(m.at_ms) FROM events m WHERE {unread} "
        "AND m.sender = 'bot' AND m.label = 'fallback')",
        "disliked_since_ms": f"(SELECT min(m.at_ms) FROM feedback m WHERE {unread} AND m.value = 'down')",
    }.items():
        op.execute(f"UPDATE conversations SET {column} = {value}")
    op.execute(
        "INSERT INTO handoffs (conversation_id, kind, asked_at_ms) "
        "SELECT id, waiting_kind, waiting_since_ms FROM conversations WHERE waiting_since_ms IS NOT NULL"
    )


def _chain() -> None:
    audit = sa.table(
        "audit", sa.column("id", sa.Integer), sa.column("at_ms", sa.BigInteger), sa.column("action", sa.String),
        sa.column("subject", sa.String), sa.column("detail", sa.JSON), sa.column("prev_hash", sa.String),
        sa.column("hash", sa.String),
    )  # fmt: skip
    connection, last_id, last = op.get_bind(), 0, GENESIS
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)).all():
        content = {
            "id": row.id, "at_ms": row.at_ms, "action": row.action, "subject": row.subject, "detail": row.detail,
            "prev_hash": last,
        }  # fmt: skip
        written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        found = hashlib.sha256(written.encode()).hexdigest()
        connection.execute(sa.update(audit).where(audit.c.id == row.id).values(prev_hash=last, hash=found))
        last_id, last = row.id, found
    op.execute(
        sa.text("INSERT INTO audit_head (id, last_id, last_hash) VALUES (1, :last_id, :last)").bindparams(
            last_id=last_id, last=last
        )
    )


def downgrade() -> None:
    """Drops the desk's tables and columns; not with Alembic's batches (see 0002)."""
    for table in TABLES:
        op.drop_table(table)
    for column in INDEXED:
        op.drop_index(f"ix_conversations_{column}", table_name="conversations")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE conversations DROP COLUMN {column}")
    for column in ("hash", "prev_hash"):
        op.execute(f"ALTER TABLE audit DROP COLUMN {column}")
