"""Conversations through the channel with the trained model and no door; nobody listens where the actions should be."""

from __future__ import annotations

import json
import logging
import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent, load_agent
from rasa.core.utils import AvailableEndpoints
from rasa.utils.log_utils import configure_structlog

from bot.boot import model
from bot.boot.throwaway import free_ports
from bot.records import BrainTurn
from bot.settings import ROOT
from bot.understand.channel import answer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def agent(model_file: Path) -> Any:
    patch = pytest.MonkeyPatch()
    patch.setenv("MARROW_ACTIONS_PORT", str(free_ports(1)[0]))
    configure_structlog(logging.ERROR)
    logging.getLogger("rasa").setLevel(logging.ERROR)  # what it prints at each step would be measured too
    yield await load_agent(str(model_file), endpoints=AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml")))
    patch.undo()


class Conversation:
    """Sends messages as the door does: with the state that came back with the answer before."""

    def __init__(self, agent: Agent, catalogue: Any, name: str = "c") -> None:
        self.agent, self.catalogue, self.name = agent, catalogue, name
        self.state: dict[str, Any] = {}
        self.seq = 0

    async def say(self, text: str | None = None, *, choice: str | None = None) -> BrainTurn:
        self.seq += 1
        body = {
            "conversation": self.name,
            "seq": self.seq,
            "state": self.state,
            "language": "en",
            "time_zone": "Europe/Berlin",
        }
        body |= {"choice": choice} if choice else {"text": text}
        turn = await answer(self.agent, json.loads(json.dumps(body)), self.catalogue)
        self.state = json.loads(json.dumps(turn.state))
        return turn

    async def labels(self, text: str | None = None, *, choice: str | None = None) -> list[str]:
        return [reply.label for reply in (await self.say(text, choice=choice)).replies]


@pytest.fixture
def talk(agent, catalogue) -> Conversation:
    return Conversation(agent, catalogue)


async def test_when_questions_follow_each_other_then_each_is_answered_in_its_context(talk) -> None:
    assert await talk.labels("what is car-t therapy") == ["faq/cart_what_is"]
    assert await talk.labels("how long does it take?") == ["faq/cart_duration"]
    assert await talk.labels("and for autologous?") == ["faq/bmt_duration"]
    assert await talk.labels("car-t cost?") == ["topic/cost"]
    assert await talk.labels("what is car-t?") == ["faq/cart_what_is"]
    assert await talk.labels("should I get car-t?") == ["safety/personal_advice"]


async def test_when_an_answer_is_said_then_its_origin_and_next_questions_come_with_it(talk) -> None:
    (reply,) = (await talk.say("what is car-t therapy")).replies
    assert reply.answer is not None
    assert reply.answer.label == "faq/cart_what_is"
    assert reply.answer.source
    assert reply.answer.state == "published by source, not yet clinically reviewed"
    assert 2 <= len(reply.buttons) <= 3
    assert "{" not in reply.text


async def test_when_two_questions_are_asked_then_two_replies_come_in_order(talk) -> None:
    assert await talk.labels("How long does CAR-T take? And how much does it cost?") == [
        "faq/cart_duration",
        "topic/cost",
    ]


async def test_when_readings_are_offered_then_pressing_one_answers_it(talk) -> None:
    (reply,) = (await talk.say("how long does it take?")).replies
    assert reply.label == "clarify"
    payloads = [button.payload for button in reply.buttons]
    assert payloads == ["/faq_cart_duration", "/faq_bmt_duration", "/nlu_fallback"]
    assert await talk.labels(choice=payloads[1]) == ["faq/bmt_duration"]


async def test_when_no_reading_was_meant_then_a_person_is_offered(talk) -> None:
    await talk.say("how long does it take?")
    turn = await talk.say(choice="/nlu_fallback")
    assert {button.payload for button in turn.replies[0].buttons} == {"/handoff_call_back", "/handoff_person_now"}


async def test_when_danger_is_said_then_its_text_stands_alone(talk) -> None:
    turn = await talk.say("he has fever 39.4 since this morning and shakes, and how much does car-t cost?")
    assert [(reply.label, reply.safety) for reply in turn.replies] == [("safety/emergency", "emergency")]
    assert turn.understood["screen"]["verdict"] == "emergency"


async def test_when_a_centre_is_chosen_by_a_button_then_it_is_that_centre(talk) -> None:
    turn = await talk.say(choice='/faq_centre_detail{"centre": "samsung"}')
    assert turn.replies[0].label == "faq/centre_detail"
    assert "Samsung" in turn.replies[0].text


@pytest.mark.parametrize("text", ["", "   ", "🩸", "?", "a" * 2000], ids=["empty", "blanks", "emoji", "sign", "long"])
async def test_when_there_is_nothing_to_understand_then_there_is_one_reply(text: str, talk) -> None:
    turn = await talk.say(text)
    assert len(turn.replies) == 1
    assert turn.replies[0].text


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("I want to talk to a person", []),
        ("what is your phone number", []),
        ("yes please", ["qwrt zxcv", "bnmp fghj qwrt"]),
    ],
    ids=["a person", "the contacts", "an offer taken up"],
)
async def test_when_the_action_server_is_down_then_the_contacts_are_given(text, before, talk) -> None:
    for message in before:
        await talk.say(message)
    (reply,) = (await talk.say(text)).replies
    assert reply.label == "contact_human"
    assert any(sign in reply.text for sign in ("+", "@"))  # a number or an address


