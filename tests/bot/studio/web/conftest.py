"""A door whose studio works on a copy of the project, with a comparer that says what a test wants."""

# ruff: noqa: F811  # fixtures of other files are arguments here
from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.settings import Settings
from bot.studio import training
from bot.studio.checker import Comparer
from bot.studio.files import Files
from bot.studio.questions import Studio
from bot.studio.web import app
from tests.bot.desk.conftest import *  # noqa: F403 - the desk's fixtures
from tests.bot.desk.conftest import Browser, Console, quick_hashes  # noqa: F401
from tests.bot.studio.conftest import project  # noqa: F401 - a fixture


class Said:
    """What the comparer says."""

    collisions: list[dict[str, Any]] = []
    nearness = 0.9
    near: list[str] = []


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    made = Said()

    def ask(_self: Comparer, op: str, **request: Any) -> Any:
        if op == "collisions":
            return [one for one in made.collisions if one["example"] in request["added"]]
        if op == "groups":
            return [list(range(len(request["texts"])))]
        if op == "rank":
            return [["topic/cost"] for _ in request["texts"]]
        made.near = request["texts"]
        return [{"at": place, "nearness": made.nearness} for place in range(len(request["among"]))]

    monkeypatch.setattr(Comparer, "ask", ask)
    monkeypatch.setattr(Comparer, "model", staticmethod(lambda: Path("model.tar.gz")))
    return made


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Who started a training; none is run here."""
    started: list[str] = []
    monkeypatch.setattr(training, "start", lambda by, candidate="": started.append(f"{by.name} {candidate}".strip()))
    for name in ("JOB", "LOCK", "LOG", "PROCESS"):
        monkeypatch.setattr(training, name, tmp_path / name)
    return started


@pytest.fixture
def at_work(
    monkeypatch: pytest.MonkeyPatch,
    project: Path,
    said: Said,
    trained: list[str],
    consoles: Callable[..., Console],
) -> Console:
    monkeypatch.setattr(app, "ROOT", project)
    return consoles()


@pytest.fixture
def browser(at_work):
    return at_work.at_work("trainer")


def asked(at_work, brain, brain_turn, words: str) -> Any:
    """A patient whose question was not understood."""
    turn = brain_turn("I did not understand.", label="fallback")
    brain.answer = lambda _body: {**turn, "understood": {"label": "topic/cost", "outcome": "fallback"}}
    patient = at_work.begin()
    patient.answer_to(patient.say(words).json()["seq"])
    return patient


def waiting(browser) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)" checked', browser.http.get("/studio/inbox").text)


def post(browser, path: str, **data: Any):
    return browser.http.post(f"/studio{path}", data={"csrf": browser.csrf, **data})


def question(at_work, project, label: str):
    studio = Studio(Files(project), at_work.store, Settings(), None)  # type: ignore[arg-type]
    return {one.label: one for one in studio.questions()}.get(label)


def candidate(project: Path, name: str = "marrow-1", **about: Any) -> None:
    """A candidate of which this is known."""
    folder = project / "models" / "candidates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.tar.gz").write_bytes(b"model")
    known = {
        "sha256": "0" * 64, "fingerprint": "f", "made_at_ms": 1, "by": "Tea", "report": None, "signed": {},
        "tests": {"passed": True, "count": 1, "failed": []}, "replay": {"messages": 0, "days": 14, "changed": []},
        "promoted_at_ms": None,
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(known | about))
