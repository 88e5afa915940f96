"""What a trainer changes is changed in the files, and nothing else."""

from __future__ import annotations

import difflib
from collections import Counter

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.settings import ROOT
from bot.studio import texts

NLU = (ROOT / "data" / "nlu.yml").read_text(encoding="utf-8")
DOMAIN = (ROOT / "domain.yml").read_text(encoding="utf-8")
RULES = (ROOT / "data" / "rules.yml").read_text(encoding="utf-8")
ABOUT = {"label": "topic/parking", "next": ["faq/cart_what_is"], "reviewed_on": "2026-01-01", "state": "house"}


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]


def test_when_all_examples_are_written_as_they_are_then_the_file_is_the_same() -> None:
    for intent, examples in texts.examples_of(NLU).items():
        assert texts.with_examples(NLU, intent, examples) == NLU


def test_when_an_example_is_added_then_one_line_comes() -> None:
    examples = texts.examples_of(NLU)["faq_cart_what_is"]

    after = texts.with_examples(NLU, "faq_cart_what_is", [*examples, "what: is 'this' #cart"])

    assert changed(NLU, after) == ["+    - what: is 'this' #cart"]
    assert texts.examples_of(after)["faq_cart_what_is"][-1] == "what: is 'this' #cart"


def test_when_a_new_intent_gets_examples_then_comments_stay_with_what_they_belong_to() -> None:
    after = texts.with_examples(NLU, "topic_parking", ["park?", "car?"])

    assert changed(NLU, after) == ["+- intent: topic_parking", "+  examples: |", "+    - park?", "+    - car?"]
    assert "    - car?\n\n#" in after or "    - car?\n#" in after
    assert texts.with_examples(after, "topic_parking", []) == NLU


def test_when_an_answer_comes_and_goes_then_the_domain_is_as_before() -> None:
    after = texts.with_answer(texts.with_intent(DOMAIN, "topic_parking"), "utter_topic_parking", "Here.\nThere.", ABOUT)
    read = texts.read(after)

    assert "topic_parking" in read["intents"]
    assert read["responses"]["utter_topic_parking"] == [{"text": "Here.\nThere.", "metadata": ABOUT}]
    assert {key: value for key, value in read["responses"].items() if key != "utter_topic_parking"} == texts.read(
        DOMAIN
    )["responses"]
    assert not [line for line in changed(DOMAIN, after) if line.startswith("-")]
    assert texts.without_intent(texts.without_answer(after, "utter_topic_parking"), "topic_parking") == DOMAIN


def test_when_an_answer_changes_then_nothing_else_does() -> None:
    after = texts.with_answer(
        DOMAIN, "utter_topic_privacy", "New words.", {"state": "withdrawn", "state_reason": "x", "next": ["greet"]}
    )

    came, went = (
        Counter(one.splitlines()) - Counter(other.splitlines()) for one, other in ((after, DOMAIN), (DOMAIN, after))
    )

    assert sorted(came) == [
        "        New words.",
        "        next: [greet]",
        "        state: withdrawn",
        "        state_reason: x",
    ]
    assert len(list(went.elements())) == 4
    assert "buttons: *person_buttons" in after


def test_when_a_rule_comes_and_goes_then_the_rules_are_as_before() -> None:
    after = texts.with_rule(RULES, "topic/parking", "topic_parking", "utter_topic_parking")

    assert changed(RULES, after) == [
        "+", "+- rule: answer topic/parking", "+  steps:", "+  - intent: topic_parking",
        "+  - action: utter_topic_parking",
    ]  # fmt: skip
    assert texts.with_rule(after, "topic/parking", "topic_parking", "utter_topic_parking") == after
    assert texts.without_rule(after, "topic/parking") == RULES


def test_when_a_file_is_no_yaml_then_it_is_said() -> None:
    with pytest.raises(texts.AnswerError, match="validate"):
        texts.read("a: [")
