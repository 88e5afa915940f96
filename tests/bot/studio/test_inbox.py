"""What waits for trainers: which messages, grouped and ranked, dealt with once, taken back, and gone when erased."""

# ruff: noqa: F811  # fixtures of other files are arguments here
from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import conversations, queue, staff, teachings, wishes
from bot.journal import inbox as arrivals
from bot.journal.rows import Claim
from bot.journal.store import Store
from bot.records import Reply
from bot.studio import inbox
from tests.bot.journal.conftest import store  # noqa: F401 - a fixture, on both databases
from tests.bot.studio.conftest import ANNA

DAY_MS = inbox.DAY_MS
NOW_MS = 100 * DAY_MS


def say(
    store: Store, conversation: str, words: str, outcome: str, *, at_ms: int = NOW_MS, verdict: str | None = None
) -> int:
    conversations.begin(
        store, conversation, now_ms=at_ms, expires_at_ms=10**13, language="en", time_zone=None, claim=None
    )
    message = arrivals.Incoming(f"{words} {at_ms}", "text", words, words)
    arrivals.record(
        store, conversation, message, now_ms=at_ms, messages_per_minute=99, greeting=Reply("hello", "greet")
    )
    for job in queue.claim(store, Claim("door", 10**15), now_ms=at_ms, at_most=5):
        queue.answer(
            store, job, (Reply("text", "topic/cost"),), now_ms=at_ms, renewed=Claim("x", 0), outcome="answered",
            understood={"label": "topic/cost", "outcome": outcome, "screen": {"verdict": verdict or "none"}},
        )  # fmt: skip
        if job.seq:
            seq = job.seq
    return seq


class Meanings:
    """Stands for the comparer: texts that begin with the same word mean the same."""

    def ask(self, op: str, **request: Any) -> Any:
        if op == "rank":
            return [["topic/accommodation", "topic/cost", "followup/more"] for _ in request["texts"]]
        firsts: dict[str, list[int]] = {}
        for place, text in enumerate(request["texts"]):
            firsts.setdefault(text.split()[0].lower(), []).append(place)
        return list(firsts.values())

    def model(self) -> str:
        return "model"


@pytest.fixture
def asked(store: Store) -> Store:
    say(store, "a", "parking near you", "fallback")
    say(store, "b", "Parking for a van", "clarify", at_ms=NOW_MS + 1)
    say(store, "c", "PARKING NEAR YOU", "fallback", at_ms=NOW_MS + 2)
    say(store, "d", "wifi in the rooms", "fallback", at_ms=NOW_MS + 3)
    say(store, "e", "how much is it", "answer", at_ms=NOW_MS + 4)
    say(store, "f", "long ago", "fallback", at_ms=NOW_MS - 40 * DAY_MS)
    return store


def texts(store: Store) -> list[str]:
    return [item.text for item in inbox.waiting(store, now_ms=NOW_MS + 9)]


def test_when_questions_were_not_answered_then_they_wait_the_newest_first(asked: Store) -> None:
    assert texts(asked) == ["wifi in the rooms", "PARKING NEAR YOU", "Parking for a van", "parking near you"]


def test_when_they_are_grouped_then_the_group_of_most_patients_is_first(asked: Store) -> None:
    groups = inbox.grouped(inbox.waiting(asked, now_ms=NOW_MS + 9), Meanings())

    assert [(group.patients, len(group.texts)) for group in groups] == [(3, 2), (1, 1)]
    assert groups[0].near == ("topic/accommodation", "topic/cost")


