"""Two doors on one journal: each message once, in order, whichever door took it; streams see what the other wrote."""

from __future__ import annotations

import time

import pytest

from bot.journal import inbox
from bot.journal.rows import Claim
from bot.records import Reply

pytestmark = pytest.mark.slow  # real door processes


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request, doors):
    changed = {}
    if request.param == "postgresql":
        changed["database_url"] = request.getfixturevalue("empty_postgresql")
    return doors.start(door_port=18001, **changed), doors.start(door_port=18002, **changed)


def test_when_a_patient_meets_both_doors_in_turn_then_each_message_is_answered_once_and_in_order(
    pair, brain, brain_turn
):
    def counting(body):
        time.sleep(0.01)
        answer = brain_turn(f"{body['state'].get('count', 0) + 1}: {body['text']}")
        return answer | {"state": {"count": body["state"].get("count", 0) + 1}}

    brain.answer = counting
    one, other = pair
    patients = [one.begin().greeted() for _ in range(4)]
    for number in range(8):
        for patient in patients:
            patient.http = (one, other)[number % 2].http
            assert patient.say(f"m{number}").status_code == 202
            assert patient.say(f"m{number}", client_id=f"c{number + 1}").status_code in (200, 202)
            patient.sent -= 1
    for patient in patients:
        patient.wait(lambda events: len(events) == 17, timeout_s=20)
        answers = [event["text"] for event in patient.events() if "reply_to" in event]
        assert answers == [f"{number + 1}: m{number}" for number in range(8)]
    assert brain.most_in_flight == 1


def test_when_one_door_takes_a_message_then_a_stream_at_the_other_shows_message_and_answer(pair):
    one, other = pair
    patient = one.begin().greeted()
    headers = patient.headers | {"Accept": "text/event-stream"}
    with other.http.stream("GET", f"{patient.path}/events", params={"after": 1}, headers=headers) as response:
        lines = response.iter_lines()
        patient.say("hello")
        assert [next(line for line in lines if line.startswith("id:")) for _ in range(2)] == ["id: 2", "id: 3"]


def test_when_a_door_dies_with_a_message_in_flight_then_another_takes_it_when_the_lease_ends(pair, brain):
    served, other = pair
    patient = served.begin().greeted()
    now_ms = served.clock.now_ms()
    inbox.record(  # all that a killed door leaves behind: a message under its claim
        served.door.store,
        patient.conversation,
        inbox.Incoming("c1", "text", "hello", "hello"),
        now_ms=now_ms,
        messages_per_minute=20,
        greeting=Reply("hello", "greet"),
        claim=Claim("a dead door", now_ms + 60_000),
    )
    time.sleep(0.8)
    assert brain.texts() == []
    served.clock.ahead_ms = other.clock.ahead_ms = 60_000
    assert patient.answer_to(2)["text"] == "answer to hello"
    assert brain.texts() == ["hello"]
