"""The generator inside Rasa, with the real domain and real trackers.

Longer than 300 lines because each state of an answer is seen in each way to ask for it.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timezone
from typing import Any

import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answer import labels
from bot.answer.catalogue import DOMAIN_FILE, load
from bot.answer.nlg import AnswerGenerator
from bot.settings import ROOT, Settings
from bot.studio.files import NLU
from bot.studio.preview import preview
from bot.studio.question import questions_in

DOMAIN = Domain.load(str(ROOT / "domain.yml"))
GIVEN = Settings(contact_phone="+13264500477")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)


def _generator(
    responses: dict[str, Any] | None = None, now: datetime = NOW, given: Settings = GIVEN
) -> AnswerGenerator:
    generator = AnswerGenerator(None, DOMAIN, given=given, clock=lambda: now)
    if responses is not None:
        generator.responses = responses
    return generator


GENERATOR = _generator()


def _say(response: str, *events: Event, generator: AnswerGenerator = GENERATOR, **kwargs: Any) -> Any:
    tracker = DialogueStateTracker.from_events("c", list(events), DOMAIN.slots, domain=DOMAIN)
    return asyncio.run(generator.generate(response, tracker, "door", **kwargs))


def _user(intent: str, **more: Any) -> UserUttered:
    return UserUttered("words", intent={"name": intent}, **more)


def _payloads(message: Any) -> list[str]:
    return [button["payload"] for button in message["buttons"]]


def test_when_rasa_makes_it_before_the_model_is_loaded_then_it_answers_with_the_models_domain() -> None:
    made = NaturalLanguageGenerator.create(EndpointConfig(type="bot.answer.nlg.AnswerGenerator"), None)
    assert _say("utter_greet", generator=made) is None

    made.responses = DOMAIN.responses  # what rasa.core.agent does when it loads a model

    assert _say("utter_greet", generator=made)["metadata"]["label"] == "greet"


@pytest.mark.parametrize("label", labels.LABELS)
def test_when_a_label_is_answered_then_text_buttons_and_metadata_are_whole(label: str) -> None:
    message = _say(labels.response_of(label))

    assert message["text"]
    assert "{" not in message["text"]
    assert message["metadata"]["label"] == label
    assert bool(message["metadata"]["provenance"]) is label.startswith("faq/")
    assert len(message["buttons"]) <= (7 if label == "faq/centre_detail" else 3)
    for payload in _payloads(message):
        intent = payload[1:].split("{")[0]
        assert intent in DOMAIN.intents
        assert intent != labels.intent_of(label) or label == "faq/centre_detail"


@pytest.mark.parametrize("label", labels.LABELS)
def test_when_a_label_is_answered_then_the_studio_s_preview_has_shown_the_same(label: str) -> None:
    questions = questions_in(*((ROOT / file).read_text(encoding="utf-8") for file in (DOMAIN_FILE, NLU)))
    message = _say(labels.response_of(label), _user(labels.intent_of(label)))

    shown = preview(questions[label], load(ROOT), GIVEN, NOW)

    said, about = shown.events[-1], message["metadata"]
    assert said["text"] == message["text"]
    assert said["answer"] == (about["provenance"] or {"label": label})
    assert [one["label"] for one in said.get("buttons", ())] == [one["title"] for one in message["buttons"]]
    assert (said.get("safety"), said.get("handoff")) == (about["safety"], about["handoff"])
    assert shown.wrong == shown.held == ""


def test_when_an_answer_has_a_source_then_its_provenance_is_as_a_patient_reads_it() -> None:
    assert _say("utter_faq_cart_duration")["metadata"]["provenance"] == {
        "label": "faq/cart_duration",
        "source": "The hospital's FAQ page",
        "owner": "Marrow answers team",
        "reviewed_on": "2026-11-22",
        "review_by": "2027-05-22",
        "state": "published by source, not yet clinically reviewed",
    }


def test_when_one_kind_was_named_then_its_time_leads() -> None:
    text = _say("utter_faq_bmt_duration", SlotSet("transplant_kind", "autologous"))["text"]

    assert text.startswith(
        "The hospital says that an autologous transplant, with the patient's own cells, takes about 1-3 months."
    )


@pytest.mark.parametrize("centre", ["singapore", "samsung", "aiims", "beijing", "jfcr", "chulalongkorn", "apollo"])
def test_when_a_centre_was_named_then_what_sets_it_apart_is_told(centre: str) -> None:
    message = _say("utter_faq_centre_detail", SlotSet("centre", centre))

    assert "sets it apart" in message["text"]
    assert len(message["buttons"]) == 3


def test_when_labels_were_answered_then_they_are_not_offered_again() -> None:
    message = _say("utter_faq_cart_what_is", ActionExecuted("utter_faq_cart_duration"))

    assert _payloads(message) == ["/faq_cart_eligibility", "/faq_cart_outcomes", "/faq_cart_experience"]


@pytest.mark.parametrize(
    ("events", "kwargs"),
    [
        ([], {"readings": ["faq/bmt_duration", "faq/cart_duration"]}),
        ([SlotSet("readings", ["faq/bmt_duration", "faq/cart_duration"])], {}),
        ([_user("clarify", parse_data={"understanding": {"readings": ["faq/bmt_duration", "faq/cart_duration"]}})], {}),
    ],
    ids=["argument", "slot", "parse data"],
)
def test_when_readings_are_offered_then_each_is_a_question_and_none_of_these_comes_last(
    events: Any, kwargs: Any
) -> None:
    message = _say("utter_clarify", *events, **kwargs)

    assert message["metadata"]["label"] == "clarify"
    assert message["buttons"] == [
        {"title": "How long does a transplant take?", "payload": "/faq_bmt_duration"},
        {"title": "How long does CAR-T take?", "payload": "/faq_cart_duration"},
        {"title": "None of these", "payload": "/nlu_fallback"},
    ]


def test_when_a_follow_up_has_no_subject_then_the_question_back_offers_the_subjects() -> None:
    message = _say("utter_clarify_missing", _user("followup_duration"))

    assert _payloads(message) == ["/faq_cart_duration", "/faq_bmt_duration", "/nlu_fallback"]


def test_when_no_reading_can_be_offered_then_the_honest_fallback_is_said_and_logged(caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        message = _say("utter_clarify", readings=["faq/nothing"])

    assert message["metadata"]["label"] == "fallback"
    assert "faq/nothing" in caplog.text


@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_when_yes_or_no_answers_nothing_then_the_label_is_the_messages(intent: str) -> None:
    assert _say("utter_nothing_offered", _user(intent))["metadata"]["label"] == intent


def test_when_the_contacts_are_given_then_the_handoff_has_both_times() -> None:
    message = _say("utter_contacts", _user("contact_human", metadata={"time_zone": "America/New_York"}))

    assert "call +13264500477" in message["text"]
    assert message["buttons"] == []
    assert message["metadata"]["handoff"] == {
        "kind": "contacts",
        "phone": "+13264500477",
        "email": "",
        "hours": "Monday to Friday, 08:30 to 17:00 (Shanghai time); in your time: "
        "Sunday to Thursday, 19:30 to 04:00 the next day (New York time)",
        "open_now": True,
        "form": False,
    }


@pytest.mark.parametrize("verdict", ["emergency", "self_harm", "personal_advice"])
def test_when_a_safety_label_is_answered_then_the_verdict_goes_with_it(verdict: str) -> None:
    assert _say(f"utter_safety_{verdict}")["metadata"]["safety"] == verdict


def test_when_a_response_does_not_exist_then_none() -> None:
    assert _say("utter_nothing") is None


DURATION = "utter_faq_cart_duration"


def _with(**changes: Any) -> dict[str, Any]:
    """The domain's responses with other metadata of one answer."""
    (one,) = DOMAIN.responses[DURATION]
    return {**DOMAIN.responses, DURATION: [{**one, "metadata": {**one["metadata"], **changes}}]}


