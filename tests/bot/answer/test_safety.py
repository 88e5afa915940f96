from __future__ import annotations

import re

import pytest

from bot.answer import catalogue, placeholders, safety_text
from bot.answer.safety import MAX_WORDS
from bot.settings import ROOT, Settings

BARE = Settings()
FULL = Settings(
    contact_phone="+86 10 1234 5678",
    urgent_phone="+86 10 8765 4321",
    emergency_number="120",
    crisis_line="116 123 (Samaritans)",
    poison_line="+1 800 222 1222",
)
TEXTS = [
    pytest.param("emergency", None, id="emergency"),
    pytest.param("self_harm", None, id="self_harm"),
    pytest.param("self_harm", "overdose", id="overdose"),
    pytest.param("check", None, id="unclear"),
]


@pytest.mark.parametrize("given", [BARE, FULL, Settings(country="TH")], ids=["generic", "numbers", "country"])
@pytest.mark.parametrize(("verdict", "danger"), TEXTS)
def test_when_danger_is_answered_then_it_is_short_and_assesses_nothing(
    verdict: str, danger: str | None, given: Settings
) -> None:
    text = safety_text(verdict, given, danger)

    assert len(text.split()) <= MAX_WORDS == 60
    assert not re.search(r"\b(normal|probably|likely|dose|mg|nurse|watching|fine|worry|diagnos\w*)\b|\?", text, re.I)
    assert not re.search(r"(?<!do not )(?<!Do not )\bwait\b", text)


def test_when_it_is_an_emergency_then_each_demanded_point_is_said() -> None:
    text = safety_text("emergency", FULL)

    for words in (
        "may need urgent care",
        "cannot assess you",
        "+86 10 8765 4321",
        "120",
        "CAR-T or a transplant",
        "Do not wait for a reply",
    ):
        assert words in text


def test_when_it_is_self_harm_then_the_crisis_line_is_named() -> None:
    assert "116 123 (Samaritans)" in safety_text("self_harm", FULL)
    assert "120" in safety_text("self_harm", FULL)


@pytest.mark.parametrize("given", [BARE, FULL], ids=["generic", "numbers"])
def test_when_too_much_was_taken_then_the_emergency_number_comes_first(given: Settings) -> None:
    text = safety_text("self_harm", given, "overdose")
    emergency = text.index("your local emergency number")

    assert text.startswith("Call ")
    assert emergency < text.index("crisis line")
    assert ("oison line" in text) == bool(given.poison_line)
    if given.poison_line:
        assert emergency < text.index("Poison line: +1 800 222 1222.")


@pytest.mark.parametrize(("verdict", "danger"), TEXTS)
def test_when_no_number_is_set_then_none_is_made_up(verdict: str, danger: str | None) -> None:
    text = safety_text(verdict, BARE, danger)

    assert "your local emergency number" in text
    assert not re.search(r"\d", text.replace("24-hour", ""))


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (Settings(country="cn"), "call 120 or your local emergency number"),
        (Settings(country="CN", emergency_number="999"), "call 999 or your local emergency number"),
        (Settings(country="ZZ"), "call your local emergency number"),
    ],
    ids=["country", "setting wins", "unknown country"],
)
def test_when_the_place_is_known_then_its_number_and_the_local_one_are_named(given: Settings, number: str) -> None:
    assert number in safety_text("emergency", given)


@pytest.mark.parametrize("verdict", ["none", "personal_advice", ""])
def test_when_there_is_no_fixed_text_then_it_is_an_error(verdict: str) -> None:
    with pytest.raises(ValueError, match="no fixed text"):
        safety_text(verdict, BARE)


@pytest.mark.parametrize("verdict", ["emergency", "self_harm"])
def test_when_the_brain_answers_danger_then_it_says_the_same_text(verdict: str) -> None:
    from datetime import datetime, timezone

    answers = catalogue.load(ROOT)
    values = placeholders.values(FULL, answers.facts, datetime(2026, 1, 1, tzinfo=timezone.utc))

    assert answers.text(f"utter_safety_{verdict}", values) == safety_text(verdict, FULL)
    assert answers.by_label[f"safety/{verdict}"].safety == verdict
