"""An empty, migrated journal on SQLite, and on PostgreSQL where a server can be started."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.journal import store as store_module
from bot.journal.store import Store

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
"""PostgreSQL takes three times as long, and what goes wrong on it alone is rare: it is no part of the quick tests."""


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls holds a lock for longer than a patient waits; that is asked where it counts."""
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 20_000)


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path, empty_journal: Path) -> Iterator[Store]:
    """An empty, migrated journal of each kind."""
    if request.param == "sqlite":
        shutil.copy(empty_journal, tmp_path / "journal.sqlite3")
        made = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    else:
        made = Store(request.getfixturevalue("empty_postgresql"))
    yield made
    made.close()
