"""Who has no token of a conversation sees nothing of it, and learns not even whether it is there."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import random
from collections import Counter
from typing import Any

import httpx
import pytest

from bot.door import problems
from bot.door.app import create_app
from bot.door.signing import Session, Signer
from tests.attack.forgery import Known, attempts
from tests.bot.door.conftest import SECRET, Patient, Served

CANARY = "that we eat quinoa pudding"
ROUTES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/events?after=0", None),
    ("GET", "/transcript", None),
    ("POST", "/messages", {"client_id": "forged", "text": "forged words"}),
    ("POST", "/feedback", {"seq": 1, "value": "down"}),
    ("POST", "/contact", {"phone": "+1 555 0177", "consent": True}),
    ("DELETE", "", None),
]


@pytest.fixture(autouse=True)
def no_pacing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused words are screened so often a second (tests/attack/test_flood.py); thousands would take an hour."""
    monkeypatch.setattr(problems, "SCREENING_SHARE", 10**6)


@pytest.fixture
def served(doors: Any) -> Served:
    """A door that does not tell whoever asks in vain to wait."""
    started: Served = doors.start(refusals_per_minute=10**6, requests_per_second=1000)
    return started


@pytest.fixture
def known(served: Served) -> Known:
    """An attacker with a conversation of his own, and a patient whose words are worth reading."""
    attacker, victim = served.begin().greeted(), served.begin().greeted()
    victim.answer_to(victim.say(f"my secret is {CANARY}").json()["seq"])
    return Known(
        own=attacker.conversation,
        own_token=attacker.token,
        other=victim.conversation,
        other_token=victim.token,
        now_ms=served.door.clock.now_ms(),
        key=SECRET,
    )


async def _try(served: Served, known: Known, count: int) -> tuple[Counter[str], set[str], list[str]]:
    """Tries them all in this process, on the app that is served; gives what was answered, and what should not have been."""
    kinds: Counter[str] = Counter()
    refusals: set[str] = set()
    opened: list[str] = []
    transport = httpx.ASGITransport(create_app(served.door))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        chance = random.Random(1)
        for kind, conversation, token in attempts(known, count):
            method, path, body = chance.choice(ROUTES)
            headers = [(b"authorization", b"Bearer " + token.encode("latin-1", "replace").replace(b"\n", b""))]
            headers.append((b"accept", b"application/json"))
            response = await client.request(
                method, f"/api/v1/conversations/{conversation}{path}", headers=headers, json=body
            )
            kinds[kind] += 1
            if response.status_code not in (404, 401, 405):
                opened.append(f"{kind}: {method} {conversation}{path} {token!r} -> {response.status_code}")
            if CANARY in response.text:
                opened.append(f"{kind}: read")
            if response.status_code == 404 and "no-such-conversation" in response.text:
                problem = response.json()
                refusals.add(json.dumps([{**problem, "instance": ""}, sorted(response.headers)]))
    return kinds, refusals, opened


def _unharmed(served: Served, known: Known) -> None:
    victim = Patient(served.http, known.other, known.other_token)
    texts = [event["text"] for event in victim.events()]
    assert texts[1] == f"my secret is {CANARY}"
    assert len(texts) == 3
    with served.door.store.read() as connection:
        for table in ("feedback", "contact_requests"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


@pytest.mark.parametrize("count", [300, pytest.param(10_500, marks=pytest.mark.slow)])
def test_when_ids_and_tokens_are_forged_and_swapped_then_nothing_opens_and_all_refusals_are_the_same(
    served: Served, known: Known, count: int
) -> None:
    kinds, refusals, opened = asyncio.run(_try(served, known, count))

    assert opened == []
    assert kinds.total() >= count * 0.9
    assert len(kinds) >= 25
    assert len(refusals) == 1, "a refusal that differs tells what there is"
    _unharmed(served, known)


def test_when_a_token_is_right_then_the_same_request_does_open(served: Served, known: Known) -> None:
    """The control: the attempts above fail because of the tokens, and not because of their form."""
    victim = Patient(served.http, known.other, known.other_token)
    for method, path, body in ROUTES:
        response = served.http.request(
            method, victim.path + path, headers=victim.headers | {"Accept": "application/json"}, json=body
        )
        assert response.is_success, (method, path, response.text)


def test_when_a_token_is_forged_then_the_journal_is_never_asked(served: Served, known: Known) -> None:
    """So the time of a refusal cannot tell whether there is such a conversation."""

    async def asked(_step: Any) -> None:
        raise AssertionError("the journal was asked")

    object.__setattr__(served.door, "journal", asked)
    kinds, refusals, opened = asyncio.run(_try(served, known, 200))

    assert opened == []
    assert len(refusals) == 1
    assert kinds.total() > 150


def test_when_conversations_begin_then_their_ids_are_of_the_server_random_and_never_the_same(served: Served) -> None:
    asked = {"consent": True, "conversation": "mine", "id": "mine", "token": "mine", "expires_at": "2099-01-01"}
    begun = [served.http.post("/api/v1/conversations", json=asked).json() for _ in range(60)]
    ids = [one["conversation"] for one in begun]
    raw = [base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)) for name in ids]

    assert len(set(ids)) == len({one["token"] for one in begun}) == 60
    assert {len(one) for one in raw} == {18}, "144 bit"
    ones = sum(bin(byte).count("1") for one in raw for byte in one)
    bits = 60 * 144
    assert abs(ones - bits / 2) < 5 * math.sqrt(bits) / 2, "each bit is as often 1 as 0"
    for place in range(18):  # no byte of it counts up or stands still
        values = Counter(one[place] for one in raw)
        assert values.most_common(1)[0][1] < 7
        assert [one[place] for one in raw] != sorted(one[place] for one in raw)
    assert all("mine" not in json.dumps(one) for one in begun)


def test_when_a_token_is_spelt_otherwise_then_it_is_another_token(served: Served) -> None:
    patient = served.begin().greeted()
    real = patient.token
    for other in (real + "=", real + "!", real[:-1] + "\n" + real[-1], real.replace(".", "..", 1), f"{real} x"):
        assert served.door.signer.session(other, now_ms=served.door.clock.now_ms()) is None
    order = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for bit in (1, 2):
        other = real[:-1] + order[order.index(real[-1]) ^ bit]
        assert served.door.signer.session(other, now_ms=0) is None
    assert served.door.signer.session(real, now_ms=0) is not None


def test_when_a_choice_is_forged_then_it_names_no_button() -> None:
    signer = Signer(SECRET)
    real = signer.choice("one", 3, 1)
    order = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    forged = [
        real[:at] + order[order.index(real[at]) ^ 1] + real[at + 1 :] for at in range(len(real)) if real[at] in order
    ]
    forged += [real + "=", real + ".", real[:-1], "", "/faq_cart_duration", Signer("k" * 40).choice("one", 3, 1)]
    forged += [signer.token(Session("one", 10**15)), "é", "\u200b" + real, real.upper()]

    assert [choice for choice in forged if signer.chosen("one", choice) is not None] == []
    assert signer.chosen("another", real) is None
    assert signer.chosen("one", real) == (3, 1)
