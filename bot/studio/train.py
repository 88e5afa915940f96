"""The process of a training: `python -m bot.studio.train ACTOR NAME LOCK [CANDIDATE]`.

It trains, measures, plays the tests and replays; a candidate that is named is not trained, only measured again.
The files are copied first, so that who goes on editing does not disturb it. It tells how far it is in the job's file.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.answer import review, validate
from bot.boot import model
from bot.boot.environments import BRAIN, DOOR, ROOT, BootError
from bot.errors import MarrowError
from bot.journal.clock import Clock
from bot.journal.store import Store
from bot.settings import settings
from bot.studio import keeping, replays, training
from bot.studio.candidate import Candidate
from bot.studio.candidates import Candidates
from bot.studio.files import Files, Person
from bot.studio.training import DONE, FAILED, FOLDER, Job

STORIES = ROOT / keeping.PLAYED
TESTS_WITHIN_S = 900


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
        forget()
        self.tell("copying the files", 1)
        source = self._copy()
        today = review.today(settings().time_zone, datetime.now(UTC))
        problems = validate.problems(source, today)
        if problems:
            raise MarrowError(f"studio: {problems[0]}; {len(problems)} problems in all, run ./marrow validate")
        self.tell("training", 5)
        made = model.make(FOLDER / "out", FOLDER / "rasa.log", self._trained, source)
        candidate = self._candidates.add(made, model.fingerprint(source), self._by)
        self._job.candidate = candidate.name
        return self._measure(candidate, source)

    def again(self, name: str) -> Candidate:
        """Measures a candidate, plays the tests and replays, beside the model that is live now.

        Raises:
            NoSuchModel: There is none of this name.
            MarrowError: A step failed, or its files are gone before it was ever measured.
        """
        forget()
        candidate = self._candidates.again(name, self._by)
        self._job.candidate, source = candidate.name, FOLDER / "source"
        # cross-validation is of the files and not of the live model: it is done once
        if candidate.about["report"] is None and not self._is_source_of(candidate, source):
            raise MarrowError(
                f"studio: {candidate.name} was never measured, and the files that it was made from have changed; train"
            )
        return self._measure(candidate, source)

    def _is_source_of(self, candidate: Candidate, source: Path) -> bool:
        return source.exists() and model.fingerprint(source) == candidate.about["fingerprint"]

    def _measure(self, candidate: Candidate, source: Path) -> Candidate:
        candidates, name, file = self._candidates, candidate.name, self._candidates.file(candidate)
        now = candidates.now()
        crossed = (candidate.about["report"] or {}).get("cross_validation")
        self.tell("measuring", 40)
        request = {
            "candidate": str(file), "live": str(now.model) if now.model else None,
            "data": None if crossed else str(source), "measured": str(FOLDER / "measured"),
        }  # fmt: skip
        report = brain_answers("report", request, self._measured)
        if crossed:
            report["cross_validation"] = crossed
        candidates.measured(name, "report", report, now.live)
        self.tell("playing the conversation tests", 75)
        tests = candidates.now().tests  # before they are played: what changes meanwhile may not have been
        candidates.measured(name, "tests", play_tests(file, FOLDER / "tests"), tests)
        self.tell("replaying patients' messages", 85)
        replayed = replays.replay(self._store, file, now.model, now_ms=Clock().now_ms(), ask=brain_answers)
        candidate = candidates.measured(name, "replay", replayed, now.live)
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
        training.write(self._job)
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
    asked, out = _exchange(what)
    out.unlink(missing_ok=True)
    try:
        asked.write_text(json.dumps({**request, "out": str(out)}, ensure_ascii=False), encoding="utf-8")
        code, lines = _ran([str(BRAIN.executable), "-m", "evaluation.model_report", what, str(asked)], told)
        if code or not out.exists():
            raise MarrowError(f"studio: the {what} of the model failed: {' '.join(lines[-3:])[:500]}")
        return dict(json.loads(out.read_text(encoding="utf-8")))
    finally:  # however it ends: patients' words stand in both
        asked.unlink(missing_ok=True)
        out.unlink(missing_ok=True)


def _exchange(what: str) -> tuple[Path, Path]:
    """The files of a request and of its answer."""
    return FOLDER / f"{what}.request.json", FOLDER / f"{what}.json"


def forget() -> None:
    """Removes what a job left that was killed while it measured or replayed: patients' words stand in it."""
    for what in ("report", "replay"):
        for file in _exchange(what):
            file.unlink(missing_ok=True)