async def test_when_the_action_server_is_down_then_the_contacts_stand_beside_other_answers(talk) -> None:
    assert await talk.labels("How much does car-t cost? What is your phone number?") == ["topic/cost", "contact_human"]


async def test_when_a_message_is_sent_again_with_the_same_state_then_the_answer_is_the_same(talk) -> None:
    await talk.say("what is a bone marrow transplant")
    state = talk.state
    first = await talk.say("how long does it take?")
    talk.state = state
    again = await talk.say("how long does it take?")
    assert (again.replies, again.state) == (first.replies, first.state)


async def test_when_two_conversations_take_turns_then_neither_hears_the_other(agent, catalogue) -> None:
    one, other = Conversation(agent, catalogue, "one"), Conversation(agent, catalogue, "other")
    await one.say("what is car-t therapy")
    await other.say("what is a bone marrow transplant")
    assert await one.labels("how long does it take?") == ["faq/cart_duration"]
    assert await other.labels("how long does it take?") == ["faq/bmt_duration"]


async def test_when_the_state_is_of_another_version_then_the_message_is_answered(talk) -> None:
    talk.state = {"turns": [{"intent": "gone", "actions": ["utter_gone"]}], "slots": {"gone": 1}, "more": []}
    assert await talk.labels("what is car-t therapy") == ["faq/cart_what_is"]


async def test_when_a_conversation_is_long_then_a_message_costs_what_it_did_at_the_start(agent, catalogue) -> None:
    """Sends the 5th message of one conversation and the 200th of another in turn, so that a busy machine hits both."""
    said = ["what is car-t therapy", "how long does it take?", "and for autologous?", "how much does it cost", "thanks"]
    short, long = Conversation(agent, catalogue, "short"), Conversation(agent, catalogue, "long")
    for conversation, messages in ((short, 4), (long, 199)):
        for number in range(messages):
            await conversation.say(said[number % len(said)])
    times_s: dict[str, list[float]] = {"short": [], "long": []}
    for _ in range(25):
        for conversation in (short, long):
            state = conversation.state
            began = time.perf_counter()
            turn = await conversation.say(said[4])
            times_s[conversation.name].append(time.perf_counter() - began)
            assert turn.replies[0].label == "thanks"
            conversation.state = state
    assert statistics.median(times_s["long"]) <= 1.6 * statistics.median(times_s["short"])
    assert len(json.dumps(long.state)) <= 3 * len(json.dumps(short.state))


def test_when_the_tests_ran_then_the_model_is_still_the_one_in_use(model_file: Path) -> None:
    assert model.current() == model_file
