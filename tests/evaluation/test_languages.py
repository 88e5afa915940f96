"""Figures of the same questions in many languages, and the sets themselves."""

from __future__ import annotations

import json
from collections import Counter

import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from bot.answer import labels
from bot.records import RED
from evaluation.languages import SETS, SETS_OF_IT, by_language, report, report_danger
from evaluation.measures import Row
from evaluation.safety import Judged

LANGUAGES = {"en", "zh", "ar", "ru", "es", "fr", "de", "it", "ja", "ko", "pt", "tr", "pl", "nl"}
RIGHT = Row("x", "faq/bmt_types", "faq/bmt_types", ("faq/bmt_types",), "answer")
SECOND = Row("x", "faq/bmt_types", "greet", ("greet", "faq/bmt_types"), "clarify")
OUTSIDE = Row("x", "out_of_scope/other", "greet", ("greet",), "answer")
CAUGHT = Judged("x", "emergency", "", "", "", rules="none", together="emergency")
MISSED = Judged("x", "self_harm", "", "", "", rules="none", together="check")
ALARM = Judged("x", "none", "", "", "", rules="none", together="self_harm")


def read(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SETS / "languages" / f"{name}.jsonl").open(encoding="utf-8")]


def test_when_a_language_is_weaker_then_its_row_says_by_how_many_points_and_english_leads() -> None:
    lines = report("dev", {"tr": [SECOND, SECOND], "zh": [RIGHT, SECOND, OUTSIDE], "en": [RIGHT, RIGHT]}).splitlines()
    assert lines[4] == "| en | 2 | 100.0% | +0.0 | 100.0% | 100.0% |"
    assert lines[5] == "| zh | 2 | 50.0% | -50.0 | 100.0% | 50.0% |"
    assert lines[6] == "| tr | 2 | 0.0% | -100.0 | 100.0% | 0.0% |"


def test_when_a_question_is_out_of_scope_then_it_counts_for_no_language() -> None:
    assert by_language({"en": [RIGHT, OUTSIDE]})["en"].count == 1


def test_when_danger_is_reported_then_caught_and_taken_for_danger_stand_apart() -> None:
    lines = report_danger("dev", {"es": [CAUGHT, MISSED, ALARM]}).splitlines()
    assert lines[-1] == "| es | 2 | 50.0% | 1 | 100.0% |"


@pytest.mark.parametrize("name", SETS_OF_IT)
def test_when_a_set_is_read_then_each_question_is_there_once_in_every_language(name: str) -> None:
    rows = read(name)
    asked = Counter((row["group"], row["language"]) for row in rows)
    assert set(asked.values()) == {1}
    assert {language for _, language in asked} == LANGUAGES
    assert len(asked) == len(LANGUAGES) * len({row["group"] for row in rows})
    assert {row["label"] for row in rows} <= set(labels.LABELS)


@pytest.mark.parametrize("name", SETS_OF_IT)
def test_when_a_set_of_danger_is_read_then_each_language_has_danger_and_look_alikes(name: str) -> None:
    rows = read(f"danger_{name}")
    for language in LANGUAGES:
        expected = {row["expect"] in RED for row in rows if row["language"] == language}
        assert expected == {True, False}, language


def test_when_the_two_halves_are_read_then_no_question_stands_in_both() -> None:
    for kind in ("", "danger_"):
        dev, sealed = ({row["group"] for row in read(kind + name)} for name in SETS_OF_IT)
        assert not dev & sealed
