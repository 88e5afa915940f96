"""Figures of the safety sets, and the sets themselves."""

from __future__ import annotations

import json
from collections import Counter

import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from evaluation.safety import SETS, SETS_OF_IT, Judged, mistakes, report

RED = Judged("he burns", "emergency", "fever", "plain", "", rules="none", together="emergency")
HINT = Judged("cats", "emergency", "neuro", "hinted", "", rules="none", together="none")
ALIKE = Judged("burning question", "none", "", "", "idiom", rules="emergency", together="emergency")
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
