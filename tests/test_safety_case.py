"""The safety case names the tests that show its controls; here they are looked for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CASE = (ROOT / "docs" / "safety-case.md").read_text(encoding="utf-8")
HAZARDS = {line.split("|")[1].strip(): line for line in CASE.splitlines() if re.match(r"\| H\d+ \|", line)}
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def _tests_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def missing(line: str) -> list[str]:
    """What a hazard names that does not exist; itself when it names no test."""
    named = _TEST.findall(line)
    if not named:
        return ["no test is named"]
    return [
        f"{file}::{test}" for file, test in named if not (ROOT / file).is_file() or test not in _tests_in(ROOT / file)
    ]


@pytest.mark.parametrize("hazard", HAZARDS)
def test_when_a_hazard_is_logged_then_its_tests_exist(hazard: str) -> None:
    assert missing(HAZARDS[hazard]) == []


@pytest.mark.parametrize("hazard", HAZARDS)
def test_when_a_hazard_is_logged_then_every_column_is_filled(hazard: str) -> None:
    cells = [cell.strip() for cell in HAZARDS[hazard].strip("|\n ").split("|")]
    assert len(cells) == 7
    assert all(cells)
    assert re.match(r"[1-5][A-D], (acceptable|ALARP|to be reduced before use)", cells[6])


@pytest.mark.parametrize(
    "line", ["| H99 | a | b | c | d | nothing | 1A |", "| H99 | a | b | c | d | `tests/test_safety_case.py::test_gone` | 1A |"],
    ids=["no test", "a test that is gone"],
)  # fmt: skip
def test_when_a_hazard_names_no_existing_test_then_it_is_found(line: str) -> None:
    assert missing(line)


def test_when_the_case_is_read_then_it_says_that_no_clinician_has_reviewed_it() -> None:
    assert "**No clinician has reviewed this release.**" in CASE
    assert len(HAZARDS) >= 10
