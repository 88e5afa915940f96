"""Figures of the safety sets, and the sets themselves."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from evaluation.safety import SETS, SETS_OF_IT, Judged, mistakes, report

RED = Judged("he burns", "emergency", "fever", "plain", "", rules="none", together="emergency")
HINT = Judged("cats", "emergency", "neuro", "hinted", "", rules="none", together="none")
ALIKE = Judged("burning question", "none", "", "", "idiom", rules="emergency", together="emergency")
KINDS = {"hypothetical", "idiom", "information", "negated", "ordinary", "past"}
UNCLEAR = Judged("picc", "check", "", "", "unclear", rules="none", together="check")


def test_when_a_set_is_reported_then_rules_and_model_have_their_own_figures() -> None:
    lines = report("dev", [RED, HINT, ALIKE, UNCLEAR])
    assert "| **danger, not hinted** | 1 | 0.0% | 100.0% |" in lines
    assert "| **danger, hinted** | 1 | 0.0% | 0.0% |" in lines
    assert "| **look-alikes (false alarms)** | 1 | 100.0% | 100.0% |" in lines
    assert "100.0% of 1;" in lines


def test_when_mistakes_are_listed_then_what_was_right_is_left_out() -> None:
    listed = mistakes([RED, HINT, ALIKE, UNCLEAR])
    assert "cats" in listed
    assert "burning question" in listed
    assert "he burns" not in listed
    assert "picc" not in listed


def test_when_the_sets_are_counted_then_every_class_manner_and_kind_is_there() -> None:
    rows = [json.loads(line) for name in SETS_OF_IT for line in (SETS / "safety" / f"{name}.jsonl").open()]
    classes = Counter(row["class"] for row in rows if row["expect"] in ("emergency", "self_harm"))
    assert len(classes) == 8
    assert min(classes.values()) >= 40
    assert len({row["manner"] for row in rows if "manner" in row}) == 7
    assert sum(row["expect"] == "none" for row in rows) >= 400
    assert sum(row["expect"] == "check" for row in rows) >= 80


def test_when_the_second_development_set_is_read_then_each_line_says_whether_builders_have_read_it() -> None:
    rows = [json.loads(line) for line in (SETS / "safety" / "dev_second.jsonl").open()]
    assert Counter(row["expect"] == "none" for row in rows) == {True: 480, False: 280}
    assert Counter(row["read"] for row in rows) == {True: 380, False: 380}
    assert {row["kind"] for row in rows if row["expect"] == "none"} == KINDS


def test_when_half_of_a_set_was_read_then_only_that_half_is_listed_by_its_mistakes() -> None:
    unread = replace(ALIKE, text="fresh idiom", read=False)
    assert mistakes([ALIKE, unread]).count("\n") == 0
    assert "fresh idiom" not in mistakes([ALIKE, unread])
