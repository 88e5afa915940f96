"""Training as a job: one at a time, watched, cancelled, honest when its process dies; and the steps of that process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.boot import model
from bot.errors import MarrowError
from bot.journal import audit
from bot.journal.store import Store
from bot.settings import ROOT
from bot.studio import keeping, train, training
from bot.studio.candidates import Candidates
from tests.bot.studio.conftest import ANNA


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "studio"
    for name, file in (("JOB", "job.json"), ("LOCK", "job.lock"), ("LOG", "training.log"), ("PROCESS", "job.pid")):
        monkeypatch.setattr(training, name, folder / file)
    monkeypatch.setattr(training, "FOLDER", folder)
    monkeypatch.setattr(train, "FOLDER", folder)
    return folder


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A process in place of the real one, which takes long and has a child, as a training has."""
    script = tmp_path / "long"
    script.write_text("#!/bin/sh\nsleep 300 &\necho $! > " + str(tmp_path / "child") + "\nwait\n")
    script.chmod(0o755)
    monkeypatch.setattr(training, "DOOR", SimpleNamespace(executable=script))
    return tmp_path / "child"


def is_alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def child_of(file: Path) -> int:
    end = time.monotonic() + 10
    while not (file.exists() and file.read_text().strip()) and time.monotonic() < end:
        time.sleep(0.02)
    return int(file.read_text())


def test_when_a_training_is_under_way_then_no_second_one_starts_and_a_cancel_ends_all_of_it(
    place: Path, long: Path
) -> None:
    training.start(ANNA)
    child = child_of(long)
    found = training.job()
    assert found is not None
    assert (found.state, found.by) == ("running", "Anna Trainer")
    with pytest.raises(training.Busy):
        training.start(ANNA)

    assert training.cancel()

    end = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(child)
    assert training.job().state == "cancelled"  # type: ignore[union-attr]
    assert not training.cancel()


def test_when_the_process_dies_then_the_job_says_so(place: Path, long: Path) -> None:
    training.start(ANNA)
    child_of(long)

    os.killpg(int(training.PROCESS.read_text()), signal.SIGKILL)

    end = time.monotonic() + 10
    while training.job().state == "running" and time.monotonic() < end:  # type: ignore[union-attr]
        time.sleep(0.05)
    assert training.job().state == "failed"  # type: ignore[union-attr]


def test_when_there_was_no_training_then_there_is_no_job(place: Path) -> None:
    assert training.job() is None
    assert not training.cancel()


@pytest.fixture
def work(place: Path, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> train.Work:
    """The steps on a copy of the project, with what needs the brain's environment in place."""
    for name in model.MADE_FROM:
        if not (project / name).exists():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, project / name)
    monkeypatch.setattr(train, "ROOT", project)

    def make(out: Path, _log: Path, told: Any, source: Path) -> Path:
        assert (source / "domain.yml").read_text() == (project / "domain.yml").read_text()
        told("INFO EnsembleClassifier: encoding 10 examples.")
        out.mkdir(parents=True)
        (out / "candidate.tar.gz").write_bytes(b"model")
        return out / "candidate.tar.gz"

    monkeypatch.setattr(model, "make", make)
    answered = {"report": {"danger": {}}, "replay": {"messages": 0, "changed": []}}
    monkeypatch.setattr(train, "brain_answers", lambda what, request, told=None: answered[what])
    monkeypatch.setattr(train, "play_tests", lambda *_: {"passed": True, "count": 1, "failed": []})
    return train.Work(ANNA, Candidates(store, lambda: 5, project), store)


def test_when_all_steps_are_done_then_there_is_a_candidate_and_nothing_is_live(work: train.Work, project: Path) -> None:
    candidate = work.run()

    found = training.job()
    assert found is not None
    assert (found.state, found.part, found.candidate) == ("done", 100, candidate.name)
    assert candidate.about["fingerprint"] == model.fingerprint(project / ".." / "studio" / "source")
    assert candidate.about["replay"]["changed"] == []
    assert not (project / "models" / "current.json").exists()


