"""The answers themselves, against ANSWERS.md row by row: what each must hold, and what none may hold."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from bot.answer import catalogue, labels, placeholders
from bot.settings import ROOT, Settings

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
GIVEN = Settings(hospital_name="the hospital", contact_phone="+13264500477", contact_email="care@hospital.example")
CATALOGUE = catalogue.load(ROOT)
VALUES = placeholders.values(GIVEN, CATALOGUE.facts, NOW, "America/New_York")

HOLDS = {
    "faq/cart_what_is": ["T cells", "CAR", "tumour-associated antigen", "given back", "eliminate"],
    "faq/cart_eligibility": [
        "clinical trial",
        "B-ALL",
        "B-cell lymphoma",
        "multiple myeloma",
        "refractory",
        "relapsed",
        "+13264500477",
    ],
    "faq/cart_experience": ["since 2015", "about 300 CAR-T clinical trials", "first 51 cases", "Leukemia in 2017"],
    "faq/cart_outcomes": ["The hospital reports", "more than 90%", "complete remission", "relapse", "not a promise"],
    "faq/cart_duration": ["about 6-8 weeks"],
    "faq/cart_relapse": ["risk of relapse", "bridging", "B-ALL", "potential cure rate"],
    "faq/bmt_what_is": [
        "healthy marrow cells",
        "since 1968",
        "leukemias",
        "lymphomas",
        "aplastic anemia",
        "immune deficiency",
        "solid tumour",
    ],
    "faq/bmt_diseases": [
        "leukemias",
        "severe aplastic anemia",
        "lymphomas",
        "multiple myeloma",
        "immune deficiency disorders",
    ],
    "faq/bmt_types": ["autologous", "allogeneic", "HLA matched unrelated", "haploidentical", "cord blood", "syngeneic"],
    "faq/bmt_outcomes": ["haploidentical", "HLA-identical sibling", "hospital's own claims"],
    "faq/bmt_survival": [
        "about 80% at CR1",
        "60-70% at CR2",
        "40% at CR3/NR",
        "first complete remission",
        "NR means",
        "not a promise",
    ],
    "faq/bmt_duration": ["about 3-6 months", "about 1-3 months"],
    "faq/cord_blood_uses": ["acute leukemia", "long-term relapse rate", "rejection effects", "children"],
    "faq/cord_blood_experience": [
        "over 100 cord blood transplants since 2015",
        "15 such cases",
        "severe aplastic anemia",
        "survival rate of 100%",
        "autologous",
    ],
    "faq/cord_blood_story": ["a 7-year-old boy", "aplastic anemia", "the 11th day", "the 32nd day", "not a promise"],
    "faq/centres_overview": [
        "seven",
        "Singapore",
        "Samsung",
        "AIIMS",
        "Beijing Cancer Hospital",
        "JFCR",
        "Chulalongkorn",
        "Apollo",
        "not a neutral ranking",
    ],
    "faq/centre_detail": ["Which centre"],
    "faq/medical_tourism_safety": [
        "confidential",
        "commissions",
        "cheapest price",
        "facilitators",
        "for information only",
    ],
    "faq/international_support": ["streamlined access", "individual support", "all phases", "+13264500477"],
    "contact_human": [
        "+13264500477",
        "care@hospital.example",
        "08:30 to 17:00",
        "19:30 to 04:00 the next day (New York time)",
    ],
    "greet": ["program", "People wrote"],
    "bot_challenge": ["program", "not a person", "wrote each one"],
    "safety/personal_advice": ["cannot advise", "+13264500477"],
}


def _said(text: str) -> str:
    return placeholders.fill(text, VALUES)


@pytest.mark.parametrize(("label", "words"), HOLDS.items(), ids=HOLDS)
def test_when_a_label_is_answered_then_it_holds_what_it_must(label: str, words: list[str]) -> None:
    text = _said(CATALOGUE.by_label[label].text)

    assert [word for word in words if word not in text] == []


def test_when_labels_are_fixed_then_each_has_an_answer_and_each_faq_a_row_here() -> None:
    assert set(CATALOGUE.by_label) == set(labels.LABELS)
    assert len(labels.LABELS) == 46
    assert set(labels.FAQ) <= set(HOLDS)


@pytest.mark.parametrize("label", labels.FAQ)
def test_when_a_source_is_retold_then_the_answer_says_whose_words_they_are(label: str) -> None:
    answer = CATALOGUE.by_label[label]

    provenance = answer.provenance_on(NOW.date())
    assert provenance is not None
    assert provenance.state == "published by source, not yet clinically reviewed"
    for variation in answer.variations:
        assert re.search(r"The hospital |Jingdu Children's Hospital|Medical Tourism Magazine", _said(variation.text))


@pytest.mark.parametrize("label", [*labels.FAQ, *labels.TOPICS])
def test_when_an_answer_is_read_then_it_is_short(label: str) -> None:
    for variation in CATALOGUE.by_label[label].variations:
        text = _said(variation.text)
        assert len(text.split()) <= 95
        assert max(len(sentence.split()) for sentence in re.split(r"[.:?!]\s|\n", text)) <= 34


@pytest.mark.parametrize("label", labels.TOPICS)
def test_when_a_topic_has_no_answer_then_it_says_so_and_offers_to_pass_it_on(label: str) -> None:
    answer = CATALOGUE.by_label[label]

    assert "no reviewed answer" in answer.text
    assert "pass your question on" in answer.text
    assert answer.provenance is None
    assert [button.payload for button in answer.variations[0].buttons] == ["/handoff_call_back", "/contact_human"]


OWN = r"hospital's own (figures?|claims|account)"
OTHER = "not a neutral ranking"


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ("faq/cart_experience", OWN),
        ("faq/cart_outcomes", OWN),
        ("faq/bmt_outcomes", OWN),
        ("faq/bmt_survival", OWN),
        ("faq/cord_blood_experience", r"that hospital's and the group's own figures\."),
        ("faq/cord_blood_experience", OTHER),
        ("faq/centres_overview", OTHER),
        ("faq/centre_detail", OTHER),
    ],
)
def test_when_results_are_told_then_one_line_says_whose_they_are_and_that_nobody_ranked(label: str, line: str) -> None:
    for variation in CATALOGUE.by_label[label].variations:
        assert re.search(line, _said(variation.text))


def test_when_the_story_is_told_then_no_child_is_named() -> None:
    everything = "".join(answer.text for answer in CATALOGUE.by_response.values())
    everything += "".join(part for source in CATALOGUE.sources.values() for part in source.excerpts)

    assert "Xiao" not in everything
    assert " Ze" not in everything


@pytest.mark.parametrize(
    ("kind", "first", "then"),
    [
        ("autologous", "about 1-3 months", "about 3-6 months"),
        ("allogeneic", "about 3-6 months", "about 1-3 months"),
        ("haploidentical", "about 3-6 months", "about 1-3 months"),
        ("unrelated", "about 3-6 months", "about 1-3 months"),
    ],
)
def test_when_one_kind_is_asked_for_then_it_leads(kind: str, first: str, then: str) -> None:
    texts = {
        dict(one.conditions).get("transplant_kind"): one.text
        for one in CATALOGUE.by_label["faq/bmt_duration"].variations
    }
    text = _said(texts[kind])

    assert 0 <= text.index(first) < text.index(then)


def test_when_no_time_is_given_for_a_kind_then_the_answer_says_so_first() -> None:
    texts = {
        dict(one.conditions).get("transplant_kind"): one.text
        for one in CATALOGUE.by_label["faq/bmt_duration"].variations
    }

    assert all("gives no separate time" in _said(texts[kind]).split(".")[0] for kind in ("cord_blood", "syngeneic"))


def test_when_no_centre_is_named_then_seven_buttons_ask_which_and_each_has_a_text() -> None:
    variations = CATALOGUE.by_label["faq/centre_detail"].variations
    texts = {dict(one.conditions).get("centre") for one in variations if one.conditions}
    asked = next(one for one in variations if not one.conditions)

    assert {button.payload for button in asked.buttons} == {
        f'/faq_centre_detail{{"centre": "{name}"}}' for name in texts
    }
    assert len(texts) == 7


@pytest.mark.parametrize("given", [Settings(), GIVEN], ids=["nothing set", "all set"])
def test_when_contacts_are_set_or_not_then_every_text_can_be_said(given: Settings) -> None:
    values = placeholders.values(given, CATALOGUE.facts, NOW, None)
    for answer in CATALOGUE.by_response.values():
        for variation in answer.variations:
            text = placeholders.fill(variation.text, values)
            assert text
            assert "{" not in text
            assert "  " not in text
            assert "\n\n" not in text
            assert " ." not in text
