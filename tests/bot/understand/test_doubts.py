"""How the second reading is learned."""

from __future__ import annotations

import numpy as np
import pytest

from bot.screen import doubt, screen
from bot.understand import doubts

NOW = [
    f"{who} has fever {degrees} since noon" for who in ("he", "she", "our son", "my wife") for degrees in (39, 39.5, 40)
]
THEN = [f"hurrah {who} has fever {degrees}, we laughed" for who in ("he", "she") for degrees in (39, 39.5, 40)]
TEXTS = [*NOW, *THEN] * 3
RED = np.array([text in NOW for text in TEXTS])


@pytest.fixture
def short(monkeypatch):
    """Short messages are read too."""
    monkeypatch.setattr(doubt, "FEWEST_WORDS", 5)


def taught(texts: list[str], is_danger) -> doubts.Taught:
    return doubts.Taught(texts, is_danger, [screen(text, doubting=False) for text in texts])


def test_when_a_reading_is_fitted_then_it_tells_danger_from_look_alikes_and_counts_as_the_screen_does():
    reading = doubts.Reading.fit([doubt.features(text) for text in TEXTS], RED)
    found = [doubt.features(text) for text in ("my wife has fever 39 since noon", "hurrah she has fever 40")]

    odds = [reading.odds(features) for features in found]

    assert odds[0] > 0 > odds[1]
    assert odds == pytest.approx([doubt.odds(features, reading.weights, reading.bias) for features in found])


def test_when_messages_are_read_for_the_second_step_then_by_a_first_step_that_had_not_seen_them(short):
    swapped = RED.copy()
    swapped[0] = not swapped[0]  # a text by heart would be read as it was taught
    texts = [
        f"{text} in house {'abcdefghijklmnopqrstuvwxyz'[place % 26] * 3}{place}" for place, text in enumerate(TEXTS)
    ]

    found = taught(texts, swapped)
    columns = found.columns()

    first = next(row for row, message in enumerate(found.rung) if message.asked == 0)
    assert columns[first][0] > 0


def test_when_messages_are_learned_beside_something_harmless_then_only_those_that_ring_and_some_other_dangers(short):
    texts = [
        "he has fever 39.5 today",
        "I am so tired of the film with fever",
        "Where do we park?",
        "it is bad",
        "a dream",
    ]
    red = np.array([True, False, False, True, False])

    found = taught(texts * 40, np.tile(red, 40))

    assert {place % 5 for place in found.beside} == {0, 3}
    assert 40 < len(found.beside) < 80, "every one that rings, about half of the other dangers"
    assert {(message.of % 5, message.asked is None) for message in found.rung} == {(0, True), (0, False)}
    assert sum(message.text.startswith("Where do we park? he") for message in found.rung) == 40


def test_when_verdicts_are_held_out_then_red_look_alikes_are_doubted_and_the_rest_stands(monkeypatch, short):
    monkeypatch.setattr(doubt, "THRESHOLD", 0.0)
    texts = [*TEXTS, "how long does it take"]

    verdicts = doubts.held_out_verdicts(texts, np.append(RED, False))

    alone = [screen(text, doubting=False) for text in texts]
    assert all(one.is_red for one in alone[:-1])
    assert [one.doubted for one in verdicts[:-1]] == [None if red else "emergency" for red in RED]
    assert verdicts[-1] == alone[-1]


def test_when_a_message_holds_another_then_it_is_judged_by_a_reading_that_had_seen_neither(monkeypatch, short):
    monkeypatch.setattr(doubt, "THRESHOLD", 0.0)
    swapped = RED.copy()
    swapped[0] = not swapped[0]  # by heart, what holds it would be read as it was taught
    texts = [f"{text} in house {place}" for place, text in enumerate(TEXTS)]
    mixed = [f"Where do we park? {texts[0]}", f"Where do we park? {texts[-1]}"]

    verdicts = doubts.held_out_verdicts([*texts, *mixed], swapped, [0, len(texts) - 1])

    assert [one.doubted for one in verdicts[len(texts) :]] == [None, "emergency"]


def test_when_there_is_too_little_to_hold_out_then_the_rules_speak_alone():
    texts = ["he has fever 39.5", "how long does it take"]
    assert doubts.held_out_verdicts(texts, np.array([True, False])) == [screen(text, doubting=False) for text in texts]


@pytest.mark.slow  # reads and screens every training message
def test_when_it_is_learned_anew_then_the_file_is_what_comes_out():
    learned = doubts.learn(doubts.material())
    assert learned["held_out"]["dangers_doubted"] <= doubts.DOUBTED_DANGERS * learned["held_out"]["dangers_rung"]
    known = doubt._LEARNED
    assert (known["threshold"], known["bias"]) == pytest.approx((learned["threshold"], learned["bias"]), abs=0.3), (
        "the training data have changed: run python -m bot.understand.doubts, and look at what it prints"
    )