def test_when_staff_say_what_a_message_was_then_it_waits_and_their_word_leads(asked: Store) -> None:
    anna = staff.add(
        asked, email="a@x.example", name="Anna", role="agent", now_ms=1, actor="operator", invite="a", invite_until_ms=9
    )
    waiting = {item.text: item for item in inbox.waiting(asked, now_ms=NOW_MS + 9)}
    wifi, van = waiting["wifi in the rooms"], waiting["Parking for a van"]
    teachings.teach(asked, "d", anna, wifi.seq, "relabel", label="topic/privacy", now_ms=NOW_MS)
    teachings.teach(asked, "b", anna, van.seq, "right", now_ms=NOW_MS)

    groups = inbox.grouped(inbox.waiting(asked, now_ms=NOW_MS + 9), Meanings())

    assert "Parking for a van" not in texts(asked)
    assert groups[-1].near[0] == "topic/privacy"
    assert groups[-1].items[0].why == ("fallback", "relabel")


@pytest.mark.parametrize("state", [inbox.USED, inbox.DISCARDED])
def test_when_messages_are_dealt_with_then_they_leave_once_and_can_come_back(asked: Store, state: str) -> None:
    keys = [item.key for item in inbox.waiting(asked, now_ms=NOW_MS + 9) if "wifi" in item.text]

    assert inbox.settle(asked, keys, state, ANNA, now_ms=NOW_MS) == keys
    assert inbox.settle(asked, keys, state, ANNA, now_ms=NOW_MS) == []
    assert "wifi in the rooms" not in texts(asked)

    assert inbox.reopen(asked, keys, ANNA, now_ms=NOW_MS) == 1
    assert "wifi in the rooms" in texts(asked)


def test_when_an_answer_gets_a_thumb_down_then_its_question_comes_in_and_with_a_thumb_up_it_goes(asked: Store) -> None:
    assert "how much is it" not in texts(asked)
    line = 3  # the greeting is the first, the question the second

    wishes.rate(asked, "e", line, "down", None, now_ms=NOW_MS + 5)

    item = next(item for item in inbox.waiting(asked, now_ms=NOW_MS + 9) if item.text == "how much is it")
    assert (item.why, item.given) == (("down",), "topic/cost")
    wishes.rate(asked, "e", line, "up", None, now_ms=NOW_MS + 6)
    assert "how much is it" not in texts(asked)


def test_when_messages_were_discarded_then_they_are_listed_the_last_first_until_they_wait_again(asked: Store) -> None:
    keys = {item.text: item.key for item in inbox.waiting(asked, now_ms=NOW_MS + 9)}
    inbox.settle(asked, [keys["wifi in the rooms"]], inbox.DISCARDED, ANNA, now_ms=NOW_MS + 10)
    inbox.settle(asked, [keys["Parking for a van"]], inbox.DISCARDED, ANNA, now_ms=NOW_MS + 11)
    inbox.settle(asked, [keys["PARKING NEAR YOU"]], inbox.USED, ANNA, now_ms=NOW_MS + 12)

    assert [item.text for item in inbox.discarded(asked)] == ["Parking for a van", "wifi in the rooms"]
    assert [item.text for item in inbox.discarded(asked, at_most=1)] == ["Parking for a van"]

    inbox.reopen(asked, [item.key for item in inbox.discarded(asked, at_most=1)], ANNA, now_ms=NOW_MS + 13)
    assert [item.text for item in inbox.discarded(asked)] == ["wifi in the rooms"]
    conversations.erase(asked, "d", now_ms=NOW_MS + 14)
    assert inbox.discarded(asked) == []


def test_when_a_conversation_is_erased_then_its_messages_are_gone(asked: Store) -> None:
    keys = [item.key for item in inbox.waiting(asked, now_ms=NOW_MS + 9) if "wifi" in item.text]
    inbox.settle(asked, keys, inbox.DISCARDED, ANNA, now_ms=NOW_MS)

    conversations.erase(asked, "d", now_ms=NOW_MS)

    assert inbox.settle(asked, keys, inbox.DISCARDED, ANNA, now_ms=NOW_MS) == []
    assert inbox.reopen(asked, ["nonsense", "a:x"], ANNA, now_ms=NOW_MS) == 0
