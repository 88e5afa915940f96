"""The door as a process: it says when it listens, stops fast, and says why when it cannot start."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.boot.made_secrets import made
from bot.boot.throwaway import free_ports

pytestmark = pytest.mark.slow  # real door processes


ROOT = Path(__file__).resolve().parents[3]
SECRETS = {
    "MARROW_SECRET_KEY": "s" * 40,
    "MARROW_BRAIN_TOKEN": "token",
    "MARROW_CONTACT_KEY": made()["MARROW_CONTACT_KEY"],
}


@pytest.fixture
def environment(tmp_path):
    (port,) = free_ports(1)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MARROW_")}
    return kept | SECRETS | {
        "MARROW_DOOR_PORT": str(port),
        "MARROW_BRAIN_PORT": "1",
        "MARROW_DATABASE_URL": f"sqlite:///{tmp_path}/new/journal.sqlite3",
    }  # fmt: skip


def start(environment):
    return subprocess.Popen(
        [sys.executable, "-m", "bot.door"], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_when_it_is_told_to_stop_then_it_does_within_three_seconds_with_streams_open(environment, tmp_path, number):
    process = start(environment)
    try:
        url = f"http://127.0.0.1:{environment['MARROW_DOOR_PORT']}"
        assert process.stdout.readline() == f"door: listening on {url}\n"
        # a text waits for redaction, which loads when a door starts
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as http, contextlib.ExitStack() as streams:
            begun = http.post("/api/v1/conversations", json={"consent": True}).json()
            path = f"/api/v1/conversations/{begun['conversation']}"
            headers = {"Authorization": f"Bearer {begun['token']}"}
            responses = [
                streams.enter_context(http.stream("GET", f"{path}/events", headers=headers, timeout=10))
                for _ in range(3)
            ]
            assert {response.status_code for response in responses} == {200}
            message = http.post(f"{path}/messages", headers=headers, json={"client_id": "a", "text": "quinoa"})
            assert message.status_code == 202
            told = time.monotonic()
            process.send_signal(number)
            assert process.wait(5) == 0
            assert time.monotonic() - told < 3
    finally:
        process.kill()
    log = process.stderr.read()
    assert "/messages 202" in log
    assert "Traceback" not in log
    for secret in ("quinoa", begun["token"], begun["conversation"]):
        assert secret not in log
    journal = tmp_path / "new" / "journal.sqlite3"
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"MARROW_SECRET_KEY": "short"}, "MARROW_SECRET_KEY"),
        ({"MARROW_DATABASE_URL": "mysql://u:secret@h/d"}, "MARROW_DATABASE_URL"),
        ({"MARROW_DATABASE_URL": "sqlite:////proc/none/journal.sqlite3"}, "/proc/none"),
        ({"MARROW_DOOR_PORT": "many"}, "MARROW_DOOR_PORT"),
        ({"MARROW_NO_SUCH": "x"}, "MARROW_NO_SUCH"),
    ],
)
def test_when_a_setting_cannot_be_used_then_one_line_names_it(environment, changed, named):
    process = start(environment | changed)
    out, log = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    lines = [line for line in log.splitlines() if line.startswith("door:")]
    assert len(lines) == 1
    assert named in lines[0]
    assert "secret@" not in log
    assert "Traceback" not in log


def test_when_the_port_is_taken_then_one_line_says_so_and_the_journal_is_not_touched(environment, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["MARROW_DOOR_PORT"])))
        taken.listen()
        process = start(environment)
        _, log = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "MARROW_DOOR_PORT" in log
    assert not (tmp_path / "new").exists()
