"""The conversation tests that a training plays: what passes, what fails by name, and that a failure keeps a model out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.boot import model
from bot.boot.environments import BRAIN, DOOR
from bot.settings import ROOT
from bot.studio import keeping, train
from bot.studio.candidates import Candidates, NotYet
from tests.bot.studio.conftest import ANNA
from tests.bot.studio.test_candidates import candidates, made, ready  # noqa: F401 - a fixture

GREETING = "- story: {name}\n  steps:\n  - user: |\n      {words}\n    intent: greet\n  - action: {action}\n"
Play = Callable[..., dict[str, Any]]


def stories(folder: Path, **actions: str) -> None:
    """A file of stories, each with the action that it wants after a greeting."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [GREETING.format(name=name, words="hello there", action=action) for name, action in actions.items()]
    (folder / "test_some.yml").write_text('version: "3.1"\nstories:\n' + "".join(told))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stories' folder; what is noted stands beside it."""
    folder = tmp_path / "studio"
    folder.mkdir()
    monkeypatch.setattr(train, "FOLDER", folder)
    monkeypatch.setattr(train, "STORIES", tmp_path / "stories")
    return tmp_path / "stories"


@pytest.fixture
def play(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Plays with scripts in place of Rasa and of the replay; gives what came of it."""

    def script(name: str, words: str) -> Path:
        file = tmp_path / name
        file.write_text(f"#!/bin/sh\n{words}\n")
        file.chmod(0o755)
        return file

    def run(rasa: str, replay: str = "exit 9", kept: tuple[str, ...] = ()) -> dict[str, Any]:
        said = script("rasa", f'echo "$@" > {tmp_path}/asked\nfor out; do :; done\nmkdir -p $out\n{rasa}')
        monkeypatch.setattr(train, "BRAIN", SimpleNamespace(command=lambda _name: said))
        monkeypatch.setattr(train, "DOOR", SimpleNamespace(executable=script("door", replay)))
        monkeypatch.setattr(train, "ROOT", tmp_path)
        file = tmp_path / keeping.REPLAY
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps({"id": name, "turns": []}) + "\n" for name in kept))
        return train.play_tests(tmp_path / "model.tar.gz", tmp_path / "out")

    return run


FAILED = "printf 'version: \"3.1\"\\nstories:\\n- story: second (/stories/test_some.yml)\\n  steps: []\\n'"


def report(correct: int, total: int) -> str:
    """The words of a shell that write what Rasa notes of the stories that it has played."""
    told = json.dumps({"conversation_accuracy": {"correct": correct, "total": total}})
    return f"echo '{told}' > $out/story_report.json"


ALL = f"{report(2, 2)}; echo '# None of the test stories failed' > $out/failed_test_stories.yml"


def line(name: str, got: str) -> str:
    return json.dumps({"id": name, "turns": [{"user": "hi", "label": "greet", "got": [got]}]})


def test_when_every_story_goes_as_it_went_then_they_pass(play: Play, place: Path, tmp_path: Path) -> None:
    stories(place, first="utter_greet", second="utter_greet")

    assert play(ALL) == {"passed": True, "count": 2, "failed": []}
    asked = (tmp_path / "asked").read_text()
    assert f"--stories {place} --model {tmp_path}/model.tar.gz" in asked
    assert "--e2e" in asked
    assert "--fail-on-prediction-errors" not in asked


@pytest.mark.parametrize(
    ("rasa", "failed"),
    [
        pytest.param(f"{report(1, 2)}; {FAILED} > $out/failed_test_stories.yml", ["second"], id="a story"),
        pytest.param(report(1, 2), [], id="a story without a name"),
        pytest.param(f"{report(1, 2)}; echo '{{' > $out/failed_test_stories.yml", [], id="half a list of them"),
        pytest.param(f"{ALL}; exit 1", [], id="Rasa itself"),
        pytest.param(f"{ALL}; kill -9 $$", [], id="killed"),
        pytest.param("exit 0", [], id="nothing was noted"),
        pytest.param(report(0, 0), [], id="nothing was played"),
    ],
)
def test_when_a_story_goes_otherwise_then_it_is_named_and_the_model_stays_out(
    play: Play, place: Path, candidates: Candidates, tmp_path: Path, rasa: str, failed: list[str]  # noqa: F811
) -> None:  # fmt: skip
    stories(place, first="utter_greet", second="utter_greet")

    found = play(rasa)

    assert found == {"passed": False, "count": 2, "failed": failed}
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(candidates))
    candidates.measured(name, "tests", found, candidates.now().tests)
    with pytest.raises(NotYet, match=f"breaks conversation tests: {failed[0] if failed else 'see the log'}"):
        candidates.promote(name, ANNA)
    assert model.promoted(candidates.models) is None


def test_when_one_of_before_failed_then_its_name_is_not_told_again(play: Play, place: Path) -> None:
    stories(place, first="utter_greet", second="utter_greet")
    play(f"{report(1, 2)}; {FAILED} > $out/failed_test_stories.yml")

    assert play(ALL) == {"passed": True, "count": 2, "failed": []}


@pytest.mark.parametrize(
    ("replay", "passed", "failed"),
    [
        pytest.param(f"echo '{line('one', 'greet')}'; echo '{line('two', 'greet')}'", True, [], id="both"),
        pytest.param(f"echo '{line('one', 'greet')}'; echo '{line('two', 'deny')}'; exit 1", False, ["two"], id="one"),
        pytest.param(f"echo '{line('two', 'greet')}'", False, ["one"], id="one was not played"),
        pytest.param("exit 1", False, ["one", "two"], id="the bot did not start"),
    ],
)
def test_when_kept_conversations_are_played_then_each_has_to_go_as_it_went(
    play: Play, place: Path, replay: str, passed: bool, failed: list[str]
) -> None:
    stories(place, first="utter_greet")

    assert play(ALL, replay, kept=("one", "two")) == {"passed": passed, "count": 3, "failed": failed}


@pytest.mark.slow
def test_when_real_stories_are_played_then_each_wrong_one_fails_by_its_name(place: Path, tmp_path: Path) -> None:
    file = model.current()
    assert file is not None, "run ./marrow train"
    assert (BRAIN.executable.exists(), DOOR.executable.exists(), train.ROOT) == (True, True, ROOT)
    stories(place, wrong="utter_goodbye", right="utter_greet", other="utter_thanks")

    found = train.play_tests(file, tmp_path / "out")

    assert (found["passed"], found["count"], sorted(found["failed"])) == (False, 3, ["other", "wrong"])
    stories(place, right="utter_greet")
    assert train.play_tests(file, tmp_path / "out") == {"passed": True, "count": 1, "failed": []}
