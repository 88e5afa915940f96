"""What tests of several rooms need: a PostgreSQL of their own, made and thrown away, and one real Chromium."""

from __future__ import annotations

import functools
import glob
import os
import shutil
import ssl
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.boot.throwaway import free_ports

if TYPE_CHECKING:  # the brain's environment has no browser
    from playwright.sync_api import Browser, BrowserContext

WAIT_MS = 20_000
"""How long a browser is waited for where nothing is said of it: far longer than it needs, for a machine with other work."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Each client over HTTP reads the list of authorities anew, a tenth of a second, though nothing here speaks TLS: once is
# enough.
ssl.create_default_context = functools.lru_cache(ssl.create_default_context)


class Unavailable(Exception):
    """No server can be had here; the text says why."""


class PostgreSQL:
    """A server in a folder of its own. It can be stopped and started again, as in a fault.

    Args:
        durable: False for tests that never stop it: it need not wait for the disk.
    """

    def __init__(self, *, durable: bool = True) -> None:
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [p for p in [shutil.which("initdb")] if p]
        if not found:
            raise Unavailable("no PostgreSQL server is installed and MARROW_TEST_POSTGRESQL_URL is not set")
        self._programs = Path(found[-1]).parent
        self._folder = Path(tempfile.mkdtemp(prefix="marrow-postgresql-"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
        (port,) = free_ports(1)
        self._options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={self._folder}"
        if not durable:
            self._options += " -c fsync=off -c full_page_writes=off"
        self.url = f"postgresql://marrow@127.0.0.1:{port}/postgres"
        try:
            self._run("initdb", "-A", "trust", "-U", "marrow", "-E", "UTF8")
            self.start()
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise Unavailable(f"PostgreSQL does not start here: {getattr(error, 'stderr', error)}") from error

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root; its package makes this user.
        before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*before, str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        subprocess.run(command, capture_output=True, text=True, cwd=self._folder, timeout=60, check=True)

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-o", self._options, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """Stops at once, as when its machine goes down."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def close(self) -> None:
        with_pid = self._folder / "data" / "postmaster.pid"
        if with_pid.exists():
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _skip(error: Unavailable) -> None:
    if os.environ.get("CI"):  # nothing may be skipped there
        raise error
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a PostgreSQL, or of the one that MARROW_TEST_POSTGRESQL_URL names; else the test is skipped."""
    given = os.environ.get("MARROW_TEST_POSTGRESQL_URL")
    if given:
        yield given
        return
    try:
        server = PostgreSQL(durable=False)
    except Unavailable as error:
        _skip(error)
    yield server.url
    server.close()


@pytest.fixture(scope="session")
def empty_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated journal to copy: migrating anew for each test would be most of the tests' time."""
    from bot.journal.migrate import migrate
    from bot.journal.store import Store

    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    store.scrub()
    store.close()
    return path


class Databases:
    """Databases of a server, each made as a copy of one that was migrated, and dropped at the end."""

    def __init__(self, server_url: str) -> None:
        from bot.journal.migrate import migrate
        from bot.journal.store import Store

        self._server_url = server_url
        self._engine = Store(server_url).engine.execution_options(isolation_level="AUTOCOMMIT")
        self._name = f"marrow_test_{uuid.uuid4().hex}"
        self._made = [self._name]
        self._do(f"CREATE DATABASE {self._name}")
        store = Store(self._url(self._name))
        migrate(store)
        store.close()

    def _url(self, name: str) -> str:
        return f"{self._server_url.rpartition('/')[0]}/{name}"

    def _do(self, sql: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(sql)

    def new(self) -> str:
        """The address of an empty, migrated journal."""
        self._made.append(f"marrow_test_{uuid.uuid4().hex}")
        self._do(f"CREATE DATABASE {self._made[-1]} TEMPLATE {self._name}")
        return self._url(self._made[-1])

    def drop(self, url: str) -> None:
        """Drops one, whoever is still connected."""
        name = url.rpartition("/")[2]
        self._do(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.remove(name)

    def close(self) -> None:
        """Drops all that are left."""
        for name in self._made:
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._engine.dispose()


@pytest.fixture(scope="session")
def databases(postgresql_url: str) -> Iterator[Databases]:
    """Makes databases on PostgreSQL."""
    from bot.journal import store

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "CONNECT_TIMEOUT_S", 20)  # a server on a machine that stalls
        made = Databases(postgresql_url)
        yield made
        made.close()


@pytest.fixture
def empty_postgresql(databases: Databases) -> Iterator[str]:
    """The address of an empty, migrated journal on PostgreSQL."""
    url = databases.new()
    yield url
    databases.drop(url)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL to be stopped and started, or the test is skipped."""
    try:
        server = PostgreSQL()
    except Unavailable as error:
        _skip(error)
    yield server
    server.close()


def find_chromium() -> str:
    """The path of Chromium: `CHROMIUM`, or the first one found.

    Raises:
        RuntimeError: There is none.
    """
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    for name in names:
        if name and (path := shutil.which(name)):
            return path
    raise RuntimeError("tests: no Chromium found; install the package `chromium` or set CHROMIUM to its path")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of a file of tests. While it is open no other can be, and no event loop of a test's own."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser profile; `@pytest.mark.parametrize("context", [{...}], indirect=True)` sets its options."""
    options = {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **getattr(request, "param", {})}
    made = chromium.new_context(**options)
    made.set_default_timeout(WAIT_MS)
    yield made
    made.close()
