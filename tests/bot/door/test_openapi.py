"""The written description of the API is true and whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.door.openapi import describe
from bot.door.pages import SHARED
from bot.door.problems import TITLES

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_when_the_api_changes_then_its_file_has_to():
    written = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    assert written == describe(), "run: python -m bot.door.openapi > docs/openapi.json"


@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path, ways in describe()["paths"].items() for method in ways]
)
def test_when_there_is_a_route_then_the_page_names_it(path, method):
    assert f"`{method.upper()} {path}`" in (DOCS / "api.md").read_text(encoding="utf-8")


def test_when_there_is_a_problem_then_the_page_explains_it_and_no_other():
    text = (DOCS / "api.md").read_text(encoding="utf-8").split("## Errors")[1]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == set(TITLES)


def test_when_a_file_is_served_then_the_page_names_it():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert all(f"/{name}`" in text for name in SHARED)


def test_when_an_error_is_described_then_it_is_a_problem_document():
    for ways in describe()["paths"].values():
        for operation in ways.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"]
