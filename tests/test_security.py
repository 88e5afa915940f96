"""docs/security.md has every item of the standard, and each shows a test that exists, a reason, or whose it is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = {row.split("|")[1].strip(): row for row in PAGE.splitlines() if re.match(r"\| \d+\.\d+\.\d+ \|", row)}
# How many items of levels 1 and 2 each section of ASVS 5.0 has; they are numbered from 1.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3,
    "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2,
    "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1,
    "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5,
    "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
OF_OTHERS = {"6.8": {"6.8.1", "6.8.2", "6.8.3", "6.8.4"}}


@cache
def _tests_in(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions)


def wrong(row: str) -> list[str]:
    """What is wrong with a row."""
    cells = [cell.strip() for cell in row.strip("|\n ").split("|")]
    if len(cells) != 4 or not all(cells):
        return ["a cell is missing or empty"]
    _, _, how, shown = cells
    if how == "test":
        named = _TEST.findall(shown)
        gone = [
            f"{file}::{test}"
            for file, test in named
            if not (ROOT / file).is_file() or test not in _tests_in(ROOT / file)
        ]
        return gone if named else ["no test is named"]
    if how in ("exception", "not applicable"):
        return [] if len(shown) >= 8 else ["no reason"]
    return [f"unknown: {how}"]


@pytest.mark.parametrize("item", ROWS)
def test_when_an_item_is_listed_then_it_shows_a_test_a_reason_or_whose_it_is(item: str) -> None:
    assert wrong(ROWS[item]) == []


def test_when_the_standard_has_an_item_then_the_page_has_it_once() -> None:
    wanted = {f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)}
    wanted |= OF_OTHERS["6.8"]
    assert set(ROWS) == wanted
    assert len(re.findall(r"^\| \d+\.\d+\.\d+ \|", PAGE, re.MULTILINE)) == len(wanted) == 253


def test_when_the_page_is_read_then_no_item_is_left_open() -> None:
    assert [item for item, row in ROWS.items() if "| open" in row] == []


@pytest.mark.parametrize(
    "row",
    [
        "| 9.9.9 | a | test | `tests/test_security.py::test_gone` |",
        "| 9.9.9 | a | test | nothing |",
        "| 9.9.9 | a | exception | - |",
        "| 9.9.9 | a | later | some other time |",
        "| 9.9.9 | a | test |",
    ],
)
def test_when_a_row_is_wrong_then_it_is_found(row: str) -> None:
    assert wrong(row)
