"""The policy on real trackers of the real domain."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, ActionReverted, Event, SlotSet, UserUtteranceReverted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.answer import labels
from bot.understand.dialogue import Read, Turn
from bot.understand.outcome import Outcome
from bot.understand.policy import DialoguePolicy, decision_of, named_of, part_of, taken_of, turns_of

START = [ActionExecuted("action_session_start"), ActionExecuted(ACTION_LISTEN_NAME)]


def _said(text: str, intent: str, *, outcome: str = "answer", entities: list | None = None, **more: Any) -> UserUttered:
    """A message as the pipeline leaves it."""
    entities = entities or []
    ranking = more.pop("ranking", [{"name": intent, "confidence": 0.8}])
    understanding = {"outcome": outcome, "ranking": ranking, "parts": [], "language": "en", **more}
    chosen = {"name": intent, "confidence": 0.8}
    data = {"text": text, "intent": chosen, "entities": entities, "understanding": understanding}
    return UserUttered(text, chosen, entities, data)


def _entity(text: str, words: str, kind: str, value: str) -> dict[str, Any]:
    return {"entity": kind, "value": value, "start": text.index(words), "end": text.index(words) + len(words)}


def _turn(intent: str, *actions: str) -> list[Event]:
    return [_said("…", intent), *map(ActionExecuted, actions), ActionExecuted(ACTION_LISTEN_NAME)]


@pytest.fixture(scope="module")
def policy(tmp_path_factory, execution, catalogue) -> DialoguePolicy:
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    storage = LocalModelStorage(tmp_path_factory.mktemp("policy"))
    return DialoguePolicy(
        DialoguePolicy.get_default_config(), storage, Resource("policy"), execution, catalogue=catalogue
    )


@pytest.fixture
def predict(policy, domain):
    """Plays the policy to the end of the turn; gives the actions it predicted and the slots it set."""

    def run(*events: Event) -> tuple[list[str], list[Event]]:
        tracker = DialogueStateTracker.from_events("c", [*START, *events], domain.slots, domain=domain)
        actions: list[str] = []
        slots: list[Event] = []
        while len(actions) < 10:
            prediction = policy.predict_action_probabilities(tracker, domain)
            assert prediction.policy_priority == 7
            if max(prediction.probabilities) == 0:
                return [*actions, "nothing"], slots
            assert sorted(prediction.probabilities)[-2:] == [0, 1]
            action = domain.action_names_or_texts[prediction.probabilities.index(1)]
            actions.append(action)
            if action == ACTION_LISTEN_NAME:
                return actions, slots
            slots += prediction.optional_events
            tracker.update_with_events(prediction.optional_events, domain)
            tracker.update(ActionExecuted(action))
        raise AssertionError(f"it does not come to an end: {actions}")

    return run


PLAIN = [
    intent
    for intent in map(labels.intent_of, labels.LABELS)
    if intent not in ("affirm", "deny")  # they depend on what was asked before
]


@pytest.mark.parametrize("intent", PLAIN)
def test_when_a_rule_says_what_a_plain_question_gets_then_it_stands_back(intent: str, predict) -> None:
    outcome = "handoff" if intent == "contact_human" else "answer"
    outcome = "fallback" if intent.startswith("out_of_scope") else outcome
    outcome = "safety" if intent.startswith("safety") else outcome
    assert predict(_said("some words", intent, outcome=outcome)) == (["nothing"], [])


@pytest.mark.parametrize("intent", ["handoff_call_back", "handoff_person_now", "contact_human", "faq_bmt_survival"])
def test_when_a_button_is_pressed_then_the_rules_answer_it(intent: str, predict) -> None:
    pressed = UserUttered(f"/{intent}", {"name": intent, "confidence": 1.0})
    assert predict(*_turn("faq_cart_duration", "utter_faq_cart_duration"), pressed) == (["nothing"], [])


def test_when_nothing_was_said_then_it_predicts_nothing(predict, policy, domain) -> None:
    assert predict() == (["nothing"], [])
    empty = DialogueStateTracker.from_events("c", [], domain.slots, domain=domain)
    assert max(policy.predict_action_probabilities(empty, domain).probabilities) == 0


def test_when_a_follow_up_leans_on_the_conversation_then_it_answers_and_listens(predict) -> None:
    before = _turn("faq_cart_what_is", "utter_faq_cart_what_is")
    actions, slots = predict(*before, _said("how long does it take", "followup_duration"))
    assert actions == ["utter_faq_cart_duration", ACTION_LISTEN_NAME]
    assert slots == []


def test_when_there_are_several_questions_then_they_are_answered_in_order(predict) -> None:
    text = "how much is it? how long does car-t take? where do we stay?"
    intents = ["topic_cost", "faq_cart_duration", "topic_accommodation"]
    parts = [
        {
            "text": part.strip(),
            "intent": {"name": intent},
            "outcome": "answer",
            "ranking": [{"name": intent, "confidence": 0.8}],
        }
        for part, intent in zip(text.replace("?", "?|").split("|"), intents)
    ]
    actions, _ = predict(_said(text, "topic_cost", parts=parts))
    assert actions == [*(f"utter_{intent}" for intent in intents), ACTION_LISTEN_NAME]


def test_when_readings_are_offered_then_the_slot_carries_them(predict) -> None:
    ranking = [
        {"name": name, "confidence": score} for name, score in [("faq_bmt_outcomes", 0.3), ("faq_bmt_survival", 0.2)]
    ]
    actions, slots = predict(
        _said("is it good for a child of three with leukemia or not", "clarify", outcome="clarify", ranking=ranking)
    )
    assert actions == ["utter_clarify", ACTION_LISTEN_NAME]
    assert slots == [SlotSet("readings", ["faq/bmt_outcomes", "faq/bmt_survival"])]


def test_when_a_follow_up_has_no_subject_then_readings_of_its_aspect_are_offered(predict) -> None:
    actions, slots = predict(_said("how long does it take", "followup_duration"))
    assert actions == ["utter_clarify_missing", ACTION_LISTEN_NAME]
    assert slots == [SlotSet("readings", ["faq/cart_duration", "faq/bmt_duration"])]


def test_when_two_messages_in_a_row_are_not_understood_then_a_person_is_offered(predict) -> None:
    missed = _said("qwrt", "nlu_fallback", outcome="fallback", ranking=[])
    assert predict(missed)[0] == ["utter_fallback", ACTION_LISTEN_NAME]
    actions, _ = predict(*_turn("nlu_fallback", "utter_fallback"), missed)
    assert actions == ["utter_fallback_person", ACTION_LISTEN_NAME]


@pytest.mark.parametrize(
    ("before", "action"),
    [("utter_fallback_person", "action_person_now"), ("action_contacts", "action_call_back")],
    ids=["a person", "contacts"],
)
def test_when_an_offer_is_taken_up_then_its_action_runs(before: str, action: str, predict) -> None:
    actions, _ = predict(*_turn("contact_human", before), _said("yes please", "affirm"))
    assert actions == [action, ACTION_LISTEN_NAME]


def test_when_another_policy_took_the_turn_then_it_stands_back(predict) -> None:
    message = _said("how long does it take", "followup_duration")
    assert predict(*_turn("faq_cart_what_is", "utter_faq_cart_what_is"), message, ActionExecuted("utter_greet")) == (
        ["nothing"],
        [],
    )


def test_when_slots_were_extracted_in_the_turn_then_that_is_no_answer(predict) -> None:
    message = _said("how long does it take", "followup_duration")
    extracted = [ActionExecuted("action_extract_slots"), SlotSet("centre", "apollo")]
    actions, _ = predict(*_turn("faq_cart_what_is", "utter_faq_cart_what_is"), message, *extracted)
    assert actions == ["utter_faq_cart_duration", ACTION_LISTEN_NAME]


def test_when_a_story_gives_only_an_intent_then_it_decides_on_that(predict) -> None:
    """So `rasa test` and Rasa's own story checks play the dialogue without a pipeline."""
    message = UserUttered(None, {"name": "followup_outcomes", "confidence": 1.0})
    actions, _ = predict(*_turn("faq_bmt_duration", "utter_faq_bmt_duration"), message)
    assert actions == ["utter_faq_bmt_outcomes", ACTION_LISTEN_NAME]


