"""The second reading of what the rules call danger."""

from __future__ import annotations

import json
import math

import pytest

from bot.screen import doubt, screen
from bot.screen.rules import ALL_RULES
from tests.doubted import doubted_text, look_alikes

NUMBER = "_#"


@pytest.fixture
def weights(monkeypatch):
    """Weights of a few words, so that what is added up can be counted by hand; only the whole counts."""

    def put(fewest: int = 1, last: tuple[float, ...] = (1.0,), **known: float) -> None:
        monkeypatch.setattr(doubt, "_WEIGHTS", {name.replace("_", "="): weight for name, weight in known.items()})
        monkeypatch.setattr(doubt, "_BIAS", 0.5)
        monkeypatch.setattr(doubt, "_LAST", [*last, *[0.0] * (9 - len(last))])
        monkeypatch.setattr(doubt, "_LAST_BIAS", 0.0)
        monkeypatch.setattr(doubt, "THRESHOLD", -1.0)
        monkeypatch.setattr(doubt, "FEWEST_WORDS", fewest)

    return put


@pytest.mark.parametrize(
    ("text", "odds"),
    [
        pytest.param("papa falls", 0.5 + (1 - 3 + 4) / 3**0.5, id="two words and their pair"),
        pytest.param("PAPA  Falls!", 0.5 + (1 - 3 + 4) / 3**0.5, id="written otherwise"),
        pytest.param("papa papa", 0.5 + 1, id="a word twice counts once"),
        pytest.param("papa zzgl qqrt", None, id="most of it unknown"),
        pytest.param("!!", None, id="no word at all"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_when_a_message_is_read_then_known_features_are_added_over_the_root_of_their_number(weights, text, odds):
    weights(_papa=1.0, _falls=-3.0, _papa_falls=4.0)
    assert doubt.score(text, (0, 4)) == (pytest.approx(odds) if odds is not None else None)


def test_when_a_message_has_sentences_then_each_speaks_and_questions_but_the_one_with_the_danger_do_not():
    text = "Papa falls. Where do we park? He sleeps now"
    values = {"=papa": 4.0, "=sleeps": -2.0}

    found = doubt.columns(*doubt.told(text, (5, 10)), lambda features: sum(values.get(one, 0.0) for one in features))

    assert doubt.told(text, (5, 10)) == (["Papa falls", "He sleeps now"], "Papa falls")
    assert found == [2.0, 4.0, 1.0, -2.0, 4.0, -2.0, 4.0, pytest.approx(math.log(5)), 2]
    assert doubt.told("Is he bleeding? Where do we park?", (6, 14)) == (["Is he bleeding"], "Is he bleeding")
    assert doubt.told("Where do we park?") == (["Where do we park?"], "Where do we park?")


@pytest.mark.parametrize(
    ("text", "word"),
    [("in 2021", "=#year"), ("day 21", "=#"), ("room 2150", "=#"), ("she's", "=shes")],
    ids=["a year", "a number", "no year", "apostrophe"],
)
def test_when_words_are_taken_then_numbers_are_one_word_and_years_another(text, word):
    assert doubt.words_of(text)[-1] == word


def test_when_the_whole_speaks_against_danger_then_an_emergency_becomes_unclear_and_keeps_its_reason(weights):
    text = "he has fever 39.5"
    alone = screen(text, doubting=False)
    weights(_he=-9.0, _has=-9.0, _fever=-9.0, **{NUMBER: -9.0})

    seen = screen(text)

    assert (alone.verdict, alone.doubted) == ("emergency", None)
    assert (seen.verdict, seen.doubted, seen.without_brain, seen.is_red) == ("check", "emergency", "emergency", False)
    assert (seen.rule, seen.span, seen.danger) == (alone.rule, alone.span, alone.danger)
    assert seen.to_json()["doubted"] == "emergency"
    assert "doubted" not in alone.to_json()


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param("how long does it take", "none", id="nothing seen"),
        pytest.param("fever after car-t?", "check", id="unclear"),
        pytest.param("I want to die", "self_harm", id="self-harm"),
    ],
)
def test_when_it_is_no_emergency_by_the_rules_then_nothing_is_doubted(weights, text, verdict):
    weights(**{f"_{word}": -9.0 for word in text.lower().replace("?", "").replace("-", " ").split()})
    assert screen(text) == screen(text, doubting=False)
    assert screen(text).verdict == verdict


def test_when_a_message_is_short_then_nothing_is_doubted(weights):
    known = {"_he": -9.0, "_has": -9.0, "_fever": -9.0, NUMBER: -9.0}
    weights(fewest=4, **known)
    assert screen("he has fever 39.5").doubted
    weights(fewest=5, **known)
    assert screen("he has fever 39.5").is_red


def test_when_most_words_are_unknown_then_nothing_is_doubted(weights):
    weights(_fever=-9.0, _he=-9.0)
    assert screen("he fever fever he 39.5").doubted
    assert screen("mi abuelo tiene fever 39.5").is_red


RED_RULES = [rule for rule in ALL_RULES if rule.verdict in ("emergency", "self_harm")]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RED_RULES])
def test_when_the_rules_own_examples_are_read_again_then_none_is_doubted(rule):
    assert [text for text in rule.matches if screen(text).doubted] == []


def test_when_look_alikes_ring_then_most_are_doubted():
    texts = [text for kind, texts in look_alikes().items() if kind != "other_languages" for text in texts]
    rung = [text for text in texts if screen(text, doubting=False).is_red]
    doubted = [text for text in rung if screen(text).doubted]
    assert len(rung) > 100
    assert len(doubted) > 0.5 * len(rung)
    assert doubted_text() in doubted


def test_when_the_file_is_read_then_it_says_what_the_threshold_did_to_messages_held_out():
    held_out = json.loads(doubt.FILE.read_text(encoding="utf-8"))["held_out"]
    assert held_out["dangers_doubted"] <= 0.02 * held_out["dangers_rung"]
    assert held_out["look_alikes_doubted"] > 0.4 * held_out["look_alikes_rung"]
