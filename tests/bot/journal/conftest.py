"""A migrated journal on SQLite, and on PostgreSQL where a server can be started."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.journal.migrate import migrate
from bot.journal.store import Store

_spec = importlib.util.spec_from_file_location("postgresql_server", Path(__file__).with_name("postgresql.py"))
postgresql = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(postgresql)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL, or the test is skipped with the reason; with CI=true nothing may be skipped."""
    try:
        with postgresql.server() as url:
            yield url
    except postgresql.Unavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


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
