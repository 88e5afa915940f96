"""Training as a job: a process of its own that trains, measures, plays the tests, and tells how far it is.

`python -m bot.studio.training ACTOR NAME` is that process; pages and commands start it and read what it tells. The
files are copied first, so that who goes on editing does not disturb it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.answer import review, validate
from bot.boot import model
from bot.boot.environments import BRAIN, DOOR, ROOT, STATE, BootError
from bot.errors import MarrowError
from bot.journal.clock import Clock
from bot.journal.store import Store
from bot.settings import settings
from bot.studio import replays
from bot.studio.candidates import Candidate, Candidates
from bot.studio.files import Files, Person

FOLDER = STATE / "studio"
JOB, LOCK, LOG, PROCESS = (FOLDER / name for name in ("job.json", "job.lock", "training.log", "job.pid"))
STORIES = ROOT / "tests" / "stories"
TESTS_WITHIN_S = 900
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
    except BlockingIOError:
        return True


def start(by: Person) -> None:
    """Starts the job in a process of its own.

    Raises:
        Busy: One is under way.
    """
    if _is_running():
        raise Busy("studio: a training is under way; wait for it or cancel it")
    FOLDER.mkdir(parents=True, exist_ok=True)
    _write(Job(by=by.name, began_at_ms=Clock().now_ms()))
    with LOG.open("w") as log, LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The lock goes with the process: it is held as long as that lives, however it ends.
        process = subprocess.Popen(
            [str(DOOR.executable), "-m", "bot.studio.training", by.actor, by.name, str(lock.fileno())], cwd=ROOT,
            env=model.brain_environment() | {"PYTHONUNBUFFERED": "1"}, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True, pass_fds=[lock.fileno()],
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
    _write(found)
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


def _write(found: Job) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = JOB.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(asdict(found)), encoding="utf-8")
    os.replace(part, JOB)


# --- the process ------------------------------------------------------------------------------------------------------


class Work:
    """The steps of a training.

    Args:
        by: Who started it.
        candidates: Where the model goes.
        store: The journal, for the replay.
    """

    def __init__(self, by: Person, candidates: Candidates, store: Store) -> None:
        self._by, self._candidates, self._store = by, candidates, store
        self._job = Job(by=by.name, began_at_ms=Clock().now_ms())

    def run(self) -> Candidate:
        """Trains, measures, plays the tests and replays.

        Raises:
            MarrowError: The files are not in order, or a step failed.
            BootError: Training failed.
        """
        self.tell("copying the files", 1)
        source = self._copy()
        today = review.today(settings().time_zone, _now())
        problems = validate.problems(source, today)
        if problems:
            raise MarrowError(f"studio: {problems[0]}; {len(problems)} problems in all, run ./marrow validate")
        self.tell("training", 5)
        made = model.make(FOLDER / "out", FOLDER / "rasa.log", self._trained, source)
        candidate = self._candidates.add(made, model.fingerprint(source), self._by)
        self._job.candidate = candidate.name
        live = model.current()
        self.tell("measuring", 40)
        request = {
            "candidate": str(self._candidates.file(candidate)), "live": str(live) if live else None,
            "data": str(source), "measured": str(FOLDER / "measured"),
        }  # fmt: skip
        candidate = self._candidates.update(candidate.name, report=brain_answers("report", request, self._measured))
        self.tell("playing the conversation tests", 75)
        candidate = self._candidates.update(
            candidate.name, tests=play_tests(self._candidates.file(candidate), FOLDER / "tests")
        )
        self.tell("replaying patients' messages", 85)
        replayed = replays.replay(
            self._store, self._candidates.file(candidate), live, now_ms=Clock().now_ms(), ask=brain_answers
        )
        candidate = self._candidates.update(candidate.name, replay=replayed)
        self._job.state, self._job.ended_at_ms = DONE, Clock().now_ms()
        self.tell("done", 100)
        return candidate

    def fail(self, said: str) -> None:
        """Tells that it failed."""
        self._job.state, self._job.ended_at_ms, self._job.said = FAILED, Clock().now_ms(), said
        self.tell("failed", self._job.part)

    def tell(self, words: str, part: int) -> None:
        """Tells how far it is."""
        self._job.step, self._job.part = words, part
        _write(self._job)
        print(f"{part:3} % {words}", flush=True)

    def _copy(self) -> Path:
        """The files as they are between two changes."""
        source = FOLDER / "source"
        shutil.rmtree(source, ignore_errors=True)
        with Files(ROOT).changing():
            for name in model.MADE_FROM:
                path = ROOT / name
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(path, source / name) if path.is_dir() else shutil.copy(path, source / name)
        return source

    def _trained(self, line: str) -> None:
        for mark in ("EnsembleClassifier: ", "Starting to train component"):
            if mark in line:
                words = line[line.index(mark) :].strip().rstrip(".")
                self.tell(f"training: {words.removeprefix('EnsembleClassifier: ')[:90]}", min(35, self._job.part + 3))

    def _measured(self, line: str) -> None:
        self.tell(f"measuring: {line[:90]}", min(74, self._job.part + 3))


def brain_answers(what: str, request: dict[str, Any], told: Any = None) -> dict[str, Any]:
    """Runs `evaluation.model_report` in the brain's environment and gives its answer.

    Raises:
        MarrowError: It failed.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    asked, out = FOLDER / f"{what}.request.json", FOLDER / f"{what}.json"
    out.unlink(missing_ok=True)
    asked.write_text(json.dumps({**request, "out": str(out)}, ensure_ascii=False), encoding="utf-8")
    command = [str(BRAIN.executable), "-m", "evaluation.model_report", what, str(asked)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=model.brain_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines = [*lines[-20:], line.strip()]
        if told is not None and (" messages" in line or line.startswith("cross-validation")):
            told(line.strip())
    asked.unlink(missing_ok=True)  # patients' words stand in it
    if process.wait() or not out.exists():
        raise MarrowError(f"studio: the {what} of the model failed: {' '.join(lines[-3:])[:500]}")
    found = dict(json.loads(out.read_text(encoding="utf-8")))
    out.unlink()
    return found


def play_tests(model_file: Path, out: Path) -> dict[str, Any]:
    """Plays every conversation test through a model, with real parsing."""
    shutil.rmtree(out, ignore_errors=True)
    command = [
        str(BRAIN.command("rasa")),
        "test",
        "core",
        "--e2e",
        "--stories",
        str(STORIES),
        "--model",
        str(model_file),
    ]
    command += ["--endpoints", "endpoints.yml", "--fail-on-prediction-errors", "--out", str(out)]
    with LOG.with_name("tests.log").open("w") as log:
        done = subprocess.run(
            command, cwd=ROOT, env=model.brain_environment(), stdout=log, stderr=subprocess.STDOUT,
            timeout=TESTS_WITHIN_S, check=False,
        )  # fmt: skip
    return {"passed": done.returncode == 0, "count": _count(STORIES), "failed": _failed(out)}


def _stories(file: Path) -> list[str]:
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return [str(one["story"]).split(" (")[0] for one in read.get("stories") or ()]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return []


def _count(folder: Path) -> int:
    return sum(len(_stories(file)) for file in folder.glob("*.yml"))


def _failed(out: Path) -> list[str]:
    return _stories(out / "failed_test_stories.yml")


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """A signal to the group ends what was started, too."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    yield


def main(arguments: list[str]) -> int:
    """The job's process; `arguments` are the audit's name of who started it, and the one that people read."""
    by = Person(arguments[0], arguments[1])
    config = settings()
    store = Store(config.database_url)
    work = Work(by, Candidates(store, Clock().now_ms), store)
    with _ending():
        try:
            work.run()
        except (MarrowError, BootError, OSError, subprocess.SubprocessError) as error:
            work.fail(str(error))
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