def test_when_another_model_went_live_then_measuring_again_settles_it_without_training(
    work: train.Work, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {"danger": {"candidate": {"count": 1, "caught": 1}}, "cross_validation": {"count": 7}}
    asked: list[tuple[str, Any]] = []

    def answers(what: str, request: dict[str, Any], told: Any = None) -> dict[str, Any]:
        asked.append((what, request))
        found = {name: one for name, one in whole.items() if request.get("data") or name != "cross_validation"}
        return found if what == "report" else {"messages": 0, "changed": []}

    monkeypatch.setattr(train, "brain_answers", answers)
    candidates = Candidates(store, lambda: 5, project)
    name = work.run().name
    assert candidates.one(name).reasons() == []
    (project / "models" / "marrow-live.tar.gz").write_bytes(b"live")
    stamp = {"file": "marrow-live.tar.gz", "sha256": model.file_digest(project / "models" / "marrow-live.tar.gz")}
    (project / "models" / "current.json").write_text(json.dumps(stamp))
    (project / keeping.STORIES).parent.mkdir(parents=True)
    (project / keeping.STORIES).write_text("stories: []")
    assert len(candidates.one(name).reasons()) == 2
    monkeypatch.setattr(model, "make", lambda *_: pytest.fail("it was trained"))

    again = train.Work(ANNA, candidates, store).again(name)

    assert again.reasons() == []
    assert again.about["against"] == {
        "report": stamp["sha256"], "replay": stamp["sha256"], "tests": keeping.digest(project),
    }  # fmt: skip
    assert again.about["report"] == whole
    assert [request["live"] for what, request in asked if what == "report"] == [
        None, str(project / "models" / "marrow-live.tar.gz"),
    ]  # fmt: skip
    assert [row.action for row in audit.newest(store)] == ["studio_measure", "studio_train"]


def test_when_a_candidate_was_never_measured_and_its_files_are_gone_then_it_is_said(
    work: train.Work, project: Path, store: Store
) -> None:
    candidates = Candidates(store, lambda: 5, project)
    name = work.run().name
    candidates.update(name, report=None, fingerprint="of other files")

    with pytest.raises(MarrowError, match="never measured"):
        train.Work(ANNA, candidates, store).again(name)


@pytest.mark.parametrize("candidate", ["", "marrow-1.tar.gz"], ids=["a new one", "one there is"])
def test_when_the_job_starts_then_its_process_gets_the_candidate(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, candidate: str
) -> None:
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path / "given"}\n')
    script.chmod(0o755)
    monkeypatch.setattr(training, "DOOR", SimpleNamespace(executable=script))

    training.start(ANNA, candidate)
    training.wait()

    given = (tmp_path / "given").read_text().split()
    assert given[:4] == ["-m", "bot.studio.train", "staff:1", "Anna"]
    assert given[6:] == ([candidate] if candidate else [])


def test_when_the_files_are_not_in_order_then_nothing_is_trained(work: train.Work, project: Path) -> None:
    domain = (project / "domain.yml").read_text()
    (project / "domain.yml").write_text(domain.replace("owner: Marrow answers team", "owner: ''", 1))

    with pytest.raises(MarrowError, match="owner"):
        work.run()


@pytest.fixture
def words_of_patients(place: Path) -> list[Path]:
    """What a job leaves that is killed at the wrong moment."""
    place.mkdir(exist_ok=True)
    files = [place / f"{what}.{kind}" for what in ("report", "replay") for kind in ("request.json", "json")]
    for file in files:
        file.write_text("how long will I live")
    return files


def test_when_a_job_starts_then_what_one_of_before_left_of_patients_words_goes(
    work: train.Work, words_of_patients: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train.Work, "_copy", lambda _self: pytest.fail(f"left: {left()}") if left() else 1 / 0)

    def left() -> list[str]:
        return [file.name for file in words_of_patients if file.exists()]

    with pytest.raises(ZeroDivisionError):
        work.run()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param("echo 'candidate: 0 of 1 messages' >&2; exec sleep 300", KeyboardInterrupt, id="stopped"),
        pytest.param("echo broken >&2; exit 3", MarrowError, id="failed"),
        pytest.param('echo "{" > "${4%.request.json}.json"', ValueError, id="half an answer"),
    ],
)
def test_when_a_replay_ends_otherwise_then_no_words_of_patients_stay(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, error: type[BaseException]
) -> None:
    brain, pid = tmp_path / "brain", tmp_path / "pid"
    brain.write_text(f"#!/bin/sh\necho $$ > {pid}\n{script}\n")
    brain.chmod(0o755)
    monkeypatch.setattr(train, "BRAIN", SimpleNamespace(executable=brain))

    def stop(_line: str) -> None:
        assert "how long will I live" in (place / "replay.request.json").read_text()
        raise KeyboardInterrupt

    with pytest.raises(error):
        train.brain_answers("replay", {"texts": ["how long will I live"]}, stop)

    assert list(place.iterdir()) == []
    assert not is_alive(int(pid.read_text()))
