"""Rates, and bodies that are too large or too slow."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.door import limits
from bot.door.limits import BodyLimit
from bot.door.problems import document


def test_when_too_many_messages_come_then_the_limit_is_named_and_ends(doors):
    served = doors.start(messages_per_minute=3)
    patient = served.begin().greeted()
    for number in range(3):
        assert patient.say(f"message {number}").status_code == 202
        served.clock.ahead_ms += 15_000  # far more than the test itself may take between two of them
    response = patient.say("one too many")
    assert response.status_code == 429
    assert response.json()["limit"] == {"name": "messages_per_minute", "value": 3, "unit": "messages per minute"}
    wait_s = int(response.headers["retry-after"])
    assert 1 <= wait_s <= 15
    assert patient.say("message 0", client_id="c1").status_code == 200  # sending again is free
    served.clock.ahead_ms += wait_s * 1000
    assert patient.say("now it goes").status_code == 202
    assert patient.say("but not two").status_code == 429


def test_when_the_door_starts_again_then_the_rate_is_still_known(doors):
    served = doors.start(messages_per_minute=2)
    patient = served.begin().greeted()
    patient.say("one"), patient.say("two")
    served.stop()
    again = doors.start(messages_per_minute=2)
    patient.http = again.http
    assert patient.say("three").status_code == 429


def test_when_one_conversation_is_at_its_limit_then_another_is_not(doors):
    served = doors.start(messages_per_minute=1)
    one, other = served.begin().greeted(), served.begin().greeted()
    assert one.say("a").status_code == 202
    assert one.say("b").status_code == 429
    assert other.say("a").status_code == 202


def test_when_danger_is_typed_at_the_limit_then_it_is_answered_all_the_same(doors):
    served = doors.start(messages_per_minute=1)
    patient = served.begin().greeted()
    patient.say("hello")
    assert patient.say("hello again").status_code == 429
    response = patient.say("he is bleeding")
    assert response.status_code == 202
    assert patient.answer_to(response.json()["seq"])["safety"] == "emergency"


async def _app(scope, receive, send):
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


async def _refuse(request, problem):
    return document(request.url.path, problem)


def _call(chunks, *, timeout_s=0.2, pause_s=0.0, headers=()):
    async def run():
        waiting = list(chunks)
        sent = []

        async def receive():
            await asyncio.sleep(pause_s)
            if not waiting:
                return {"type": "http.disconnect"}
            chunk = waiting.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

        async def send(message):
            sent.append(message)

        limited = BodyLimit(_app, 10, _refuse, timeout_s)
        await limited({"type": "http", "path": "/x", "headers": list(headers)}, receive, send)
        return sent, len(waiting)

    return asyncio.run(run())


def test_when_a_body_fits_then_the_app_gets_it_whole():
    sent, _ = _call([b"12345", b"67890"])
    assert sent[0]["status"] == 200
    assert sent[1]["body"] == b"1234567890"


def test_when_a_body_grows_too_large_then_the_answer_is_sent_before_the_rest_is_thrown_away():
    sent, unread = _call([b"12345", b"678901", b"thrown away"])
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["status"] == 413
    assert [message["more_body"] for message in sent[1:]] == [True, False]
    assert unread == 0


def test_when_a_body_never_ends_then_reading_does(monkeypatch):
    monkeypatch.setattr(limits, "DISCARD_MOST_BYTES", 1000)
    sent, unread = _call([b"x" * 100] * 1000)
    assert sent[0]["status"] == 413
    assert unread >= 980


def test_when_what_comes_after_a_refusal_comes_slowly_then_it_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(limits, "DISCARD_TIMEOUT_S", 0.05)
    sent, unread = _call([b"12345", b"678901"] + [b"1"] * 50, pause_s=0.02)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert unread > 40


@pytest.mark.parametrize("length", [b"11", b"9" * 30])
def test_when_the_length_is_declared_too_large_then_only_its_beginning_is_kept(length):
    for chunks in ([b"1"], [b"1" * 11], [b"1"] * 30):
        sent, _ = _call(chunks, headers=[(b"content-length", length)])
        assert sent[0]["status"] == 413


def test_when_a_body_comes_too_slowly_then_it_is_refused():
    sent, _ = _call([b"1"] * 5, timeout_s=0.05, pause_s=0.03)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["type"] == "urn:marrow:problem:body-too-slow"


def test_when_the_client_goes_away_while_sending_then_nothing_is_answered():
    async def gone():
        return {"type": "http.disconnect"}

    sent = []
    asyncio.run(BodyLimit(_app, 10, _refuse)({"type": "http", "path": "/", "headers": []}, gone, sent.append))
    assert sent == []
