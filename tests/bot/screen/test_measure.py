"""Temperatures are told from every other number."""

from __future__ import annotations

import pytest

from bot.screen.clauses import sentences
from bot.screen.lexicon import LEXICON
from bot.screen.measure import BELOW, FEVER, NUMBER
from bot.screen.text import tokens


def marks(text: str) -> list[str]:
    words = [word for sentence in sentences(LEXICON.words(tokens(text))) for word in sentence.words]
    return [word.canon for word in words if word.canon in (FEVER, BELOW, NUMBER)]


@pytest.mark.parametrize(
    "text",
    [
        "temperature 38.0",
        "temp 38",
        "fever 39",
        "38.5 C",
        "38.5°C",
        "39°",
        "101.3F",
        "temp 100.4",
        "he has 39,5 since morning",
        "fever 39 4",
        "thirty nine on the thermometer",
        "fever thirty eight point five",
        "one hundred and two on the thermometer",
        "he has 39 and is weak",
        "temperature of 40",
        "temp: 38·6",
        "３９．２ fever",
    ],
)
def test_when_a_number_is_a_fever_then_it_is_marked(text: str) -> None:
    assert FEVER in marks(text)


@pytest.mark.parametrize(
    "text",
    ["temperature 37.9", "temp 36.6", "my temperature is 37", "100.3 F", "temp 98.6", "38.5 F"],
)
def test_when_a_temperature_is_below_the_threshold_then_it_is_no_fever(text: str) -> None:
    assert FEVER not in marks(text)


@pytest.mark.parametrize(
    "text",
    [
        "39 years old",
        "he is 39",
        "39 kg",
        "39.5 kg",
        "bed 39",
        "room 38",
        "38 cases",
        "102 patients",
        "day 39",
        "39 weeks",
        "$102",
        "38%",
        "ferritin 102",
        "platelets 39",
        "bus 101",
        "my number is 1340 0038",
        "39 days after transplant",
        "born in 1939",
        "aged 40",
        "12345678901234567890",
    ],
)
def test_when_a_number_counts_something_else_then_it_is_just_a_number(text: str) -> None:
    assert set(marks(text)) <= {NUMBER}
