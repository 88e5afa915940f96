"""The public benchmarks' readers and threshold, and a small training through the same component."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from bot.understand.ensemble import Scores
from evaluation.public import (
    HINT3_NONE,
    HINT3_SETS,
    DataError,
    clinc150,
    first_of,
    hint3,
    rejection_threshold,
    train,
)

EXAMPLES = [
    ("where is my order", "order"),
    ("track my order please", "order"),
    ("order not delivered yet", "order"),
    ("when will the parcel arrive", "order"),
    ("I want my money back", "refund"),
    ("refund please", "refund"),
    ("how do I get a refund", "refund"),
    ("return it and get the money", "refund"),
    ("hello", "greet"),
    ("hi there", "greet"),
    ("good morning", "greet"),
    ("hey, good day", "greet"),
]
QUESTIONS = [("track the order", "order"), ("give me a refund", "refund"), ("hello good morning", "greet")]
STRANGE = ["the mitochondria of the cell", "who won the football match"]


def _scores(rows: list[list[float]], classes: tuple[str, ...] = ("a", "b")) -> Scores:
    array = np.asarray(rows)
    return Scores(classes, array, np.ones_like(array), np.zeros(len(array)))


class TestThreshold:
    def test_when_strangers_are_known_then_the_edge_lies_between(self) -> None:
        inside = [[0.9 - 0.004 * number, 0.05] for number in range(50)]
        edge = rejection_threshold(_scores(inside), ["a"] * 50, [0.1 + 0.004 * number for number in range(50)])
        assert 0.296 < edge <= 0.704  # the highest stranger, the lowest question

    def test_when_strangers_look_like_the_rest_then_the_edge_keeps_what_it_can(self) -> None:
        random = np.random.default_rng(5)
        inside = np.clip(random.normal(0.7, 0.1, 400), 0, 1)
        strangers = np.clip(random.normal(0.4, 0.1, 400), 0, 1)
        edge = rejection_threshold(_scores([[one, 0.01] for one in inside]), ["a"] * 400, list(strangers))
        assert 0.48 < edge < 0.62
        assert (inside >= edge).mean() > 0.85
        assert (strangers < edge).mean() > 0.85

    def test_when_strangers_are_not_known_then_the_edge_is_above_the_texts_own_neighbours(self) -> None:
        rows = [[0.9 - 0.005 * number, 0.2] for number in range(60)] + [
            [0.2, 0.9 - 0.005 * number] for number in range(60)
        ]
        labels = ["a"] * 60 + ["b"] * 60
        edge = rejection_threshold(_scores(rows), labels)
        assert 0.2 < edge < 0.63  # above every neighbour; below the lowest tenth of the right ones, 0.63


def test_when_scores_are_read_then_the_best_class_and_its_score_come_out() -> None:
    first, score = first_of(_scores([[0.2, 0.7], [0.6, 0.1]]))
    assert first.tolist() == ["b", "a"]
    np.testing.assert_allclose(score, [0.7, 0.6])


def test_when_a_dozen_texts_are_trained_then_new_ones_are_understood(tmp_path: Path) -> None:
    trained = train(EXAMPLES, tmp_path, folds=2)
    first, score = first_of(trained.component.score([text for text, _ in QUESTIONS]))
    assert first.tolist() == [label for _, label in QUESTIONS]
    assert score.min() > first_of(trained.component.score(STRANGE))[1].max()
    assert 0 < trained.seconds < 60
    assert 0 < trained.component.thresholds.clarify <= trained.component.thresholds.answer <= 1


def _write_hint3(folder: Path) -> None:
    for name in HINT3_SETS:
        outside = [(text, HINT3_NONE) for text in STRANGE]
        for part, rows in (("train", EXAMPLES), ("test", QUESTIONS + outside)):
            text = "sentence,label\n" + "".join(f'"{sentence}",{label}\n' for sentence, label in rows)
            (folder / f"{name}_{part}.csv").write_text(text, encoding="utf-8")


def test_when_hint3_is_scored_then_each_set_has_its_figures(tmp_path: Path) -> None:
    _write_hint3(tmp_path)
    rows = hint3(tmp_path)
    assert [row["set"] for row in rows] == list(HINT3_SETS)
    for row in rows:
        assert (row["train"], row["test"]) == (12, 5)
        assert row["accuracy"] == 1
        assert row["auroc"] == 1  # every stranger scores below every question
        assert row["mcc_at_threshold"] <= row["best_mcc"] <= 1
        assert 0 < row["threshold"] < 1


def test_when_clinc150_is_scored_then_recall_in_and_out_of_scope_is_given(tmp_path: Path) -> None:
    file = tmp_path / "data_full.json"
    known = [["what is the speed of light", "oos"], ["paint a sunset", "oos"], ["name a river in spain", "oos"]]
    data = {"train": EXAMPLES, "test": QUESTIONS, "oos_train": known, "oos_test": [[text, "oos"] for text in STRANGE]}
    file.write_text(json.dumps(data))
    row = clinc150(file)
    assert (row["train"], row["test"], row["accuracy"]) == (12, 5, 1)
    assert row["out_of_scope_recall"] == 1
    assert row["in_scope_recall"] <= row["accuracy"]


def _no_column(folder: Path) -> None:
    (folder / "sofmattress_train.csv").write_text("text,intent\nhello,greet\n")


def _no_utf8(folder: Path) -> None:
    (folder / "sofmattress_train.csv").write_bytes(b"sentence,label\n\xff\xfe,greet\n")


@pytest.mark.parametrize(
    "harm", [lambda folder: None, _no_column, _no_utf8], ids=["no file", "other columns", "not UTF-8"]
)
def test_when_hint3_cannot_be_read_then_the_error_names_file_and_what_to_give(harm, tmp_path: Path) -> None:
    harm(tmp_path)
    with pytest.raises(DataError, match=r"--hint3: .*sofmattress_train\.csv .*name the folder"):
        hint3(tmp_path)


@pytest.mark.parametrize(
    "content", [None, "{", "[]", '{"train": []}', '{"train": [["a"]]}'], ids=["no file", "cut", "list", "parts", "rows"]
)
def test_when_clinc150_cannot_be_read_then_the_error_names_file_and_what_to_give(content, tmp_path: Path) -> None:
    file = tmp_path / "data_full.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(DataError, match=r"--clinc150: .*data_full\.json .*name CLINC150's data_full\.json"):
        clinc150(file)
