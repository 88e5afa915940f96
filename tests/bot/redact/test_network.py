"""The network's arithmetic against the plainest way to write each part of it down."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from bot.redact import network
from bot.redact.network import Network, as_integers, lines, stored

LABELS = ["O", "B-name", "I-name"]
NAMES = ["a", "b", "w=ü"]
WIDE, TOLD, STATES, UNITS = 5, 2, 3, 4


@pytest.fixture
def arrays():
    draw = np.random.default_rng(7)
    told, told_scale = as_integers(draw.normal(size=(4, TOLD)).astype(np.float32))
    says, says_scale = as_integers(draw.normal(size=(4, 3)).astype(np.float32))
    told[0], says[0] = 0, 0
    shapes = {
        "states": (WIDE, STATES), "states_bias": (STATES,), "given": (2, TOLD + STATES, 4 * UNITS),
        "recurrent": (2, UNITS, 4 * UNITS), "bias": (2, 4 * UNITS), "out": (2 * UNITS, 3), "out_bias": (3,),
        "beside": (3, 3), "first": (3,),
    }  # fmt: skip
    return {
        "labels": stored(LABELS), "without": stored(["a.jsonl"]), "vocabulary": stored(NAMES), "told": told,
        "told_scale": told_scale, "says": says, "says_scale": says_scale,
        **{name: draw.normal(size=shape).astype(np.float16) for name, shape in shapes.items()},
    }  # fmt: skip


@pytest.fixture
def made(arrays, tmp_path) -> Network:
    np.savez_compressed(tmp_path / "made.npz", **arrays)
    return Network(tmp_path / "made.npz")


@pytest.mark.parametrize("size", [1, 2, 4])
def test_when_every_way_to_label_is_tried_then_the_best_and_the_probabilities_are_these(made, size):
    scores = np.random.default_rng(size).normal(size=(size, 3)).astype(np.float32) * 2
    w = made._w

    def said(way):
        beside = sum(w["beside"][one, other] for one, other in pairwise(way))
        return w["first"][way[0]] + beside + sum(scores[place, label] for place, label in enumerate(way))

    ways = {way: float(said(way)) for way in product(range(3), repeat=size)}
    every = np.logaddexp.reduce(list(ways.values()))
    none = [sum(np.exp(value - every) for way, value in ways.items() if way[place] == 0) for place in range(size)]

    assert made._best(scores) == [LABELS[label] for label in max(ways, key=ways.__getitem__)]
    np.testing.assert_allclose(made._none(scores), none, atol=1e-5)


def test_when_pieces_are_read_both_ways_then_each_step_is_an_lstm_s(made):
    seen = np.random.default_rng(5).normal(size=(3, TOLD + STATES)).astype(np.float32)
    w, out = made._w, np.zeros((3, 2 * UNITS))
    sigmoid = lambda value: 1 / (1 + np.exp(-value))  # noqa: E731
    for way, order in enumerate([(0, 1, 2), (2, 1, 0)]):
        state, kept = np.zeros(UNITS), np.zeros(UNITS)
        for place in order:
            gates = seen[place] @ w["given"][way] + state @ w["recurrent"][way] + w["bias"][way]
            taken, left, new, shown = np.split(gates, 4)
            kept = sigmoid(left) * kept + sigmoid(taken) * np.tanh(new)
            state = sigmoid(shown) * np.tanh(kept)
            out[place, way * UNITS : (way + 1) * UNITS] = state

    np.testing.assert_allclose(made._both_ways(seen), out, atol=1e-5)


def test_when_nothing_told_is_known_then_only_the_states_speak(made):
    states = np.ones((2, WIDE), np.float32)

    np.testing.assert_array_equal(made.scores([["?"], []], states), made.scores([[], ["??"]], states))
    assert np.abs(made.scores([["a"], []], states) - made.scores([[], []], states)).max() > 0.01


def test_when_a_file_is_read_then_it_says_what_it_did_not_learn_from(made):
    assert made.labels == LABELS
    assert made.without == ["a.jsonl"]


@pytest.mark.parametrize("strings", [[], ["a"], ["ü", "名", ""]], ids=["none", "one", "some"])
def test_when_strings_are_stored_then_they_come_back(strings):
    assert lines(stored(strings)) == strings


def test_when_columns_are_made_integers_then_they_are_half_a_step_away_at_most():
    values = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32) * [1, 10, 0.1, 0]
    whole, scale = as_integers(values)

    assert whole.dtype == np.int8
    assert (np.abs(whole * scale - values) <= scale / 2 + 1e-6).all()


def test_when_scores_are_far_apart_then_nothing_overflows(made):
    scores = np.array([[900.0, -900, 0], [-900, 900, 0]], np.float32)

    assert made._best(scores) == ["O", "B-name"]
    np.testing.assert_allclose(made._none(scores), [1, 0], atol=1e-6)


def test_when_an_array_is_missing_then_the_file_is_none(arrays, tmp_path):
    np.savez(tmp_path / "half.npz", **{name: value for name, value in arrays.items() if name != "vocabulary"})

    with pytest.raises(KeyError, match="vocabulary"):
        Network(tmp_path / "half.npz")
    assert network.lines(arrays["vocabulary"]) == NAMES
