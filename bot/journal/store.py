"""The database behind the journal: engine, durable transactions, and one error when it refuses."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import SettingsError, StoreError
from bot.settings import ROOT

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 3000
"""How long a writer waits for another process before the patient is asked to send again (503), in ms."""

CONNECTIONS = 12
"""Connections one process opens at most. More only queue: SQLite has one writer, and the work is short."""

MERGED_PAGES = 500
"""Pages of the search index that are merged in one transaction: some tens of milliseconds."""


def address(database_url: str) -> URL:
    """Reads the address of the journal.

    Relative SQLite paths are put under the project's folder, and `postgresql://` means psycopg 3.

    Raises:
        SettingsError: It is no SQLAlchemy address, or neither SQLite in a file nor PostgreSQL.
    """
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise SettingsError(
            "MARROW_DATABASE_URL: no SQLAlchemy address; use one such as sqlite:///var/journal.sqlite3"
        ) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not url.database or url.database == ":memory:":
        raise SettingsError(
            f"MARROW_DATABASE_URL: the journal needs SQLite in a file or PostgreSQL, got {backend}"
            f"{' in memory' if backend == 'sqlite' else ''}; use one such as sqlite:///var/journal.sqlite3"
        )
    return url.set(database=str(ROOT / url.database))


class Store:
    """Opens the journal and gives transactions to those who know its tables.

    Args:
        database_url: An SQLAlchemy address, as in the setting of that name.

    Raises:
        SettingsError: The address cannot be used.
        StoreError: The folder or file of an SQLite journal cannot be made.
    """

    def __init__(self, database_url: str) -> None:
        self.url = address(database_url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        # Threads of one process queue here, fairly and without SQLite's polling; other processes meet busy_timeout.
        self._one_writer = threading.Lock() if self.sqlite else None
        options: dict[str, Any] = {"hide_parameters": True}  # a patient's words must not get into an error's text
        if self.sqlite:
            self._make_file()
            options["connect_args"] = {"timeout": BUSY_TIMEOUT_MS / 1000}
        else:
            options["connect_args"] = {"connect_timeout": 5}
            options["pool_pre_ping"] = True
        try:
            self.engine: Engine = create_engine(
                self.url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=BUSY_TIMEOUT_MS / 1000, **options
            )
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise SettingsError(
                f"MARROW_DATABASE_URL: the driver for {self.url.drivername} is not installed ({error}); "
                "install requirements/door-postgresql.in"
            ) from error
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def _make_file(self) -> None:
        path = Path(str(self.url.database))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made before SQLite would make it, because SQLite's own would be readable by everybody.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(
                f"{path}: the journal cannot be made or opened ({error.strerror}); "
                "give MARROW_DATABASE_URL a folder that the door may write to"
            ) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One durable transaction: committed to the disk when the block ends, undone when it raises.

        Raises:
            StoreError: The journal cannot be written at the moment.
        """
        if self._one_writer is not None and not self._one_writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise StoreError(f"bot.journal: no turn to write within {BUSY_TIMEOUT_MS} ms; try again")
        try:
            with (
                self._translated(),
                self.engine.connect().execution_options(marrow_write=True) as connection,
                connection.begin(),
            ):
                yield connection
        finally:
            if self._one_writer is not None:
                self._one_writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for reading; it never waits for writers on SQLite (WAL).

        Raises:
            StoreError: The journal cannot be read at the moment.
        """
        with self._translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def together(self) -> Iterator[Store]:
        """The same journal, with all that is done to it in one transaction: all or nothing, and one wait for the disk.

        Raises:
            StoreError: The journal cannot be written at the moment.
        """
        with self.write() as connection:
            yield _Together(self, connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, DataError):
            raise  # a fault of ours or of the data: trying again would not help
        except PoolTimeout as error:
            raise StoreError(f"bot.journal: all {CONNECTIONS} connections are busy; try again") from error
        except ProgrammingError as error:
            raise StoreError(
                f"bot.journal: the tables do not fit this version ({error.orig}); start the door, which migrates them"
            ) from error
        except DBAPIError as error:
            raise StoreError(f"bot.journal: the database refuses ({error.orig}); it is tried again") from error

    def check(self) -> None:
        """Makes sure that the journal can be read and that a write could begin.

        Raises:
            StoreError: It cannot.
        """
        with self.write() as connection:
            connection.execute(text("SELECT id FROM conversations LIMIT 1"))

    def scrub(self) -> None:
        """Lets no erased words linger in SQLite's files. Best effort: readers may hold the log for a while.

        A word that leaves the search index is only crossed out there until the pieces of the index are merged, and what
        was overwritten is in the write-ahead log until that is emptied.
        """
        if not self.sqlite:
            return
        try:
            self._merge_index()
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection)
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (DBAPIError, PoolTimeout, StoreError, sqlite3.Error) as error:
            log.warning(
                "bot.journal: search index and log were not cleared after an erasure (%s); the next one does it",
                type(error).__name__,
            )

    def _merge_index(self) -> None:
        """Merges the search index into one piece, some pages at a time, so that no writer waits for long."""
        pages = -MERGED_PAGES  # the first time below zero: everything, as `optimize` would
        while True:
            with self.write() as connection:
                before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
                connection.exec_driver_sql(f"INSERT INTO search_index (search_index, rank) VALUES ('merge', {pages})")
                done = connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before
            if done < 2:  # that is how FTS5 says that there was nothing left to do
                return
            pages = MERGED_PAGES

    def files(self) -> list[Path]:
        """The files of an SQLite journal that are there now; none for PostgreSQL."""
        if not self.sqlite:
            return []
        return [path for suffix in ("", "-wal", "-shm") if (path := Path(f"{self.url.database}{suffix}")).exists()]

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


class _Together(Store):
    """A journal inside a transaction that somebody else ends."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self.url, self.sqlite, self.engine, self._connection = store.url, store.sqlite, store.engine, connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The transaction there is."""
        yield self._connection

    read = write

    def scrub(self) -> None:
        """Nothing yet: who ends the transaction does it."""


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's own BEGIN comes late and is never IMMEDIATE; `_begin_sqlite` says it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # an erased word is overwritten, not only unlinked
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read transaction later can fail with no waiting at all.
    writes = connection.get_execution_options().get("marrow_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
