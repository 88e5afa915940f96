"""What `./marrow test` says of failed tests, and which are given a second go: real runs of pytest in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.boot import testing
from bot.boot.environments import DOOR

pytestmark = pytest.mark.slow  # each is a process or two of pytest

PASSES = "def test_one():\n    assert True\n"
FAILS = "def test_one():\n    assert 1 == 2, 'never equal'\n"
FAILS_ONCE = """
from pathlib import Path

def test_one():
    before = Path(__file__).with_suffix(".seen")
    seen, _ = before.exists(), before.touch()
    assert seen, "the first time"
"""
ROWS = """
import pytest

class TestGroup:
    @pytest.mark.parametrize("text", ["a b", "c"])
    def test_row(self, text):
        assert text == "c"

@pytest.fixture
def broken():
    raise RuntimeError("no browser")

def test_with_a_broken_fixture(broken): ...
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own."""
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-q --import-mode=importlib'\n")
    return tmp_path


def run(folder: Path, **files: str) -> dict[str, str]:
    for name, text in files.items():
        path = folder / "tests" / name / "test_it.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return testing._pytest(DOOR, "a part", "tests")


def test_when_all_pass_then_nothing_is_named(folder: Path) -> None:
    assert run(folder, browser=PASSES) == {}


def test_when_rows_and_fixtures_fail_then_each_is_named_as_pytest_takes_it_with_its_reason(folder: Path) -> None:
    failed = run(folder, desk=ROWS)
    row, fixture = (
        "tests/desk/test_it.py::TestGroup::test_row[a b]",
        "tests/desk/test_it.py::test_with_a_broken_fixture",
    )
    assert list(failed) == [row, fixture]
    assert "AssertionError" in failed[row]
    assert "no browser" in failed[fixture]
    assert not testing._step(DOOR, "the row alone", "pytest", row)
    assert testing._step(DOOR, "the other row", "pytest", row.replace("a b", "c"))


@pytest.mark.parametrize(
    ("files", "failed"),
    [
        pytest.param({"browser": FAILS_ONCE}, [], id="a-page-that-stalled-once"),
        pytest.param({"browser": FAILS}, ["tests/browser/test_it.py::test_one"], id="a-page-that-fails-again"),
        pytest.param({"faults": FAILS_ONCE}, ["tests/faults/test_it.py::test_one"], id="a-fault-is-never-run-twice"),
        pytest.param(
            {"browser": FAILS_ONCE, "attack": FAILS_ONCE},
            ["tests/attack/test_it.py::test_one", "tests/browser/test_it.py::test_one"],
            id="not-beside-anything-else",
        ),
        pytest.param(
            {"browser": FAILS_ONCE + "".join(f"\ndef test_{n}(): assert False\n" for n in range(3))},
            [f"tests/browser/test_it.py::test_{n}" for n in ("one", 0, 1, 2)],
            id="too-many-for-a-stall",
        ),
    ],
)
def test_when_a_test_fails_then_only_few_pages_are_given_a_second_go(folder, files, failed) -> None:
    assert list(run(folder, **files)) == failed


def test_when_a_page_passed_at_the_second_time_then_that_is_said(folder: Path, capfd: pytest.CaptureFixture) -> None:
    run(folder, browser=FAILS_ONCE)
    assert "passed at the second time only: tests/browser/test_it.py::test_one: AssertionError: the first time" in (
        capfd.readouterr().err
    )


@pytest.mark.parametrize(
    "files", [{"browser": "import nothing_like_this\n"}, {"browser": "syntax error here\n"}], ids=["import", "syntax"]
)
def test_when_a_file_cannot_be_read_then_the_part_fails(folder: Path, files: dict[str, str]) -> None:
    assert run(folder, **files)


def test_when_pytest_cannot_start_then_the_part_fails(folder: Path) -> None:
    assert testing._pytest(DOOR, "a part", "tests/nowhere") == {"a part": "pytest did not come to its end, see above"}
