"""A migrated journal on SQLite, and on PostgreSQL where a server can be started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.journal.migrate import migrate
from bot.journal.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty, migrated journal of each kind."""
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    else:
        made = Store(request.getfixturevalue("postgresql_url"))
        with made.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    migrate(made)
    yield made
    made.close()
