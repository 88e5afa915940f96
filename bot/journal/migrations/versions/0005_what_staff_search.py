"""what staff search and count

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from bot.journal import terms

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT_ONCE = 1000

# Written so that SQLite (3.38 or newer) and PostgreSQL read the same.
_FACTS = {
    "label": (
        sa.String(length=64),
        "COALESCE(understood ->> 'label', CASE WHEN outcome = 'safety' THEN 'safety/' || verdict END)",
    ),
    "confidence": (sa.Double(), "CAST((understood ->> 'confidence') AS DOUBLE PRECISION)"),
    "language": (sa.String(length=35), "understood ->> 'language'"),
    "handled": (
        sa.String(length=16),
        "CASE WHEN answered_at_ms IS NULL THEN NULL WHEN outcome = 'safety' THEN 'safety' "
        "WHEN outcome = 'fallback' THEN 'failed' ELSE COALESCE(understood ->> 'outcome', outcome) END",
    ),
}
_OF_THEM = "understood, outcome, verdict, answered_at_ms"
_SET = "UPDATE messages SET " + ", ".join(f"{name} = {what}" for name, (_, what) in _FACTS.items())
_THIS = "WHERE conversation_id = new.conversation_id AND seq = new.seq"
# PostgreSQL works them out by itself. SQLite can add such columns only as ones that are worked out whenever they are
# read, which no index spares; triggers keep them there.
_SQLITE_FACTS = (
    _SET,
    f"CREATE TRIGGER messages_facts_come AFTER INSERT ON messages BEGIN {_SET} {_THIS}; END",
    f"CREATE TRIGGER messages_facts_change AFTER UPDATE OF {_OF_THEM} ON messages BEGIN {_SET} {_THIS}; END",
)

_INDEXES = {
    "ix_messages_facts": [
        "received_at_ms", "handled", "label", "confidence", "language", "verdict", "kind", "reviewed_at_ms",
        "thumb", "conversation_id", "seq",
    ],
    "ix_messages_label": ["label", "handled", "received_at_ms", "conversation_id", "seq"],
    "ix_messages_handled": ["handled", "received_at_ms", "label", "conversation_id", "seq"],
    "ix_messages_language": ["language", "received_at_ms", "seq"],
}  # fmt: skip

# FTS5 keeps no copy of the words: it reads them from search_lines, and these triggers tell it what comes and goes.
# `ascii` parts at spaces and changes nothing else: bot.journal.terms has done the rest.
_FTS5 = (
    "DROP TABLE IF EXISTS search_index",
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "terms, content='search_lines', content_rowid='id', tokenize='ascii', columnsize=0)",
    "CREATE TRIGGER search_lines_come AFTER INSERT ON search_lines BEGIN "
    "INSERT INTO search_index (rowid, terms) VALUES (new.id, new.terms); END",
    "CREATE TRIGGER search_lines_go AFTER DELETE ON search_lines BEGIN "
    "INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', old.id, old.terms); END",
)


def upgrade() -> None:
    """Adds what the desk asks for, and lets the search know what was said before."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("conversations", sa.Column("page", sa.String(length=255), nullable=True))
    named = sa.text("page IS NOT NULL")
    op.create_index("ix_conversations_page", "conversations", ["page"], sqlite_where=named, postgresql_where=named)
    op.add_column("messages", sa.Column("reviewed_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("messages", sa.Column("thumb", sa.String(length=4), nullable=True))
    op.execute(
        "UPDATE messages SET thumb = (SELECT MIN(value) FROM feedback JOIN events USING (conversation_id, seq) "
        "WHERE feedback.conversation_id = messages.conversation_id AND events.reply_to = messages.seq)"
    )
    for name, (kind, what) in _FACTS.items():
        computed = () if sqlite else (sa.Computed(what, persisted=True),)
        op.add_column("messages", sa.Column(name, kind, *computed))
    if sqlite:
        for statement in _SQLITE_FACTS:
            op.execute(statement)
    for name, columns in _INDEXES.items():
        op.create_index(name, "messages", columns)
    rated = sa.text("thumb IS NOT NULL")
    op.create_index(
        "ix_messages_thumb", "messages", ["thumb", "received_at_ms", "conversation_id", "seq"],
        sqlite_where=rated, postgresql_where=rated,
    )  # fmt: skip
    red = sa.text("verdict IN ('emergency', 'self_harm')")
    op.create_index(
        "ix_messages_danger", "messages", ["received_at_ms", "reviewed_at_ms", "conversation_id", "seq"],
        sqlite_where=red, postgresql_where=red,
    )  # fmt: skip
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_id", "name", name="uq_saved_views_name"),
    )
    op.create_table(
        "search_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("message_seq", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "seq"], ["events.conversation_id", "events.seq"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_search_lines_line"),
    )
    op.create_index("ix_search_lines_message", "search_lines", ["conversation_id", "message_seq"])
    if sqlite:
        for statement in _FTS5:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX search_index ON search_lines USING gin (terms)")
    # When the lines of before were read is not known; that they were is.
    op.execute(
        "UPDATE messages SET reviewed_at_ms = received_at_ms WHERE EXISTS (SELECT 1 FROM conversations "
        "WHERE conversations.id = messages.conversation_id AND conversations.reviewed_seq >= messages.seq)"
    )
    _index_what_was_said(sqlite)


def _index_what_was_said(sqlite: bool) -> None:
    connection = op.get_bind()
    events = sa.table("events", *map(sa.column, ("conversation_id", "seq", "at_ms", "sender", "text", "reply_to")))
    lines = sa.table("search_lines", *map(sa.column, ("conversation_id", "seq", "message_seq")))
    lines.append_column(sa.Column("terms", sa.Text().with_variant(TSVECTOR(), "postgresql")))  # type: ignore[arg-type]
    searched = sa.or_(events.c.sender.in_(("patient", "staff")), events.c.reply_to > 0)
    searched = sa.and_(searched, events.c.sender != "system")
    said = sa.select(events).where(searched).order_by(events.c.at_ms, events.c.conversation_id)
    latest: dict[str, int] = {}
    for rows in connection.execute(said, execution_options={"yield_per": AT_ONCE}).partitions():
        found = []
        for row in rows:
            if row.sender == "patient":
                latest[row.conversation_id] = row.seq
            follows = row.seq if row.sender == "patient" else row.reply_to
            found.append(
                {
                    "conversation_id": row.conversation_id,
                    "seq": row.seq,
                    "message_seq": latest.get(row.conversation_id, 0) if follows is None else follows,
                    "terms": terms.indexed(row.sender, row.text, sqlite=sqlite),
                }
            )
        connection.execute(sa.insert(lines), found)


def downgrade() -> None:
    """Takes the search and the columns away; nothing that was said is lost."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_lines")
    op.drop_table("saved_views")
    for name in ("ix_messages_danger", "ix_messages_thumb", *_INDEXES):
        op.drop_index(name, "messages")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER messages_facts_come")
        op.execute("DROP TRIGGER messages_facts_change")
    for name in (*_FACTS, "thumb", "reviewed_at_ms"):
        op.execute(f"ALTER TABLE messages DROP COLUMN {name}")
    op.drop_index("ix_conversations_page", "conversations")
    op.execute("ALTER TABLE conversations DROP COLUMN page")
