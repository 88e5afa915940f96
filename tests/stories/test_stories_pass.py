"""Stock Rasa commands on the project: the stories pass with real parsing, and the data is valid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.boot import model
from bot.settings import ROOT

pytestmark = pytest.mark.slow

RASA = Path(sys.executable).with_name("rasa")


def _rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(RASA), *arguments], cwd=ROOT, env=model.brain_environment(), capture_output=True, text=True, timeout=600
    )


@pytest.fixture(scope="module")
def model_file() -> Path:
    file = model.current()
    if file is None:
        pytest.fail("there is no trained model: run ./marrow train, then these tests again", pytrace=False)
    return file


def _test(stories: Path, model_file: Path, out: Path) -> subprocess.CompletedProcess[str]:
    given = ["--stories", str(stories), "--model", str(model_file), "--endpoints", "endpoints.yml"]
    return _rasa("test", "core", "--e2e", "--fail-on-prediction-errors", *given, "--out", str(out))


def test_when_the_stories_are_played_with_real_parsing_then_each_passes(model_file: Path, tmp_path: Path) -> None:
    done = _test(ROOT / "tests" / "stories", model_file, tmp_path)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["accuracy"] == 1.0
    assert report["conversation_accuracy"]["total"] >= 5


def test_when_a_story_expects_something_else_then_the_run_fails(model_file: Path, tmp_path: Path) -> None:
    """So that the test above is known to be able to fail."""
    wrong = tmp_path / "test_wrong.yml"
    wrong.write_text(
        'version: "3.1"\nstories:\n- story: wrong\n  steps:\n  - user: |\n      hello\n    intent: greet\n'
        "  - action: utter_goodbye\n",
        encoding="utf-8",
    )
    done = _test(wrong, model_file, tmp_path / "out")
    assert done.returncode != 0
    assert "utter_goodbye" in done.stdout + done.stderr


def test_when_rasa_validates_the_data_then_it_finds_no_error() -> None:
    done = _rasa("data", "validate")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