@pytest.mark.parametrize(
    ("zone", "now", "given"),
    [
        ("Asia/Shanghai", "2027-05-22T15:59:59+00:00", True),
        ("Asia/Shanghai", "2027-05-22T16:00:00+00:00", False),
        ("UTC", "2027-05-22T16:00:00+00:00", True),
        ("UTC", "2027-05-22T23:59:59+00:00", True),
        ("UTC", "2027-05-23T00:00:00+00:00", False),
    ],
    ids=["last minute in shanghai", "midnight in shanghai", "the same in utc", "last minute in utc", "midnight in utc"],
)
def test_when_the_hospitals_last_day_is_over_then_the_answer_is_not_given(zone: str, now: str, given: bool) -> None:
    generator = _generator(
        now=datetime.fromisoformat(now), given=Settings(contact_phone="+13264500477", time_zone=zone)
    )
    message = _say(DURATION, generator=generator)

    assert ("6-8 weeks" in message["text"]) is given
    assert ("being checked" in message["text"]) is not given
    assert message["metadata"]["label"] == "faq/cart_duration"
    assert message["metadata"]["provenance"]["state"] == (
        "published by source, not yet clinically reviewed" if given else "expired, to be checked again"
    )


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"state": "withdrawn", "state_reason": "x"}, "withdrawn"),
        ({"state": "draft", "state_reason": "x"}, "draft, not yet published"),
        ({"state": "draft", "source": "none"}, "draft, not yet published"),
        ({"review_by": "2026-11-22"}, "expired, to be checked again"),
        ({"state": "publishd"}, "draft, not yet published"),
    ],
    ids=["withdrawn", "draft", "draft without a source", "expired", "state mistyped"],
)
def test_when_an_answer_is_held_back_then_a_person_is_offered_and_the_label_stays(
    changes: dict[str, Any], state: str, caplog: Any
) -> None:
    with caplog.at_level(logging.WARNING):
        message = _say(DURATION, generator=_generator(_with(**changes)))

    assert "weeks" not in message["text"]
    assert "call +13264500477" in message["text"]
    assert _payloads(message) == ["/handoff_call_back", "/contact_human"]
    assert message["metadata"]["handoff"]["kind"] == "contacts"
    assert message["metadata"]["label"] == message["metadata"]["provenance"]["label"] == "faq/cart_duration"
    assert message["metadata"]["provenance"]["state"] == state
    assert DURATION in caplog.text


