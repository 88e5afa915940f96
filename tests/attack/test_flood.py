"""Limits by address and conversation: they name themselves, end, and danger is answered all the same."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from bot.callers import address_of
from bot.door import rates
from bot.door.rates import PerMinute, Turns
from bot.door.serve import allow_open_files
from tests.bot.door.conftest import Served

RED = "my son is bleeding"


def request_from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})


@pytest.mark.parametrize(
    ("host", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_when_a_request_comes_then_it_counts_for_its_address(host: str, counts_as: str) -> None:
    assert address_of(request_from(host)) == counts_as


def test_when_a_minute_is_used_up_then_the_next_one_begins_anew() -> None:
    most = PerMinute(2)
    assert [most.wait_s("a", 1_000) for _ in range(3)] == [0, 0, 59]
    assert most.wait_s("b", 1_000) == 0
    assert most.wait_s("a", 60_000) == 0


def test_when_turns_are_taken_too_fast_then_they_wait_and_then_are_refused() -> None:
    now_s = 100.0
    turns = Turns(per_second=10, at_once=3, wait_most_s=0.5, now_s=lambda: now_s)
    waits = [turns.book("a") for _ in range(10)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3:8] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert waits[8:] == [None, None]
    assert turns.book("b") == 0, "another one is not held up"
    now_s += 10
    assert turns.book("a") == 0


def test_when_a_turn_costs_more_than_it_seemed_then_the_next_one_waits_for_it() -> None:
    now_s = 100.0
    turns = Turns(per_second=0.2, at_once=1, wait_most_s=5, now_s=lambda: now_s)
    turns.owe("a", 0.5)
    assert turns.book("a", 0) == 0
    turns.owe("a", 1.0)
    assert turns.book("a", 0) == pytest.approx(2.5)
    turns.owe("a", 1.0)
    assert turns.book("a", 0) is None
    now_s += 3
    assert turns.book("a", 0) == pytest.approx(4.5)


def test_when_many_come_then_those_that_are_over_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_REMEMBERED", 100)
    now_s = 0.0
    turns = Turns(per_second=10, at_once=1, wait_most_s=1, now_s=lambda: now_s)
    for number in range(1_000):
        now_s += 0.05
        turns.book(str(number))
    assert len(turns._booked_s) <= 102


def test_when_an_address_begins_too_many_conversations_then_the_limit_is_named_and_ends(doors: Any) -> None:
    served: Served = doors.start(conversations_per_minute=3)
    served.clock.ahead_ms = 60_000 - served.clock.now_ms() % 60_000
    begun = [served.begin() for _ in range(3)]
    response = served.http.post("/api/v1/conversations", json={"consent": True})
    assert response.status_code == 429
    problem = response.json()
    assert problem["type"] == "urn:marrow:problem:too-many-conversations"
    assert problem["limit"] == {"name": "conversations_per_minute", "value": 3, "unit": "conversations per minute"}
    assert 1 <= int(response.headers["retry-after"]) <= 60
    refused = served.http.post("/api/v1/conversations", json={"consent": False, "text": RED})
    assert refused.json()["safety"]["verdict"] == "emergency"
    assert begun[0].say("who has begun goes on").status_code == 202
    served.clock.ahead_ms += 60_000
    served.begin()


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"], ids=["none", "this proxy"])
def test_when_a_proxy_is_not_named_then_the_log_says_once_what_to_do(
    doors: Any, caplog: pytest.LogCaptureFixture, trusted: str
) -> None:
    served: Served = doors.start(trusted_proxies=trusted)
    for _ in range(3):
        served.http.get("/healthz", headers={"X-Forwarded-For": "203.0.113.7"})
    assert caplog.text.count("MARROW_TRUSTED_PROXIES") == (0 if trusted else 1)
    assert "203.0.113.7" not in caplog.text


@pytest.mark.parametrize("trusted", ["", "127.0.0.1", "10.0.0.0/8"], ids=["none", "this proxy", "another proxy"])
def test_when_a_header_names_the_address_then_only_a_trusted_proxys_word_counts(doors: Any, trusted: str) -> None:
    served: Served = doors.start(conversations_per_minute=2, trusted_proxies=trusted)
    served.clock.ahead_ms = 60_000 - served.clock.now_ms() % 60_000

    def begin(**headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return served.http.post("/api/v1/conversations", json={"consent": True}, headers=sent).status_code

    statuses = [begin(X_Forwarded_For=f"203.0.113.{number}") for number in range(6)]
    if trusted != "127.0.0.1":
        assert statuses == [201, 201, 429, 429, 429, 429]
        return
    assert statuses == [201] * 6
    # what the client itself wrote stands before what the proxy added, and does not count
    forged = [begin(X_Forwarded_For=f"198.51.100.{number}, 203.0.113.200") for number in range(4)]
    assert forged == [201, 201, 429, 429]
    # and none of these headers does
    others = [begin(X_Real_IP=f"9.9.9.{n}", Forwarded=f"for=9.9.9.{n}", True_Client_IP="9.9.9.9") for n in range(4)]
    assert others == [201, 201, 429, 429]


async def _open(client: httpx.AsyncClient, stack: contextlib.AsyncExitStack, patient: Any) -> httpx.Response:
    headers = patient.headers | {"Accept": "text/event-stream"}
    return await stack.enter_async_context(client.stream("GET", f"{patient.path}/events", headers=headers))


@pytest.mark.parametrize(
    ("name", "settings", "mine"),
    [
        ("streams_per_conversation", {"streams_per_conversation": 3}, True),
        ("streams_per_address", {"streams_per_address": 3}, False),
        ("streams_most", {"streams_most": 3}, False),
    ],
)
async def test_when_too_many_streams_are_open_then_the_limit_is_named_and_a_closed_one_makes_room(
    doors: Any, name: str, settings: dict[str, int], mine: bool
) -> None:
    served: Served = doors.start(**settings)
    patients = [served.begin()] * 4 if mine else [served.begin() for _ in range(4)]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=served.http.base_url, trust_env=False, limits=limits, timeout=10) as client:
        async with contextlib.AsyncExitStack() as stack:
            opened = [await _open(client, stack, patient) for patient in patients]
            assert [response.status_code for response in opened] == [200, 200, 200, 429]
            problem = (await opened[3].aread(), opened[3].json())[1]
            assert problem["type"] == "urn:marrow:problem:too-many-streams"
            assert problem["limit"] == {"name": name, "value": 3, "unit": "streams"}
            assert int(opened[3].headers["retry-after"]) > 0
            listed = await client.get(
                f"{patients[3].path}/events", headers=patients[3].headers | {"Accept": "application/json"}
            )
            assert listed.status_code == 200, "the list can be had all the same"
        ends = time.monotonic() + 20
        while served.door.hub._listeners and time.monotonic() < ends:
            await asyncio.sleep(0.02)
        assert not served.door.hub._listeners
        assert served.door.hub._addresses.total() == 0
        async with contextlib.AsyncExitStack() as stack:
            assert (await _open(client, stack, patients[3])).status_code == 200


@pytest.mark.parametrize(("hard", "warns"), [(20_000, False), (1024, True), (resource.RLIM_INFINITY, False)])
def test_when_fewer_files_may_be_open_than_streams_then_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, hard: int, warns: bool
) -> None:
    limits = [(256, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda which, both: limits.append(both))
    allow_open_files(5000)
    assert limits[-1] == ((256, hard) if hard == resource.RLIM_INFINITY else (hard, hard))
    assert ("MARROW_STREAMS_MOST" in caplog.text) is warns


def test_when_one_conversation_is_flooded_then_its_requests_wait_their_turn_and_others_do_not(
    doors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "REQUESTS_AT_ONCE", 5)
    served: Served = doors.start(requests_per_second=20)
    flooded, other = served.begin().greeted(), served.begin().greeted()
    waits = [served.door.turns.book(flooded.conversation) for _ in range(400)]
    assert waits[-1] is None
    served.door.turns.owe(flooded.conversation, 600)  # so that no turn comes while this machine is slow
    began = time.monotonic()
    refused = served.http.get(f"{flooded.path}/transcript", headers=flooded.headers)
    assert time.monotonic() - began < rates.REQUEST_WAITS_S
    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:marrow:problem:too-many-requests"
    assert refused.json()["limit"] == {"name": "requests_per_second", "value": 20, "unit": "requests per second"}
    assert flooded.say(RED).json()["safety"]["verdict"] == "emergency"
    assert other.say("hello").status_code == 202


def test_when_a_conversation_sends_long_texts_without_end_then_it_is_told_to_wait_and_danger_is_answered(
    doors: Any,
) -> None:
    served: Served = doors.start(characters_per_minute=3000)
    one, other = served.begin().greeted(), served.begin().greeted()
    long = "a question about the hospital. " * 60
    assert [one.say(long).status_code for _ in range(3)] == [202, 202, 429]
    refused = one.say(long)
    assert refused.json()["type"] == "urn:marrow:problem:too-many-messages"
    assert refused.json()["limit"] == {"name": "characters_per_minute", "value": 3000, "unit": "characters per minute"}
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert one.answer_to(one.say(f"{RED}. {long}").json()["seq"])["safety"] == "emergency"
    assert other.say(long).status_code == 202


def test_when_refused_words_come_in_a_flood_then_danger_at_their_beginning_is_still_answered(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: Turns, key: str, weight: float = 1) -> bool:
        return False

    monkeypatch.setattr(Turns, "come", never)
    for text, verdict in [(RED, "emergency"), (f"{RED} " + "x " * 900, "emergency"), ("hello", None)]:
        response = served.http.post("/api/v1/conversations", json={"consent": False, "text": text})
        assert response.json().get("safety", {}).get("verdict") == verdict
