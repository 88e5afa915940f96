"""Brings the journal's tables to this version. Several doors may start at once: one migrates, the others wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import text

import bot.journal.staff_models  # so that every table is known
import bot.journal.studio_models  # noqa: F401
from bot.errors import StoreError
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.settings import Settings

Seal = Callable[[dict[str, str | None]], str]
"""Encrypts the members of a call-back request."""

_LOCK = 7_239_104_551
"""Number of PostgreSQL's advisory lock for migrations; any fixed number that nothing else uses."""

WAIT_MS = 60_000
"""How long a door waits for another one that migrates on PostgreSQL, in ms: to index a large journal takes its time.
On SQLite it comes again by itself, and does not hold up meanwhile who tells that the journal is locked."""

SEARCH_INDEX = "search_index"
"""The FTS5 table of SQLite and its own tables, or the GIN index of PostgreSQL."""


def config() -> Config:
    """Alembic's configuration, made here so that no file outside the package is needed."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.set_main_option("path_separator", "os")
    return made


def of_both_engines(_thing: Any, name: str | None, _type: str, _reflected: bool, _other: Any) -> bool:
    """Whether Alembic's comparison looks at a thing: not at the search index, which each engine has in its own way."""
    return not (name or "").startswith(SEARCH_INDEX)


def migrate(store: Store, *, seal: Seal | None = None) -> str:
    """Upgrades the tables to the newest revision, in one transaction.

    Args:
        store: The journal.
        seal: Encrypts what patients left for a call back in a journal of before that was encrypted.

    Returns:
        The revision.

    Raises:
        StoreError: The journal cannot be written, or it was made by a newer Marrow.
    """
    made = config()
    head = ScriptDirectory.from_config(made).get_current_head() or ""
    with store.write(wait_ms=None if store.sqlite else WAIT_MS) as connection:
        if not store.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        made.attributes["connection"] = connection
        made.attributes["seal"] = seal
        try:
            command.upgrade(made, "head")
        except CommandError as error:
            raise StoreError(
                f"bot.journal: the tables were made by another version ({error}); "
                "start the Marrow that made them, or restore a copy"
            ) from error
    return head


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The journal as a command needs it: brought to this version, closed at the end.

    Args:
        settings: Where it is. The key for contacts is only used on a journal of before they were encrypted.

    Raises:
        StoreError: It cannot be opened or written, or it was made by a newer Marrow.
        SettingsError: It holds open contacts and there is no key.
    """
    store = Store(settings.database_url)
    try:
        migrate(store, seal=lambda left: Box(settings.contact_key).seal(left))
        yield store
    finally:
        store.close()
