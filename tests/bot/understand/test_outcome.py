"""Thresholds on scores made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bot.understand.ensemble import ASIDE, Scores
from bot.understand.outcome import Outcome, Thresholds, find_thresholds

OPTIONS = {"wrong_among_answered": 0.1, "right_among_offered": 0.5, "false_alarms": 0.01}


def _scores(tops: np.ndarray, right: np.ndarray, classes: tuple[str, ...] = ("a", "b", "c", "d", "e")) -> tuple:
    """Texts of intent `a` whose best score goes to `a` where right, else to `b`, with `a` last."""
    rows = np.zeros((len(tops), len(classes)))
    for row, (top, good) in enumerate(zip(tops, right)):
        rows[row, :] = [0, 0.04 * top, 0.03 * top, 0.02 * top, 0.01 * top]
        rows[row, 0 if good else 1] = top
        if not good:
            rows[row, 0] = 0
    return Scores(classes, rows, np.ones_like(rows), np.zeros(len(rows))), ["a"] * len(tops)


def test_when_wrong_answers_begin_below_a_score_then_the_threshold_keeps_their_share() -> None:
    tops = np.linspace(0.99, 0.10, 200)
    right = tops > 0.5
    thresholds = find_thresholds(*_scores(tops, right), **OPTIONS)
    answered = tops >= thresholds.answer
    assert (~right[answered]).mean() <= 0.1
    assert (~right[tops >= thresholds.answer - 0.02]).mean() > 0.1  # and it is the lowest that does
    parts = tops >= thresholds.part  # a question beside others must be surer
    assert (~right[parts]).mean() <= 0.05 < (~right[tops >= thresholds.part - 0.02]).mean()


def test_when_every_text_is_right_then_all_are_answered() -> None:
    tops = np.linspace(0.9, 0.2, 150)
    thresholds = find_thresholds(*_scores(tops, np.ones(150, bool)), **OPTIONS)
    assert thresholds.answer == pytest.approx(0.2)
    assert thresholds.clarify == pytest.approx(0.2)


def test_when_every_text_is_wrong_then_none_is_answered() -> None:
    thresholds = find_thresholds(*_scores(np.linspace(0.9, 0.2, 150), np.zeros(150, bool)), **OPTIONS)
    assert thresholds.answer == 1.0


def test_when_many_texts_have_one_score_then_the_threshold_does_not_cut_through_them() -> None:
    tops = np.array([0.9] * 50 + [0.5] * 100)
    right = np.array([True] * 50 + [True, False] * 50)
    scores, labels = _scores(tops, right)
    assert find_thresholds(scores, labels, **OPTIONS).answer == pytest.approx(0.9)


def test_when_a_few_lucky_texts_lead_then_they_alone_make_no_threshold() -> None:
    tops = np.linspace(0.99, 0.10, 100)
    right = np.array([True] * 15 + [False] * 85)
    assert find_thresholds(*_scores(tops, right), **OPTIONS).answer == 1.0


def test_when_the_right_label_leaves_the_first_three_then_nothing_is_offered_below() -> None:
    tops = np.linspace(0.9, 0.1, 400)
    right = tops > 0.3
    thresholds = find_thresholds(*_scores(tops, right), **{**OPTIONS, "wrong_among_answered": 0.01})
    assert 0.25 < thresholds.clarify < 0.35
    assert thresholds.clarify <= thresholds.answer


def test_when_thresholds_are_found_then_they_are_ordered() -> None:
    random = np.random.default_rng(4)
    tops = random.uniform(0.05, 0.95, 300)
    thresholds = find_thresholds(*_scores(tops, random.uniform(size=300) < tops), **OPTIONS)
    assert 0 < thresholds.clarify <= thresholds.answer <= thresholds.part <= 1


class TestDanger:
    CLASSES = ("a", "safety_emergency", "safety_self_harm")

    def found(self, harmless: np.ndarray, false_alarms: float) -> float:
        rows = np.zeros((len(harmless) + 10, 3))
        rows[: len(harmless), 1] = harmless * 0.7
        rows[: len(harmless), 2] = harmless * 0.3
        rows[: len(harmless), 0] = 1 - harmless
        rows[len(harmless) :, 1] = 0.95
        labels = ["a"] * len(harmless) + ["safety_emergency"] * 10
        options = {**OPTIONS, "false_alarms": false_alarms}
        scores = Scores(self.CLASSES, rows, np.ones_like(rows), np.zeros(len(rows)))
        return find_thresholds(scores, labels, **options, safety_intents=self.CLASSES[1:]).safety

    @pytest.mark.parametrize("count", [10, 100, 150, 1000])
    @pytest.mark.parametrize("allowed", [0.0, 0.01, 0.1])
    def test_when_harmless_texts_look_dangerous_then_no_more_than_allowed_pass(self, count, allowed) -> None:
        harmless = np.linspace(0, 0.8, count)
        threshold = self.found(harmless, allowed)
        taken = (0.7 * harmless + 0.3 * harmless >= threshold).mean()
        assert taken <= allowed
        assert threshold <= 0.95  # what is dangerous still passes

    def test_when_the_model_of_danger_has_its_say_then_its_probability_counts(self) -> None:
        danger = np.concatenate([np.linspace(0, 0.2, 100), np.linspace(0, 0.7, 100)])
        rows = np.stack([np.full(200, 0.5), np.full(200, 0.5), np.zeros(200)], axis=1)
        scores = Scores(self.CLASSES, rows, np.ones_like(rows), np.zeros(200))
        options = {**OPTIONS, "safety_intents": self.CLASSES[1:], "danger": danger}
        assert 0.68 < find_thresholds(scores, ["a"] * 200, **options).safety < 0.71
        seen = np.arange(200) >= 100  # the rules take these for danger already
        assert 0.19 < find_thresholds(scores, ["a"] * 200, **options, seen=seen).safety < 0.21

    def test_when_some_texts_are_unclear_then_the_line_has_a_threshold_and_intents_keep_theirs(self) -> None:
        tops, aside = np.linspace(0.99, 0.10, 200), np.concatenate([np.linspace(0, 0.5, 200), np.full(20, 0.9)])
        scores, labels = _scores(np.concatenate([tops, np.full(20, 0.99)]), np.concatenate([tops > 0.5, np.zeros(20)]))
        scores = Scores(scores.classes, scores.probabilities, scores.nearness, aside)
        found = find_thresholds(scores, [*labels[:200], *[ASIDE] * 20], **OPTIONS, false_lines=0.1)
        assert 0.4 < found.line < 0.5
        assert found.answer == find_thresholds(*_scores(tops, tops > 0.5), **OPTIONS).answer

    def test_when_there_is_no_safety_intent_then_nothing_is_danger(self) -> None:
        assert find_thresholds(*_scores(np.full(50, 0.9), np.ones(50, bool)), **OPTIONS).safety == 1.0


def test_when_there_are_fewer_texts_than_a_window_then_thresholds_are_found_too() -> None:
    thresholds = find_thresholds(*_scores(np.array([0.9, 0.8, 0.7]), np.array([True, True, True])), **OPTIONS)
    assert thresholds.answer == pytest.approx(0.7)


def test_when_written_as_json_then_thresholds_come_back_by_name() -> None:
    thresholds = Thresholds(answer=0.4, clarify=0.2, part=0.4, safety=0.6)
    assert Thresholds(**thresholds.to_json()) == thresholds


def test_when_outcomes_are_named_then_they_are_the_contract_s() -> None:
    assert [one.value for one in Outcome] == ["answer", "clarify", "fallback", "safety", "handoff"]
