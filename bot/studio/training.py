"""Training as a job: started, watched and cancelled from pages and commands; `bot.studio.train` is its process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from typing import Any

from bot.boot import model
from bot.boot.environments import DOOR, ROOT, STATE
from bot.errors import MarrowError
from bot.journal.clock import Clock
from bot.studio.files import Person

FOLDER = STATE / "studio"
JOB, LOCK, LOG, PROCESS = (FOLDER / name for name in ("job.json", "job.lock", "training.log", "job.pid"))
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"


class Busy(MarrowError):
    """A training is under way."""


@dataclass
class Job:
    """What the job tells.

    Attributes:
        state: `running`, `done`, `failed` or `cancelled`.
        step: What it does now, for people.
        part: How far it is, 0 to 100.
        by: Who started it.
        began_at_ms: When.
        ended_at_ms: When it ended, or None.
        candidate: The model that it made, or empty.
        said: Why it failed, or empty.
    """

    state: str = RUNNING
    step: str = "beginning"
    part: int = 0
    by: str = ""
    began_at_ms: int = 0
    ended_at_ms: int | None = None
    candidate: str = ""
    said: str = ""


def job() -> Job | None:
    """The last job; None when there was none."""
    try:
        found = Job(**json.loads(JOB.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if found.state == RUNNING and not _is_running():
        found.state, found.said = FAILED, "the process ended before it was done; see the log and start it again"
    return found


def _is_running() -> bool:
    try:
        with LOCK.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except FileNotFoundError:  # there was no training yet
        return False
    except BlockingIOError:
        return True


def start(by: Person, candidate: str = "") -> None:
    """Starts the job in a process of its own.

    Args:
        by: Who starts it.
        candidate: A candidate to be measured again; empty: a new one is trained.

    Raises:
        Busy: One is under way.
    """
    if _is_running():
        raise Busy("studio: a training is under way; wait for it or cancel it")
    FOLDER.mkdir(parents=True, exist_ok=True)
    write(Job(by=by.name, began_at_ms=Clock().now_ms(), candidate=candidate))
    named = [candidate] if candidate else []
    with LOG.open("w") as log, LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The lock goes with the process: it is held as long as that lives, however it ends.
        process = subprocess.Popen(
            [str(DOOR.executable), "-m", "bot.studio.train", by.actor, by.name, str(lock.fileno()), *named],
            cwd=ROOT, env=model.brain_environment() | {"PYTHONUNBUFFERED": "1"}, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=[lock.fileno()],
        )  # fmt: skip
    PROCESS.write_text(str(process.pid))


def cancel() -> bool:
    """Ends the running job with all that it started; False when none was running."""
    found = job()
    if found is None or found.state != RUNNING or not _is_running():
        return False
    with contextlib.suppress(OSError, ValueError):
        os.killpg(int(PROCESS.read_text()), signal.SIGTERM)
    end = time.monotonic() + 10
    while _is_running() and time.monotonic() < end:
        time.sleep(0.05)
    if _is_running():
        with contextlib.suppress(OSError, ValueError):
            os.killpg(int(PROCESS.read_text()), signal.SIGKILL)
    found.state, found.ended_at_ms, found.said = CANCELLED, Clock().now_ms(), "cancelled"
    write(found)
    return True


def wait(told: Any = None) -> Job:
    """Waits for the running job; `told` gets each new step."""
    last = ""
    while True:
        found = job()
        assert found is not None
        if told is not None and found.step != last:
            last = found.step
            told(found)
        if found.state != RUNNING:
            return found
        time.sleep(0.3)


def write(found: Job) -> None:
    """Tells how a job stands."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = JOB.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(asdict(found)), encoding="utf-8")
    os.replace(part, JOB)