class TestTracker:
    def tracker(self, domain, *events: Event) -> DialogueStateTracker:
        return DialogueStateTracker.from_events("c", [*START, *events], domain.slots, domain=domain)

    def test_when_turns_are_read_then_the_running_one_is_left_out(self, domain) -> None:
        events = [
            *_turn("greet", "utter_greet"),
            *_turn("thanks"),
            _said("how long", "x"),
            ActionExecuted("utter_deny"),
        ]
        tracker = self.tracker(domain, *events)
        assert turns_of(tracker) == [Turn(("utter_greet",)), Turn(())]
        assert taken_of(tracker) == ["utter_deny"]

    def test_when_nothing_was_said_then_there_are_no_turns(self, domain) -> None:
        assert turns_of(self.tracker(domain)) == []

    def test_when_a_message_was_taken_back_then_its_turn_is_gone(self, domain) -> None:
        events = [*_turn("greet", "utter_greet"), _said("oh", "x"), UserUtteranceReverted(), _said("how long", "x")]
        assert turns_of(self.tracker(domain, *events)) == [Turn(("utter_greet",))]

    def test_when_an_action_was_taken_back_then_it_was_not_taken(self, domain) -> None:
        events = [_said("hi", "greet"), ActionExecuted("utter_greet"), ActionReverted()]
        assert taken_of(self.tracker(domain, *events)) == []