def _ran(command: list[str], told: Any) -> tuple[int, list[str]]:
    """Runs a command of the brain's environment; gives its exit code and the last lines that it told."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=model.brain_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines: list[str] = []
    try:
        for line in process.stderr:
            lines = [*lines[-20:], line.strip()]
            if told is not None and (" messages" in line or line.startswith("cross-validation")):
                told(line.strip())
        return process.wait(), lines
    except BaseException:
        process.kill()  # or it would write its answer when nobody removes it any more
        process.wait()
        raise


def play_tests(model_file: Path, out: Path) -> dict[str, Any]:
    """Plays every conversation test through a model, with real parsing.

    Rasa's `--fail-on-prediction-errors` would end at the first story that fails, and name none.
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [str(BRAIN.command("rasa")), "test", "core", "--e2e", "--no-plot", "--endpoints", "endpoints.yml"]
    command += ["--stories", str(STORIES), "--model", str(model_file), "--out", str(out)]
    with (FOLDER / "tests.log").open("w") as log:
        done = subprocess.run(
            command, cwd=ROOT, env=model.brain_environment(), stdout=log, stderr=subprocess.STDOUT,
            timeout=TESTS_WITHIN_S, check=False,
        )  # fmt: skip
    replayed, missed = _replayed(model_file)
    failed = [*_stories(out / "failed_test_stories.yml"), *missed]
    stories = sum(len(_stories(file)) for file in STORIES.rglob("*.y*ml"))
    passed = done.returncode == 0 and _all_correct(out) and not failed
    return {"passed": passed, "count": stories + replayed, "failed": failed}


def _all_correct(out: Path) -> bool:
    """Whether Rasa has played stories and every one went as it says; what is not noted was not played."""
    try:
        found = json.loads((out / "story_report.json").read_text(encoding="utf-8"))["conversation_accuracy"]
        return bool(0 < found["total"] == found["correct"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _replayed(model_file: Path) -> tuple[int, list[str]]:
    """Kept conversations through the whole bot: how many, and the names of those that went otherwise."""
    file = ROOT / keeping.REPLAY
    names = [str(one["id"]) for one in keeping.kept(ROOT)]
    if not names:
        return 0, []
    command = [str(DOOR.executable), "-m", "evaluation.replay", str(model_file), str(file)]
    with (FOLDER / "tests.log").open("a") as log:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, timeout=TESTS_WITHIN_S, check=False
        )
    played = {str(one["id"]): one["turns"] for one in map(json.loads, done.stdout.splitlines())}
    went = {name for name, turns in played.items() if all(turn["label"] in turn["got"] for turn in turns)}
    return len(names), [name for name in names if name not in went]


def _stories(file: Path) -> list[str]:
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return [str(one["story"]).split(" (")[0] for one in read.get("stories") or ()]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return []


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """A signal to the group ends what was started, too."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    yield


def main(arguments: list[str]) -> int:
    """The job's process.

    Args:
        arguments: The audit's name of who started it, the one that people read, the lock's number, and the candidate
            that is measured again; without one a new one is trained.
    """
    by = Person(arguments[0], arguments[1])
    config = settings()
    store = Store(config.database_url)
    work = Work(by, Candidates(store, Clock().now_ms), store)
    with _ending():
        try:
            work.again(arguments[3]) if arguments[3:] else work.run()
        except (MarrowError, BootError, OSError, subprocess.SubprocessError) as error:
            work.fail(str(error))
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
