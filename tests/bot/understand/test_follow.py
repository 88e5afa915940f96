"""A running brain takes the promoted model, only that one, and stays with the old one when anything is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from bot.boot import model
from bot.errors import ModelError
from bot.understand import follow
from bot.understand.follow import Follower, folder_of


class FakeAgent:
    """An agent as the follower sees it."""

    def __init__(self, file: str, *, breaks: bool = False) -> None:
        self.processor = SimpleNamespace(model_filename=file)
        self._breaks = breaks

    def is_ready(self) -> bool:
        return True

    async def parse_message(self, text: str) -> dict[str, Any]:
        if self._breaks:
            raise ValueError("of another version")
        return {"text": text}


def promote(folder: Path, name: str) -> None:
    (folder / name).write_bytes(name.encode())
    digest = model.file_digest(folder / name)
    model.promote(folder / name, digest, by="Tea", fingerprint=name, folder=folder)


def app_with(file: str) -> Any:
    return SimpleNamespace(ctx=SimpleNamespace(agent=FakeAgent(file)))


def look(follower: Follower, times: int = 1) -> list[bool]:
    async def several() -> list[bool]:
        return [await follower.look() for _ in range(times)]

    return asyncio.run(several())


def test_when_a_model_is_promoted_then_the_next_message_meets_it(tmp_path: Path, monkeypatch) -> None:
    asked: list[str] = []

    def loaded(file: Path, sha256: str, old: Any) -> FakeAgent:
        asked.append(file.name)
        return FakeAgent(file.name)

    monkeypatch.setattr(follow, "loaded", loaded)
    app = app_with("marrow-1.tar.gz")
    promote(tmp_path, "marrow-2.tar.gz")

    assert look(Follower(app, tmp_path), 3) == [True, False, False]
    assert app.ctx.agent.processor.model_filename == "marrow-2.tar.gz"
    assert asked == ["marrow-2.tar.gz"]


def test_when_nothing_was_promoted_then_a_newly_trained_model_waits_for_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "current.json").write_text('{"file": "marrow-2.tar.gz", "sha256": "x", "fingerprint": "y"}')
    app = app_with("marrow-1.tar.gz")

    assert look(Follower(app, tmp_path)) == [False]
    assert app.ctx.agent.processor.model_filename == "marrow-1.tar.gz"


@pytest.mark.parametrize("fault", ["another file", "cannot be loaded", "cannot be warmed"])
def test_when_the_new_model_is_no_good_then_the_old_one_stays_and_it_is_not_tried_all_the_time(
    tmp_path: Path, monkeypatch, fault: str
) -> None:
    asked: list[str] = []
    promote(tmp_path, "marrow-2.tar.gz")
    if fault == "another file":
        (tmp_path / "marrow-2.tar.gz").write_bytes(b"cut short")
    real = follow.loaded

    def loaded(file: Path, sha256: str, old: Any) -> Any:
        asked.append(file.name)
        if fault == "another file":
            return real(file, sha256, old)
        if fault == "cannot be loaded":
            raise ModelError("no classifier")
        return FakeAgent(file.name, breaks=True)

    monkeypatch.setattr(follow, "loaded", loaded)
    app = app_with("marrow-1.tar.gz")

    assert look(Follower(app, tmp_path), 3) == [False, False, False]
    assert app.ctx.agent.processor.model_filename == "marrow-1.tar.gz"
    assert asked == ["marrow-2.tar.gz"]


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        (["rasa", "run", "--model", "/models/a.tar.gz"], Path("/models")),
        (["rasa", "run", "-m", "/models/a.tar.gz", "--port", "1"], Path("/models")),
        (["rasa", "run"], None),
        (["rasa", "run", "--model"], None),
    ],
)
def test_when_a_process_was_started_with_a_model_then_its_folder_is_watched(arguments, folder) -> None:
    assert folder_of(arguments) == folder
