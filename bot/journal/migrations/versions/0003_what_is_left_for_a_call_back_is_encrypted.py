"""what is left for a call back is encrypted

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from bot.errors import StoreError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLAIN = ("name", "phone", "email", "note")


def upgrade() -> None:
    """Puts an encrypted column in place of the plain ones; what was there is encrypted on the way."""
    op.add_column("contact_requests", sa.Column("sealed", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, name, phone, email, note FROM contact_requests")).mappings().all()
    seal: Any = context.config.attributes.get("seal")
    if rows and seal is None:
        raise StoreError("bot.journal: contacts of before need MARROW_CONTACT_KEY; start the door, which has it")
    for row in rows:
        connection.execute(
            sa.text("UPDATE contact_requests SET sealed = :sealed WHERE id = :id"),
            {"id": row["id"], "sealed": seal({name: row[name] for name in PLAIN})},
        )
    for name in PLAIN:
        op.execute(f"ALTER TABLE contact_requests DROP COLUMN {name}")


def downgrade() -> None:
    """Takes the encrypted column away, and with it what was left: the key is not known here."""
    for name in PLAIN:
        op.add_column("contact_requests", sa.Column(name, sa.Text(), nullable=True))
    op.execute("ALTER TABLE contact_requests DROP COLUMN sealed")
