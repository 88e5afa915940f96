"""Records: what the brain says reaches the door whole, and nothing else does."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from bot.errors import BrainError
from bot.records import BrainTurn, Button, Provenance, Reply

PROVENANCE = Provenance("faq/cart_duration", "The page", "The team", "2026-01-01", "2026-07-01", "published")
FULL = BrainTurn(
    replies=(
        Reply(
            text="About 6-8 weeks.",
            label="faq/cart_duration",
            answer=PROVENANCE,
            buttons=(Button("Who can get it?", "/faq_cart_eligibility"),),
            language="en",
        ),
        Reply("Call us.", "contact_human", handoff={"kind": "contacts", "phone": "+1", "form": True}),
        Reply("Gehen Sie jetzt.", "safety/emergency", safety="emergency", language="de"),
    ),
    understood={"label": "faq/cart_duration", "ranking": [{"label": "a", "confidence": 0.5}]},
    state={"turns": [{"intent": "faq_cart_duration", "actions": ["utter_x"], "slots": {}}]},
)


def as_sent(turn: BrainTurn) -> Any:
    """What arrives on the other side."""
    return json.loads(json.dumps(turn.to_json()))


@pytest.mark.parametrize(
    "turn",
    [pytest.param(FULL, id="full"), pytest.param(BrainTurn((Reply("Hello.", "greet"),)), id="least")],
)
def test_when_a_turn_is_sent_then_the_same_arrives(turn: BrainTurn) -> None:
    assert BrainTurn.from_json(as_sent(turn)) == turn


@pytest.mark.parametrize("key", ["answer", "buttons", "handoff", "safety", "language"])
def test_when_a_reply_lacks_what_it_may_then_the_default_holds(key: str) -> None:
    sent = as_sent(BrainTurn((Reply("Hello.", "greet"),)))
    del sent["replies"][0][key]

    assert BrainTurn.from_json(sent).replies == (Reply("Hello.", "greet"),)


def without(*path: str | int) -> Any:
    data = as_sent(FULL)
    part = data
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    return data


def changed(value: Any, *path: str | int) -> Any:
    data = as_sent(FULL)
    part = data
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param([], id="Rasa's empty list"),
        pytest.param({}, id="empty object"),
        pytest.param(None, id="null"),
        pytest.param("ok", id="a word"),
        pytest.param(7, id="a number"),
        pytest.param([{"recipient_id": "x", "text": "hi"}], id="Rasa's REST answer"),
        pytest.param(changed([], "replies"), id="no reply"),
        pytest.param(without("replies"), id="replies missing"),
        pytest.param(without("understood"), id="understood missing"),
        pytest.param(without("state"), id="state missing"),
        pytest.param(without("replies", 0, "text"), id="a text missing"),
        pytest.param(changed(None, "replies", 0, "text"), id="a text that is null"),
        pytest.param(changed(" \n", "replies", 0, "text"), id="a text without words"),
        pytest.param(without("replies", 0, "label"), id="a label missing"),
        pytest.param(without("replies", 0, "answer", "source"), id="a source missing"),
        pytest.param(changed("x", "replies", 0, "answer", "extra"), id="an unknown member of the answer"),
        pytest.param(without("replies", 0, "buttons", 0, "payload"), id="a payload missing"),
        pytest.param(changed("text", "replies"), id="replies is a word"),
        pytest.param(changed(["x"], "replies"), id="a reply is a word"),
        pytest.param(changed([1], "state"), id="state is a list"),
        pytest.param(changed(3, "understood"), id="understood is a number"),
    ],
)
def test_when_the_answer_is_no_turn_then_it_is_a_brain_error(data: Any) -> None:
    with pytest.raises(BrainError, match=r"bot\.records"):
        BrainTurn.from_json(data)


def test_when_an_answer_is_refused_then_the_error_shows_no_more_than_its_beginning() -> None:
    with pytest.raises(BrainError) as error:
        BrainTurn.from_json({"replies": "x" * 10_000})

    assert len(str(error.value)) < 500


def test_when_a_record_is_made_then_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        FULL.replies[0].text = "something else"  # type: ignore[misc]
