"""What a patient types or posts is words, and never a command: through the door, up to what the brain is given."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.typed import SLASHES, for_brain
from tests.attack.commands import BODIES, EXTRA, MARK, TEXTS
from tests.bot.door.conftest import FakeBrain, Patient, Served

# As Rasa finds a command in a message (rasa.shared.core.training_data.story_reader.yaml_story_reader)
RASA_COMMAND = re.compile(r"^/(?P<name>[^{@]+)(?P<confidence>@[0-9.]+)?(?P<entities>{.+})?(?P<rest>.*)")
GIVEN = {"conversation", "seq", "state", "text", "language", "time_zone"}


def test_when_attacks_are_counted_then_there_are_enough() -> None:
    assert len(TEXTS) >= 200
    assert len(set(TEXTS)) == len(TEXTS)


@pytest.mark.parametrize("typed", TEXTS, ids=ascii)
def test_when_a_command_is_typed_then_what_is_left_of_it_is_words(typed: str) -> None:
    words = for_brain(typed)
    assert not RASA_COMMAND.match(words.strip())
    assert not words.lstrip().startswith(tuple(SLASHES))
    assert for_brain(words) == words


def test_when_the_pattern_is_tried_then_it_finds_what_rasa_would_believe() -> None:
    """The control."""
    assert RASA_COMMAND.match('/faq_cart_duration@1.0{"centre": "x"}')


def test_when_commands_are_posted_then_the_brain_is_given_words_and_nothing_else(doors: Any, brain: FakeBrain) -> None:
    served = doors.start(messages_per_minute=10**6, requests_per_second=10**6, characters_per_minute=10**7)
    patient = served.begin().greeted()
    sent = [typed for typed in TEXTS if for_brain(typed)]
    for number, typed in enumerate(sent[::8]):
        body = json.dumps({"client_id": f"t{number}", "text": typed}).encode()
        headers = patient.headers | {"Content-Type": "application/json"}
        response = patient.http.post(f"{patient.path}/messages", content=body, headers=headers)
        assert response.status_code == 202, (typed, response.text)
    for number, extra in enumerate(EXTRA):
        assert patient.post("messages", client_id=f"e{number}", text="hello", **extra).status_code == 202, extra
    patient.wait(lambda events: len(brain.texts()) >= len(sent[::8]) + len(EXTRA), timeout_s=60)

    for asked in brain.asked:
        if "text" in asked:
            assert set(asked) <= GIVEN
            assert asked["conversation"] == patient.conversation
            assert not RASA_COMMAND.match(asked["text"].strip())
            assert asked["state"].get("turns") is None, "the memory is the brain's own"
        else:
            assert asked["choice"] == "/greet"
    assert {asked["text"] for asked in brain.asked[-len(EXTRA) :]} == {"hello"}


def test_when_a_body_is_of_another_form_then_it_is_refused_and_the_brain_never_asked(
    served: Served, brain: FakeBrain
) -> None:
    patient: Patient = served.begin().greeted()
    wrong = []
    for number, body in enumerate(BODIES):
        content = json.dumps({"client_id": f"b{number}", **body}).encode()
        headers = patient.headers | {"Content-Type": "application/json"}
        response = patient.http.post(f"{patient.path}/messages", content=content, headers=headers)
        if response.status_code not in (400, 422):
            wrong.append((body, response.status_code))
    assert wrong == []
    assert len(patient.events()) == 1
    assert brain.texts() == []
    assert MARK not in json.dumps(brain.asked)


def test_when_a_member_is_named_twice_then_one_of_them_counts_and_it_is_words(served: Served, brain: FakeBrain) -> None:
    patient = served.begin().greeted()
    headers = patient.headers | {"Content-Type": "application/json"}
    body = b'{"client_id": "a", "text": "hello", "text": "/restart"}'
    seq = patient.http.post(f"{patient.path}/messages", content=body, headers=headers).json()["seq"]
    patient.answer_to(seq)
    assert brain.texts() == ["restart"]
    assert [event["text"] for event in patient.events() if event["from"] == "patient"] == ["/restart"]
