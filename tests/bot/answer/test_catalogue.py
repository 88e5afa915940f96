from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from bot.answer import catalogue, labels, placeholders, review
from bot.errors import AnswerError
from bot.records import Button
from bot.settings import ROOT, Settings

CATALOGUE = catalogue.load(ROOT)


def test_when_a_subject_and_an_aspect_are_known_then_the_answer_is_found() -> None:
    found = {
        (subject, aspect): getattr(CATALOGUE.about(subject, aspect), "label", None)
        for subject, aspect in [("cart", "duration"), ("bmt", "duration"), ("bmt", "survival"), ("cart", "survival")]
    }

    assert list(found.values()) == ["faq/cart_duration", "faq/bmt_duration", "faq/bmt_survival", None]


@pytest.mark.parametrize(
    ("aspect", "found"),
    [
        ("duration", ("faq/cart_duration", "faq/bmt_duration")),
        ("eligibility", ("faq/cart_eligibility", "faq/bmt_diseases", "faq/cord_blood_uses")),
        ("experience", ("faq/cart_experience", "faq/cord_blood_experience")),
        ("", ("faq/cart_what_is", "faq/bmt_what_is", "faq/cord_blood_uses")),
    ],
)
def test_when_a_follow_up_has_no_subject_then_every_answer_on_the_aspect_is_a_reading(aspect: str, found: Any) -> None:
    assert CATALOGUE.with_aspect(aspect) == found


def test_when_trainers_made_an_answer_then_it_is_a_reading_and_a_next_question_like_the_rest() -> None:
    about = {"label": "faq/new", "subject": "cart", "aspect": "duration", "question": "New?"}
    new = {"utter_faq_new": [{"text": "x", "metadata": about}]}
    first = {"label": "faq/cart_what_is", "subject": "cart", "next": ["greet"], "question": "What?"}
    built = catalogue.build({"utter_faq_cart_what_is": [{"text": "x", "metadata": first}], **new}, {}, {})

    assert built.with_aspect("duration") == ("faq/new",)
    assert built.next_labels(built.by_label["faq/cart_what_is"], ()) == ("faq/new",)


def test_when_nothing_was_answered_then_the_answers_own_next_questions_come() -> None:
    answer = CATALOGUE.by_label["faq/cart_what_is"]

    assert CATALOGUE.next_labels(answer, ()) == ("faq/cart_eligibility", "faq/cart_duration", "faq/cart_outcomes")


def test_when_some_were_answered_then_others_on_the_subject_fill_up() -> None:
    answer = CATALOGUE.by_label["faq/cart_what_is"]
    seen = {"faq/cart_eligibility", "faq/cart_duration"}

    assert CATALOGUE.next_labels(answer, seen) == ("faq/cart_outcomes", "faq/cart_experience", "faq/cart_relapse")


def test_when_all_were_answered_or_it_is_a_goodbye_then_nothing_is_offered() -> None:
    assert CATALOGUE.next_labels(CATALOGUE.by_label["faq/cart_what_is"], set(labels.LABELS)) == ()
    assert CATALOGUE.next_labels(CATALOGUE.by_label["goodbye"], ()) == ()


@pytest.mark.parametrize("label", labels.LABELS)
def test_when_a_label_is_a_button_then_it_is_short_and_asks_for_itself(label: str) -> None:
    button = CATALOGUE.button(label)

    assert 0 < len(button.label) <= 40
    assert button.payload == f"/{labels.intent_of(label)}"
    assert labels.label_of(button.payload[1:]) == label


def test_when_a_label_has_no_answer_then_its_button_is_an_error() -> None:
    with pytest.raises(AnswerError, match="faq/nothing"):
        CATALOGUE.button("faq/nothing")


def test_when_metadata_is_missing_then_the_catalogue_still_answers() -> None:
    built = catalogue.build(
        {"utter_faq_cart_duration": [{"text": "Some weeks."}], "utter_odd": [{"text": "x"}]}, {}, {}
    )

    assert built.by_label["faq/cart_duration"].text == "Some weeks."
    assert built.by_response["utter_odd"].label == "fallback"


def test_when_a_variation_has_its_own_buttons_then_they_are_kept_in_order() -> None:
    built = catalogue.build(
        {"utter_greet": [{"text": "x", "buttons": [{"title": "A", "payload": "/a"}, {"title": "B", "payload": "/b"}]}]},
        {},
        {},
    )

    assert built.by_label["greet"].variations[0].buttons == (Button("A", "/a"), Button("B", "/b"))


@pytest.mark.parametrize("broken", [[], "text", None, [None]])
def test_when_a_response_holds_no_text_then_it_is_named(broken: Any) -> None:
    with pytest.raises(AnswerError, match="utter_greet"):
        catalogue.build({"utter_greet": broken}, {}, {})


VALUES = placeholders.values(
    Settings(hospital_name="st. Anna"), CATALOGUE.facts, datetime(2026, 11, 23, 3, tzinfo=timezone.utc), None
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{hospital.Name}, {hospital.name}", "St. Anna, st. Anna"),
        ("It takes {facts.cart_duration}.", "It takes about 6-8 weeks."),
        ("A\n{office.hours_yours_line}\nB", "A\nB"),
        ("A\n\nB", "A\n\nB"),
    ],
    ids=["name", "fact", "empty line goes", "blank line stays"],
)
def test_when_a_text_has_placeholders_then_they_are_filled(text: str, filled: str) -> None:
    assert placeholders.fill(text, VALUES) == filled


def test_when_a_placeholder_is_unknown_then_it_is_named() -> None:
    with pytest.raises(AnswerError, match=r"facts\.nothing"):
        placeholders.fill("{facts.nothing}", VALUES)


def test_when_placeholders_are_listed_then_each_has_a_value_and_stands_in_the_docs() -> None:
    docs = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")

    assert set(VALUES) == placeholders.names(CATALOGUE.facts)
    assert [name for name in placeholders.NAMES if f"`{{{name}}}`" not in docs] == []
    assert [state for state in review.READS if f"`{state}`" not in docs] == []
