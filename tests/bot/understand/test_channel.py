"""The channel's translation between the door's state and Rasa's tracker, without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered

from bot.records import BrainTurn, Button, Provenance, Reply
from bot.understand.channel import CollectingChannel, reply_of, state_of, tracker_of, understanding_of
from bot.understand.dialogue import MEMORY_TURNS, SUBJECT_TURNS, Turn
from bot.understand.policy import turns_of


@pytest.fixture(scope="module")
def agent(domain) -> Agent:
    return Agent(domain=domain)


STATE = {
    "turns": [
        {"intent": "faq_centre_detail", "actions": ["utter_faq_centre_detail"], "slots": {"centre": "apollo"}},
        {"intent": "contact_human", "actions": ["action_contacts"], "slots": {}},
        {
            "intent": "faq_bmt_duration",
            "actions": ["utter_faq_bmt_duration", "utter_topic_cost"],
            "slots": {"transplant_kind": "autologous"},
        },
        {"intent": "nlu_fallback", "actions": [], "slots": {}},
    ],
}


def _turn(number: int) -> dict:
    return {"intent": "greet" if number % 2 else "thanks", "actions": ["utter_greet"] * (number % 3), "slots": {}}


class TestState:
    @pytest.mark.parametrize(
        "state",
        [
            {"turns": []},
            STATE,
            {"turns": [_turn(n) for n in range(MEMORY_TURNS)]},
        ],
        ids=["empty", "several kinds of turn", "full"],
    )
    def test_when_a_state_becomes_a_tracker_then_it_comes_back(self, state, agent) -> None:
        assert state_of(tracker_of("c", json.loads(json.dumps(state)), agent)) == state

    def test_when_there_is_no_state_then_the_conversation_begins(self, agent) -> None:
        tracker = tracker_of("c", {}, agent)
        assert tracker.sender_id == "c"
        assert turns_of(tracker) == []
        assert state_of(tracker) == {"turns": []}

    def test_when_a_message_follows_then_the_turns_before_it_are_those_of_the_state(self, agent) -> None:
        tracker = tracker_of("c", STATE, agent)
        tracker.update(UserUttered("and now", {"name": "greet"}))
        assert turns_of(tracker) == [Turn(tuple(turn["actions"])) for turn in STATE["turns"]]
        tracker.update(ActionExecuted("utter_greet"))
        assert state_of(tracker)["turns"] == [
            *STATE["turns"],
            {"intent": "greet", "actions": ["utter_greet"], "slots": {}},
        ]

    def test_when_the_state_has_too_many_turns_then_the_last_are_taken(self, agent) -> None:
        turns = [_turn(number) for number in range(40)]
        assert state_of(tracker_of("c", {"turns": turns}, agent))["turns"] == turns[-MEMORY_TURNS:]

    def test_when_the_model_no_longer_knows_an_action_or_a_slot_then_it_is_left_out(self, agent) -> None:
        turn = {"intent": "greet", "actions": ["utter_gone", "utter_greet"], "slots": {"gone": "x", "centre": "jfcr"}}
        state = state_of(tracker_of("c", {"turns": [turn]}, agent))
        assert state == {"turns": [{**turn, "actions": ["utter_greet"], "slots": {"centre": "jfcr"}}]}

    def test_when_a_kind_was_named_some_turns_ago_then_it_leads_no_longer(self, agent) -> None:
        named = {**_turn(1), "slots": {"transplant_kind": "autologous"}}
        recent = tracker_of("c", {"turns": [named, *[_turn(n) for n in range(SUBJECT_TURNS - 1)]]}, agent)
        long_ago = tracker_of("c", {"turns": [named, *[_turn(n) for n in range(SUBJECT_TURNS)]]}, agent)
        assert recent.get_slot("transplant_kind") == "autologous"
        assert long_ago.get_slot("transplant_kind") is None

    def test_when_readings_were_offered_then_they_do_not_travel(self, agent) -> None:
        tracker = tracker_of("c", STATE, agent)
        tracker.update(SlotSet("readings", ["faq/cart_duration"]))
        assert state_of(tracker) == STATE

    def test_when_a_message_was_typed_then_its_words_do_not_travel(self, agent) -> None:
        tracker = tracker_of("c", {}, agent)
        tracker.update(UserUttered("my father ivan has leukemia", {"name": "faq_cart_eligibility"}))
        assert "ivan" not in json.dumps(state_of(tracker))


PROVENANCE = {
    "label": "faq/cart_duration",
    "source": "The hospital's FAQ page",
    "owner": "Marrow answers team",
    "reviewed_on": "2026-11-22",
    "review_by": "2027-05-22",
    "state": "clinically reviewed",
}


class TestReply:
    def test_when_an_answer_was_said_then_the_reply_holds_all_of_it(self) -> None:
        message = {
            "text": "About 6-8 weeks.",
            "buttons": [{"title": "Who can get CAR-T?", "payload": "/faq_cart_eligibility"}],
            "metadata": {"label": "faq/cart_duration", "provenance": PROVENANCE, "handoff": None, "safety": None},
        }
        assert reply_of(message) == Reply(
            text="About 6-8 weeks.",
            label="faq/cart_duration",
            answer=Provenance(**PROVENANCE),
            buttons=(Button("Who can get CAR-T?", "/faq_cart_eligibility"),),
        )

    def test_when_the_action_server_answered_then_what_it_says_is_in_custom(self) -> None:
        handoff = {"kind": "contacts", "phone": "+1"}
        message = {"text": "Call us.", "custom": {"label": "contact_human", "handoff": handoff}, "metadata": {"x": 1}}
        assert reply_of(message) == Reply(text="Call us.", label="contact_human", handoff=handoff)

    def test_when_a_safety_text_was_said_then_it_is_marked(self) -> None:
        assert reply_of({"text": "Call.", "metadata": {"label": "safety/emergency", "safety": "emergency"}}).safety == (
            "emergency"
        )

    @pytest.mark.parametrize(
        "message", [{}, {"text": None, "buttons": None, "custom": None, "metadata": None}], ids=["empty", "nulls"]
    )
    def test_when_nothing_was_said_then_the_reply_is_empty(self, message) -> None:
        assert reply_of(message) == Reply(text="", label="")

    async def test_when_messages_are_sent_then_the_channel_keeps_them_whole_and_in_order(self) -> None:
        channel = CollectingChannel()
        messages = [{"text": "a", "metadata": {"label": "x"}}, {"text": "b", "buttons": []}]
        for message in messages:
            await channel.send_response("c", message)
        assert channel.said == messages


def _parsed(intent: str, outcome: str, *ranking: tuple[str, float], **more) -> dict:
    return {
        "intent": {"name": intent, "confidence": 0.5},
        "entities": more.pop("entities", []),
        "understanding": {
            "outcome": outcome,
            "ranking": [{"name": name, "confidence": score} for name, score in ranking],
            "language": "en",
            "parts": [],
            "screen": {"verdict": "none", "rule": None, "span": None},
            **more,
        },
    }


class TestUnderstanding:
    FIELDS = (
        "label",
        "labels",
        "intent",
        "confidence",
        "outcome",
        "ranking",
        "parts",
        "readings",
        "language",
        "entities",
        "screen",
    )

    def test_when_a_message_is_answered_then_label_and_ranking_are_fixed_labels(self, catalogue) -> None:
        parsed = _parsed("faq_cart_duration", "answer", ("faq_cart_duration", 0.81234), ("topic_cost", 0.1))
        got = understanding_of("how long does car-t take", parsed, [], catalogue)
        assert set(got) == set(self.FIELDS)
        assert (got["label"], got["labels"]) == ("faq/cart_duration", ["faq/cart_duration"])
        assert (got["confidence"], got["outcome"], got["readings"]) == (0.8123, "answer", [])
        assert got["ranking"] == [
            {"label": "faq/cart_duration", "confidence": 0.8123},
            {"label": "topic/cost", "confidence": 0.1},
        ]
        json.dumps(got)

    def test_when_context_had_the_last_word_then_its_label_leads_the_ranking(self, catalogue) -> None:
        parsed = _parsed("followup_duration", "answer", ("followup_duration", 0.8), ("topic_cost", 0.1))
        got = understanding_of("how long", parsed, [Turn(("utter_faq_bmt_what_is",))], catalogue)
        assert got["label"] == "faq/bmt_duration"
        assert got["intent"] == "followup_duration"  # what a story wants
        assert got["ranking"][0]["label"] == "faq/bmt_duration"
        assert len({entry["label"] for entry in got["ranking"]}) == len(got["ranking"])
        assert not [entry for entry in got["ranking"] if entry["label"].startswith("followup")]

    def test_when_readings_are_offered_then_the_label_is_the_likeliest(self, catalogue) -> None:
        parsed = _parsed("clarify", "clarify", ("faq_bmt_outcomes", 0.3), ("faq_bmt_survival", 0.25))
        got = understanding_of("is it any good for him or not so good", parsed, [], catalogue)
        assert (got["label"], got["outcome"], got["labels"]) == ("faq/bmt_outcomes", "clarify", ["clarify"])
        assert got["readings"] == ["faq/bmt_outcomes", "faq/bmt_survival"]

    def test_when_nothing_was_understood_then_the_outcome_says_so(self, catalogue) -> None:
        got = understanding_of("qwrt", _parsed("nlu_fallback", "fallback", ("topic_cost", 0.05)), [], catalogue)
        assert (got["label"], got["outcome"], got["labels"]) == ("topic/cost", "fallback", ["fallback"])
        assert got["intent"] == "nlu_fallback"

    def test_when_a_rule_saw_danger_then_its_label_leads(self, catalogue) -> None:
        screen = {"verdict": "emergency", "rule": "fever", "span": [0, 5]}
        parsed = _parsed("safety_emergency", "safety", ("topic_aftercare", 0.6), screen=screen)
        got = understanding_of("fever 39.4 now", parsed, [], catalogue)
        assert (got["label"], got["outcome"], got["screen"]) == ("safety/emergency", "safety", screen)
        assert got["ranking"][0]["label"] == "safety/emergency"

    def test_when_several_questions_were_asked_then_each_has_its_label_and_words(self, catalogue) -> None:
        text = "how much is it? how long does car-t take?"
        parts = [
            {
                "text": "how much is it?",
                **_parsed("topic_cost", "answer")["understanding"],
                "intent": {"name": "topic_cost"},
            },
            {
                "text": "how long does car-t take?",
                "outcome": "answer",
                "ranking": [],
                "intent": {"name": "faq_cart_duration"},
            },
        ]
        parsed = _parsed("topic_cost", "answer", ("topic_cost", 0.5), parts=parts)
        got = understanding_of(text, parsed, [], catalogue)
        assert got["labels"] == ["topic/cost", "faq/cart_duration"]
        assert got["parts"] == ["how much is it?", "how long does car-t take?"]

    def test_when_a_button_was_pressed_then_it_is_certain(self, catalogue) -> None:
        got = understanding_of("/faq_bmt_survival", {"intent": {"name": "faq_bmt_survival"}}, [], catalogue)
        assert (got["label"], got["confidence"], got["outcome"]) == ("faq/bmt_survival", 1.0, "answer")

    def test_when_entities_were_found_then_only_what_the_contract_names_is_kept(self, catalogue) -> None:
        entity = {"entity": "centre", "value": "apollo", "start": 0, "end": 6, "extractor": "EntityFinder"}
        got = understanding_of(
            "apollo",
            _parsed("faq_centre_detail", "answer", ("faq_centre_detail", 0.9), entities=[entity]),
            [],
            catalogue,
        )
        assert got["entities"] == [{"entity": "centre", "value": "apollo", "start": 0, "end": 6}]


def test_when_a_turn_crosses_to_the_door_then_it_is_read_back(agent, tmp_path: Path) -> None:
    reply = Reply("hi", "greet", Provenance(**PROVENANCE), (Button("a", "/b"),), {"kind": "contacts"}, None)
    turn = BrainTurn((reply,), {"label": "greet"}, state_of(tracker_of("c", STATE, agent)))
    assert BrainTurn.from_json(json.loads(json.dumps(turn.to_json()))) == turn
