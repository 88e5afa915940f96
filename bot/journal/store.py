"""The database behind the journal: engine, durable transactions, and one error when it refuses.

Longer than 300 lines because what the two engines need to be durable and bounded in time is kept in one place.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import SettingsError, StoreError
from bot.journal.turns import Turns
from bot.settings import ROOT

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 1500
"""How long a writer waits for its turn, all in all, before the patient is asked to send again (503), in ms."""

REFUSED_TIMEOUT_MS = 300
"""The same after a refusal and until a write succeeds, so that nobody queues behind a wait that is in vain."""

CONNECT_TIMEOUT_S = 2
"""How long PostgreSQL may take to let a connection in, in seconds; libpq knows no less."""

UNHEARD_MS = 3000
"""After this long without a sign of life from PostgreSQL's machine a connection counts as lost, in ms."""

SCRUBS = 5
"""How often an erasure tries to empty the write-ahead log: 15 s at most, which leaves room in a promised minute."""

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
        self._one_writer = Turns() if self.sqlite else None
        self._refused = False
        self._file: tuple[int, int] | None = None
        options: dict[str, Any] = {"hide_parameters": True}  # a patient's words must not get into an error's text
        if self.sqlite:
            self._make_file()
            options["connect_args"] = {"timeout": BUSY_TIMEOUT_MS / 1000}
        else:
            options["connect_args"] = {
                "connect_timeout": CONNECT_TIMEOUT_S,
                "tcp_user_timeout": UNHEARD_MS,
                "keepalives_idle": 5,
                "keepalives_interval": 1,
                "keepalives_count": 3,
            }
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
        else:
            event.listen(self.engine, "connect", _prepare_postgresql)

    def _make_file(self) -> None:
        path = Path(str(self.url.database))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made before SQLite would make it, because SQLite's own would be readable by everybody.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            if path.exists():
                return  # a journal that cannot be read today may be tomorrow, and danger is answered without it
            raise StoreError(
                f"{path}: the journal cannot be made or opened ({error.strerror}); "
                "give MARROW_DATABASE_URL a folder that the door may write to"
            ) from error

    def _same_file(self) -> None:
        """Makes sure that an open journal is still the one at its address.

        SQLite goes on writing into a file that was moved or deleted: what is acknowledged then would be lost.
        """
        if not self.sqlite:
            return
        try:
            found = os.stat(str(self.url.database))
        except OSError as error:
            raise StoreError(
                f"{self.url.database}: the journal is not there ({error.strerror}); put it back; until "
                "then nothing is taken"
            ) from error
        self._file = self._file or (found.st_dev, found.st_ino)
        if self._file != (found.st_dev, found.st_ino):
            raise StoreError(f"{self.url.database}: another file has taken the journal's place; restart the door")

    @contextmanager
    def write(self, *, wait_ms: int | None = None) -> Iterator[Connection]:
        """One durable transaction: committed to the disk when the block ends, undone when it raises.

        Args:
            wait_ms: How long to wait for other writers where no patient waits, in ms; otherwise `BUSY_TIMEOUT_MS`, and
                `REFUSED_TIMEOUT_MS` after a refusal.

        Raises:
            StoreError: The journal cannot be written at the moment.
        """
        patient_waits = wait_ms is None
        if wait_ms is None:
            wait_ms = min(BUSY_TIMEOUT_MS, REFUSED_TIMEOUT_MS) if self._refused else BUSY_TIMEOUT_MS
        ends = time.monotonic() + wait_ms / 1000
        if self._one_writer is not None and not self._one_writer.acquire(wait_ms / 1000):
            raise StoreError(f"bot.journal: no turn to write within {wait_ms} ms; try again")
        try:
            self._same_file()
            left_ms = max(10, int((ends - time.monotonic()) * 1000))
            with (
                self._translated(),
                self.engine.connect().execution_options(marrow_write_ms=left_ms) as connection,
                connection.begin(),
            ):
                if not self.sqlite and not patient_waits:
                    connection.execute(text(f"SET LOCAL lock_timeout = {left_ms}"))
                yield connection
            self._refused = False
        except StoreError:
            self._refused = True
            raise
        finally:
            if self._one_writer is not None:
                self._one_writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for reading; it never waits for writers on SQLite (WAL).

        Raises:
            StoreError: The journal cannot be read at the moment.
        """
        self._same_file()
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
        """Makes sure that the journal can be read and written, by a write that changes nothing.

        Raises:
            StoreError: It cannot; a full disk lets a transaction begin, but not end.
        """
        with self.write() as connection:
            connection.execute(text("SELECT id FROM conversations LIMIT 1"))
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def scrub(self) -> bool:
        """Lets no erased words linger: empties SQLite's write-ahead log, has PostgreSQL clear its dead rows.

        A word that leaves SQLite's search index is only crossed out there until the pieces of the index are merged.
        A reader may hold SQLite's log for a moment, so it is tried several times, each for `BUSY_TIMEOUT_MS`.

        Returns:
            Whether it worked; if not, that is logged, and the next erasure does it.
        """
        reason, merged = "busy", False
        for _ in range(SCRUBS):
            try:
                if self.sqlite and not merged:
                    self._merge_index()
                    merged = True
                if self._scrubbed():
                    return True
            except (StoreError, DBAPIError, PoolTimeout, sqlite3.Error) as error:
                reason = type(error).__name__
        log.warning(
            "bot.journal: what was erased still lingers in the database's log (%s); the next erasure ends it", reason
        )
        return False

    def _scrubbed(self) -> bool:
        with self.engine.connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM"))
                return True
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            (blocked, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not blocked

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
    def write(self, *, wait_ms: int | None = None) -> Iterator[Connection]:
        """The transaction there is."""
        yield self._connection

    read = write

    def scrub(self) -> bool:
        """Nothing yet: who ends the transaction does it."""
        return True


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
    wait_ms = connection.get_execution_options().get("marrow_write_ms")
    if wait_ms is not None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait_ms}")
    connection.exec_driver_sql("BEGIN" if wait_ms is None else "BEGIN IMMEDIATE")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # a row that somebody else holds must not keep a patient waiting for ever
    connection.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    # PostgreSQL reckons with turning disks and reads whole tables for what its indexes find in a third of the time
    connection.execute("SET random_page_cost = 1.1")
    # after some times of one statement it plans for any value: a search for the beginning of a page then took twice
    # as long
    connection.execute("SET plan_cache_mode = force_custom_plan")
    connection.commit()
