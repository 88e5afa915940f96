"""A PostgreSQL server for tests, made and thrown away; loaded by path, because test folders are no packages."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Unavailable(Exception):
    """No server can be had here; the text says why."""


def _as_postgres(*command: str, cwd: str) -> subprocess.CompletedProcess[str]:
    # The server refuses to run as root; its package makes this user.
    before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return subprocess.run([*before, *command], capture_output=True, text=True, cwd=cwd, timeout=60, check=True)


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL of the tests' own, or of the one that MARROW_TEST_POSTGRESQL_URL names."""
    given = os.environ.get("MARROW_TEST_POSTGRESQL_URL")
    if given:
        yield given
        return
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [path for path in [shutil.which("initdb")] if path]
    if not found:
        raise Unavailable("no PostgreSQL server is installed and MARROW_TEST_POSTGRESQL_URL is not set")
    programs = Path(found[-1]).parent
    folder = Path(tempfile.mkdtemp(prefix="marrow-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    try:
        _as_postgres(f"{programs}/initdb", "-D", data, "-A", "trust", "-U", "marrow", "-E", "UTF8", cwd=str(folder))
        _as_postgres(
            f"{programs}/pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{folder}/log", "start", cwd=str(folder)
        )
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable(f"PostgreSQL does not start here: {getattr(error, 'stderr', error)}") from error
    try:
        yield f"postgresql://marrow@127.0.0.1:{port}/postgres"
    finally:
        _as_postgres(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop", cwd=str(folder))
        shutil.rmtree(folder, ignore_errors=True)
