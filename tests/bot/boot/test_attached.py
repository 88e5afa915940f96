"""A process that is attached ends with its parent, however the parent ends. Real processes, Linux only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")

# The parent starts a child through bot.boot.attached, or plainly, says its number and waits.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, *sys.argv[1:], sys.executable, "-c", "import time; time.sleep(120)"])
print(child.pid, flush=True)
time.sleep(120)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def command_of(pid: int) -> list[bytes]:
    """The child's own command: it starts as a copy of its parent, and has none for a moment in between."""
    given = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return [] if b"bot.boot.attached" in given else given


def started(*through: str) -> tuple[subprocess.Popen[str], int]:
    command = PARENT if through else PARENT.replace("*sys.argv[1:], sys.executable, ", "")
    parent = subprocess.Popen([sys.executable, "-c", command, *through], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_when_the_parent_ends_then_the_attached_process_ends_too(how: signal.Signals) -> None:
    parent, child = started("-m", "bot.boot.attached")
    try:
        ends = time.monotonic() + 30
        while command_of(child)[1:2] != [b"-c"] and time.monotonic() < ends:
            time.sleep(0.02)  # on a busy machine it takes a while to become the other command
        assert is_alive(child)

        parent.send_signal(how)
        parent.wait(10)
        ends = time.monotonic() + 10
        while is_alive(child) and time.monotonic() < ends:
            time.sleep(0.02)

        assert not is_alive(child)
    finally:
        for pid in (parent.pid, child):
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        parent.communicate()


def test_when_a_process_is_not_attached_then_it_outlives_its_parent() -> None:
    """Shows that the test above could fail."""
    parent, child = started()
    try:
        parent.kill()
        parent.wait(10)
        time.sleep(0.5)

        assert is_alive(child)
    finally:
        os.kill(child, signal.SIGKILL)
        parent.communicate()


def test_when_a_command_is_attached_then_its_arguments_and_exit_code_are_its_own() -> None:
    code = "import sys; print(sys.argv[1:]); sys.exit(7)"

    done = subprocess.run(
        [sys.executable, "-m", "bot.boot.attached", sys.executable, "-c", code, "a b", "--help", "%(x)s"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (7, "['a b', '--help', '%(x)s']")