class TestDecision:
    def test_when_a_hand_off_button_is_pressed_then_the_outcome_is_a_hand_off(self, catalogue) -> None:
        for name in ("contact_human", "handoff_call_back", "handoff_person_now"):
            decision = decision_of(f"/{name}", {"intent": {"name": name}}, [], catalogue)
            assert (decision.outcome, decision.labels) == (Outcome.HANDOFF, ("contact_human",))

    def test_when_none_of_the_readings_was_meant_then_it_is_a_miss(self, catalogue) -> None:
        turns = [Turn(("utter_clarify",))]
        decision = decision_of("/nlu_fallback", {"intent": {"name": "nlu_fallback"}}, turns, catalogue)
        assert decision.actions == ("utter_fallback_person",)

    def test_when_there_is_no_intent_at_all_then_it_is_a_miss(self, catalogue) -> None:
        assert decision_of("", {"intent": None}, [], catalogue).outcome is Outcome.FALLBACK

    def test_when_a_person_is_asked_for_in_a_way_then_that_action_is_decided(self, catalogue) -> None:
        text = "please call me back"
        entities = [_entity(text, "call me back", "handoff_kind", "call_back")]
        data = _said(text, "contact_human", outcome="handoff", entities=entities).parse_data
        assert decision_of(text, data, [], catalogue).actions == ("action_call_back",)


def test_when_names_stand_in_a_text_then_the_words_beside_them_are_kept() -> None:
    text = "And for an AUTOLOGOUS transplant, please?"
    entities = [
        _entity(text, "AUTOLOGOUS", "transplant_kind", "autologous"),
        _entity(text, "transplant", "therapy", "bmt"),
    ]
    named = named_of(entities, text)
    assert named.values == {"transplant_kind": ("autologous",), "therapy": ("bmt",)}
    assert named.beside == ("and", "for", "an", "please")


def test_when_lower_case_is_longer_then_the_names_are_still_cut_out() -> None:
    text = "İİİİ CAR-T cost"  # each capital becomes two characters
    named = named_of([_entity(text, "CAR-T", "therapy", "cart")], text)
    assert named.beside[-1] == "cost"
    assert not any("car" in word for word in named.beside)


def test_when_a_disease_or_a_wish_to_be_called_is_named_then_it_counts_as_asked() -> None:
    text = "call me about lymphoma"
    entities = [_entity(text, "call me", "handoff_kind", "call_back"), _entity(text, "lymphoma", "disease", "lymphoma")]
    assert named_of(entities, text).beside == ("call", "me", "about", "lymphoma")


def test_when_a_part_is_read_then_it_has_the_names_that_stand_in_it() -> None:
    text = "what is car-t? how long does a transplant take?"
    entities = [_entity(text, "car-t", "therapy", "cart"), _entity(text, "transplant", "therapy", "bmt")]
    data = {
        "text": "how long does a transplant take?",
        "intent": {"name": "faq_bmt_duration"},
        "outcome": "answer",
        "ranking": [{"name": "faq_bmt_duration", "confidence": 0.7}],
    }
    read = part_of(data, text, entities)
    assert isinstance(read, Read)
    assert read.named.values == {"therapy": ("bmt",)}
    assert read.named.beside == ("how", "long", "does", "a", "take")


def test_when_a_part_does_not_stand_in_the_text_as_it_is_then_no_name_is_guessed() -> None:
    text = "car-t   cost? how   long"
    data = {"text": "how long", "intent": {"name": "followup_duration"}, "outcome": "answer", "ranking": []}
    assert part_of(data, text, [_entity(text, "car-t", "therapy", "cart")]).named.values == {}
