"""what staff review first

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what the screen saw, and how far staff have read; danger of before is marked too."""
    op.add_column("messages", sa.Column("verdict", sa.String(length=16), nullable=True))
    op.add_column("conversations", sa.Column("reviewed_seq", sa.Integer(), nullable=False, server_default="0"))
    for verdict in ("emergency", "self_harm"):
        op.execute(
            f"UPDATE messages SET verdict = '{verdict}' WHERE EXISTS (SELECT 1 FROM events "
            "WHERE events.conversation_id = messages.conversation_id AND events.reply_to = messages.seq "
            f"AND events.label = 'safety/{verdict}')"
        )


def downgrade() -> None:
    """Takes both away; not with Alembic's batches, whose new table would take the conversations' lines with the old."""
    op.execute("ALTER TABLE conversations DROP COLUMN reviewed_seq")
    op.execute("ALTER TABLE messages DROP COLUMN verdict")
