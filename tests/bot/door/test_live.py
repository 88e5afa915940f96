"""Event streams: they resume, show typing, keep alive, and end when they should."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from bot.door import live
from bot.door.live import Hub, stream
from bot.door.metrics import Metrics
from bot.journal import lines
from bot.settings import Settings


def read(response: httpx.Response) -> Iterator[dict[str, str]]:
    """Reads server-sent events as a browser does; comments come as `{"": text}`."""
    event: dict[str, str] = {}
    for line in response.iter_lines():
        if not line:
            if event:
                yield event
            event = {}
        else:
            name, _, value = line.partition(":")
            event[name] = value.strip()


def opened(patient, after=None, **headers):
    params = {} if after is None else {"after": after}
    headers = patient.headers | {"Accept": "text/event-stream"} | headers
    return patient.http.stream("GET", f"{patient.path}/events", params=params, headers=headers, timeout=10)


def messages(events: Iterator[dict[str, str]], count: int) -> list[dict[str, object]]:
    found = []
    for event in events:
        if event.get("event") == "message":
            data = json.loads(event["data"])
            assert event["id"] == str(data["seq"])
            found.append(data)
            if len(found) == count:
                break
    return found


def test_when_a_stream_is_open_then_lines_come_as_they_are_written(patient):
    with opened(patient) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        events = read(response)
        assert messages(events, 1)[0]["answer"] == {"label": "greet"}
        patient.say("first")
        assert [(line["seq"], line["from"]) for line in messages(events, 2)] == [(2, "patient"), (3, "bot")]
        patient.say("second")
        assert [line["seq"] for line in messages(events, 2)] == [4, 5]


@pytest.mark.parametrize(
    ("after", "headers", "first"),
    [
        (None, {}, 1),
        (0, {}, 1),
        (3, {}, 4),
        (None, {"Last-Event-ID": "3"}, 4),
        (1, {"Last-Event-ID": "3"}, 4),
        (3, {"Last-Event-ID": "1"}, 4),
        (None, {"Last-Event-ID": "no number"}, 1),
        (None, {"Last-Event-ID": "9" * 40}, None),
    ],
)
def test_when_a_stream_resumes_then_it_begins_after_the_last_seen(patient, after, headers, first):
    for text in ("a", "b"):
        patient.answer_to(patient.say(text).json()["seq"])
    with opened(patient, after, **headers) as response:
        events = read(response)
        if first is None:
            assert next(events) == {"retry": "2000"}
        else:
            assert [line["seq"] for line in messages(events, 6 - first)] == list(range(first, 6))


def test_when_a_list_is_asked_for_after_a_number_then_the_rest_comes(patient):
    patient.answer_to(patient.say("a").json()["seq"])
    assert [event["seq"] for event in patient.events(after=1)] == [2, 3]
    assert patient.events(after=99) == []


@pytest.mark.parametrize("after", ["-1", "x", "99999999999"])
def test_when_the_number_is_none_then_it_is_refused(patient, after):
    response = patient.http.get(f"{patient.path}/events", params={"after": after}, headers=patient.headers)
    assert response.status_code == 422


def test_when_the_bot_is_at_work_then_typing_is_shown_and_ends_after_the_answer(patient, brain, brain_turn):
    gate = threading.Event()

    def gated(body):
        gate.wait(5)
        return brain_turn("done")

    brain.answer = gated
    with opened(patient, after=1) as response:
        events = read(response)
        patient.say("hello")
        seen = []
        for event in events:
            if "event" in event:
                data = json.loads(event["data"])
                assert ("id" in event) == (event["event"] == "message")
                seen.append((event["event"], data.get("on", data.get("text"))))
            if seen and seen[-1] == ("typing", True):
                gate.set()
            if seen and seen[-1] == ("typing", False):
                break
    assert seen == [("message", "hello"), ("typing", True), ("message", "done"), ("typing", False)]


def test_when_the_conversation_is_erased_then_its_streams_end(patient):
    with opened(patient) as response:
        events = read(response)
        messages(events, 1)
        assert patient.http.delete(patient.path, headers=patient.headers).status_code == 204
        assert list(events) == []


def test_when_another_process_writes_then_the_stream_sees_it_soon(served, patient):
    with opened(patient, after=1) as response:
        events = read(response)
        next(events)
        with served.door.store.write() as connection:  # as the desk would, in a process of its own
            lines.lock(connection, patient.conversation)
            lines.append(connection, patient.conversation, 2, 1, "staff", "a person is here")
            lines.change(connection, patient.conversation, last_seq=2)
        assert messages(events, 1)[0]["text"] == "a person is here"


def test_when_two_tabs_are_open_then_both_get_every_line_once(patient):
    with opened(patient, after=1) as one, opened(patient, after=1) as other:
        first, second = read(one), read(other)
        next(first), next(second)
        for text in "abc":
            patient.say(text)
        assert [line["seq"] for line in messages(first, 6)] == list(range(2, 8))
        assert [line["seq"] for line in messages(second, 6)] == list(range(2, 8))


def test_when_a_stream_is_left_then_it_is_counted_out(served, patient):
    with opened(patient) as response:
        events = read(response)  # kept: a reader that is thrown away closes the stream
        messages(events, 1)
        assert "marrow_open_streams 1.0" in served.http.get("/metrics").text
    ends = time.monotonic() + 5
    while "marrow_open_streams 0.0" not in served.http.get("/metrics").text:
        patient.say("is somebody there")
        assert time.monotonic() < ends
        time.sleep(0.3)


def test_when_nothing_happens_then_the_stream_keeps_alive_and_ends_with_the_token(monkeypatch):
    monkeypatch.setattr(live, "KEEP_ALIVE_S", 0.02)

    async def run():
        async def fetch(_after):
            return []

        async def delivered(_given):
            return None

        hub = Hub(Settings())
        begun = time.monotonic()
        listener = hub.listen("c", "192.0.2.1")
        chunks = [chunk async for chunk in stream(hub, Metrics(), listener, 0, fetch, 0.3, delivered)]
        hub.leave(listener)
        return chunks, time.monotonic() - begun, hub

    chunks, lasted_s, hub = asyncio.run(run())
    assert chunks[0] == "retry: 2000\n\n"
    assert len(chunks) > 3
    assert set(chunks[1:]) == {": still here\n\n"}
    assert lasted_s > 0.25
    assert not hub._listeners


def test_when_the_journal_refuses_answers_then_the_stream_says_so_and_when_it_is_over(served, patient):
    def notices(events):
        return (json.loads(event["data"])["text"] for event in events if event.get("event") == "notice")

    with opened(patient) as response:
        heard = notices(read(response))
        served.door.hub.trouble(True)
        assert "What you have sent is safe" in next(heard)
        # the forwarder finds that writing works, and ends it
        assert next(heard) == ""