@pytest.mark.parametrize("label", ["faq/new", "topic/new"])
@pytest.mark.parametrize(
    "changes",
    [{"state": "withdrawn", "state_reason": "x"}, {"review_by": "2026-11-22"}],
    ids=["withdrawn", "expired"],
)
def test_when_a_question_that_trainers_made_is_held_back_then_its_text_is_not_said(
    label: str, changes: dict[str, Any]
) -> None:
    response = labels.response_of(label)
    (one,) = DOMAIN.responses[DURATION]
    about = {**one["metadata"], "label": label}
    given = {**DOMAIN.responses, response: [{**one, "metadata": about}]}
    held = {**DOMAIN.responses, response: [{**one, "metadata": {**about, **changes}}]}

    assert "6-8 weeks" in _say(response, generator=_generator(given))["text"]
    message = _say(response, generator=_generator(held))
    assert "weeks" not in message["text"]
    assert "being checked" in message["text"]
    assert message["metadata"]["label"] == label


def test_when_a_topic_without_a_source_is_withdrawn_then_no_source_is_named() -> None:
    (one,) = DOMAIN.responses["utter_topic_cost"]
    about = {**one["metadata"], "state": "withdrawn", "state_reason": "x"}
    message = _say(
        "utter_topic_cost", generator=_generator({**DOMAIN.responses, "utter_topic_cost": [{**one, "metadata": about}]})
    )

    assert "being checked" in message["text"]
    assert (message["metadata"]["provenance"]["source"], message["metadata"]["provenance"]["state"]) == (
        "",
        "withdrawn",
    )


def test_when_an_answer_is_held_back_then_it_is_no_next_question() -> None:
    payloads = _payloads(_say("utter_faq_cart_what_is", generator=_generator(_with(state="withdrawn"))))

    assert payloads == ["/faq_cart_eligibility", "/faq_cart_outcomes", "/faq_cart_experience"]


def test_when_the_model_is_older_than_the_text_then_the_contacts_stand_in_for_it() -> None:
    responses = _with(state="withdrawn")
    del responses["utter_being_checked"]
    message = _say(DURATION, generator=_generator(responses))

    assert "call +13264500477" in message["text"]
    assert message["metadata"]["label"] == "faq/cart_duration"
    assert message["metadata"]["provenance"]["state"] == "withdrawn"


ALWAYS = [name for name in DOMAIN.responses if not name.startswith("utter_faq_")]


@pytest.mark.parametrize("response", ALWAYS)
def test_when_years_have_passed_then_safety_contacts_and_small_talk_are_still_said(response: str) -> None:
    message = _say(response, readings=["faq/cart_duration"])
    later = _say(response, readings=["faq/cart_duration"], generator=_generator(now=NOW.replace(year=NOW.year + 10)))

    assert later["metadata"]["label"] == message["metadata"]["label"]
    assert ("being checked" in later["text"]) is (response == "utter_being_checked")


BROKEN = {
    "unknown placeholder": [{"text": "{facts.nothing}"}],
    "empty text": [{"text": ""}],
    "no text fits": [{"text": "x", "condition": [{"type": "slot", "name": "centre", "value": "mars"}]}],
}


@pytest.mark.parametrize("name", BROKEN)
def test_when_a_response_cannot_be_said_then_the_contacts_come_and_the_log_names_it(name: str, caplog: Any) -> None:
    generator = _generator({**DOMAIN.responses, "utter_greet": BROKEN[name]})

    with caplog.at_level(logging.ERROR):
        message = _say("utter_greet", generator=generator)

    assert "call +13264500477" in message["text"]
    assert "utter_greet" in caplog.text


def test_when_even_the_contacts_cannot_be_said_then_a_built_in_text_is_given() -> None:
    generator = _generator({"utter_greet": BROKEN["empty text"], "utter_contacts": BROKEN["unknown placeholder"]})

    assert "call +13264500477" in _say("utter_greet", generator=generator)["text"]
