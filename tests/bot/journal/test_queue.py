"""Claims: one message of a conversation at a time, taken up after a death, answered exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from bot.errors import StoreError
from bot.journal import conversations, inbox, queue, timeline
from bot.journal.models import Conversation, Message
from bot.journal.rows import Claim
from bot.journal.store import Store
from bot.records import Reply

GREETING = Reply("hello", "greet")
ONE, TWO = Claim("door-1", 10_000), Claim("door-2", 99_000)


@pytest.fixture
def say(store):
    """Begins conversations as needed and writes messages to them."""
    begun = set()

    def write(name, words, now_ms=0):
        if name not in begun:
            begun.add(name)
            conversations.begin(
                store, name, now_ms=now_ms, expires_at_ms=10**13, language=None, time_zone=None, claim=None
            )
        message = inbox.Incoming(words, "text", words, words)
        inbox.record(store, name, message, now_ms=now_ms, messages_per_minute=10**6, greeting=GREETING)

    return write


def answer(store, job, words="answer", *, now_ms=1000, renewed=ONE, state=None):
    reply = Reply(f"{words} to {job.sent}", "faq/x")
    return queue.answer(store, job, (reply,), now_ms=now_ms, renewed=renewed, outcome="answered", state=state or {})


def said(store, name):
    return [line.text for line in timeline.after(store, name, 0) if line.sender == "bot" and line.reply_to]


def test_when_a_message_is_answered_then_the_next_one_comes_with_the_new_memory(store, say):
    say("c", "one"), say("c", "two")
    assert queue.due(store, 0)
    assert not queue.due(store, -1)
    (job,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    assert not queue.due(store, 5000)
    done = answer(store, job, state={"topic": "x"})
    assert done.written
    assert (done.next.sent, done.next.state) == ("two", {"topic": "x"})
    assert answer(store, done.next).next is None
    assert said(store, "c") == ["answer to one", "answer to two"]
    assert queue.waiting_count(store) == 0
    assert not queue.due(store, 10**9)


def test_when_a_lease_ends_then_another_door_takes_the_message_and_the_first_is_too_late(store, say):
    say("c", "one")
    (lost,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    assert queue.claim(store, TWO, now_ms=9_999, at_most=5) == []
    (taken,) = queue.claim(store, TWO, now_ms=10_000, at_most=5)
    assert not answer(store, lost).written
    queue.postpone(store, lost, retry_at_ms=77)
    queue.release(store, lost)
    assert answer(store, taken, renewed=TWO).written
    assert not answer(store, taken, renewed=TWO).written
    assert said(store, "c") == ["answer to one"]


def test_when_a_door_starts_again_then_its_own_claims_are_free_at_once_and_others_stay(store, say):
    say("c", "one"), say("d", "one")
    (mine,) = queue.claim(store, ONE, now_ms=0, at_most=1)
    (theirs,) = queue.claim(store, TWO, now_ms=0, at_most=1)
    assert queue.release_own(store, "door-1") == 1
    (again,) = queue.claim(store, ONE, now_ms=1, at_most=5)
    assert again.conversation == mine.conversation != theirs.conversation


def test_when_an_attempt_fails_then_the_message_waits_and_the_count_goes_up(store, say):
    say("c", "one")
    (job,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    queue.postpone(store, job, retry_at_ms=500)
    assert queue.claim(store, TWO, now_ms=499, at_most=5) == []
    say("c", "two", now_ms=499)
    assert queue.claim(store, TWO, now_ms=499, at_most=5) == []
    (again,) = queue.claim(store, TWO, now_ms=500, at_most=5)
    assert (again.sent, again.attempts) == ("one", 1)


def test_when_the_answers_transaction_fails_half_way_then_nothing_of_it_stays(store, say, monkeypatch):
    say("c", "one")
    (job,) = queue.claim(store, ONE, now_ms=0, at_most=5)

    def broken(*_args, **_named):
        raise RuntimeError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(queue.lines, "change", broken)
        with pytest.raises(RuntimeError):
            answer(store, job)
    assert said(store, "c") == []
    with store.read() as connection:
        assert connection.execute(select(Message.answered_at_ms).where(Message.seq == 2)).scalar_one() is None
    assert answer(store, job).written


def test_when_it_takes_long_then_it_is_said_once_for_all_that_waits(store, say):
    say("c", "one", 0), say("c", "two", 900)
    assert queue.overdue(store, -1) == []
    assert queue.overdue(store, 0) == ["c"]
    assert queue.hold(store, "c", "holding", GREETING, now_ms=1000, before_ms=0)
    assert not queue.hold(store, "c", "holding", GREETING, now_ms=1001, before_ms=900)
    assert queue.overdue(store, 5000) == []
    say("c", "three", 6000)
    assert queue.overdue(store, 6000) == ["c"]
    lines = [(line.text, line.reply_to) for line in timeline.after(store, "c", 0) if line.sender == "system"]
    assert lines == [("holding", 2)]


def test_when_the_answer_came_first_then_no_holding_line_is_said(store, say):
    say("c", "one")
    (job,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    answer(store, job)
    assert not queue.hold(store, "c", "holding", GREETING, now_ms=5000, before_ms=4000)
    assert not queue.hold(store, "none", "holding", GREETING, now_ms=5000, before_ms=4000)


def test_when_a_conversation_was_erased_meanwhile_then_nothing_is_written(store, say):
    say("c", "one")
    (job,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    conversations.erase(store, "c", now_ms=5)
    assert answer(store, job) == queue.Answered(written=False)
    queue.postpone(store, job, retry_at_ms=5)
    with store.read() as connection:
        assert connection.execute(select(Conversation.id)).all() == []


def test_when_several_doors_work_at_once_then_every_message_is_answered_once_and_in_order(store, say):
    for name in "abcdefgh":
        for number in range(6):
            say(name, f"{name}{number}")
    failed: list[BaseException] = []

    def tried(step: Callable[[], Any]) -> Any:
        """Does it as a door does: what a busy journal refuses is tried again."""
        while True:
            with suppress(StoreError):
                return step()

    def door(owner: str) -> None:
        own = Store(store.url.render_as_string(hide_password=False))
        mine = Claim(owner, 10**9)
        try:
            idle = 0
            while idle < 3:
                jobs = tried(lambda: queue.claim(own, mine, now_ms=1, at_most=2))
                idle = 0 if jobs else idle + 1
                for job in jobs:
                    following = job
                    for _ in range(2):  # lets go in between, so that the doors meet
                        if following is not None:
                            following = tried(
                                lambda job=following: answer(own, job, owner, now_ms=1, renewed=mine)
                            ).next
                    if following is not None:
                        tried(lambda job=following: queue.release(own, job))
        except BaseException as error:
            failed.append(error)
        finally:
            own.close()

    doors = [threading.Thread(target=door, args=(f"door-{number}",)) for number in range(4)]
    for thread in doors:
        thread.start()
    for thread in doors:
        thread.join()
    assert failed == []
    for name in "abcdefgh":
        assert [text.split(" to ")[1] for text in said(store, name)] == [f"{name}{number}" for number in range(6)]
        lines = timeline.after(store, name, 0)
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))


HOUR_MS = 3_600_000


def test_when_the_clock_was_set_back_then_what_waits_is_still_taken_held_and_within_the_limit(store, say):
    say("c", "one", HOUR_MS)
    queue.claim(store, Claim("a dead door", HOUR_MS + 15_000), now_ms=HOUR_MS, at_most=5)
    say("d", "two", HOUR_MS)
    (job,) = queue.claim(store, TWO, now_ms=HOUR_MS, at_most=5)
    queue.postpone(store, job, retry_at_ms=HOUR_MS + 8000)

    assert {job.sent for job in queue.claim(store, ONE, now_ms=0, at_most=5)} == {"one", "two"}
    assert sorted(queue.overdue(store, -3000)) == ["c", "d"]
    message = inbox.Incoming("three", "text", "three", "three")
    assert inbox.record(store, "c", message, now_ms=0, messages_per_minute=1, greeting=GREETING).new


def test_when_the_clock_was_set_forward_and_the_same_door_claims_twice_then_one_answer_counts(store, say):
    say("c", "one"), say("c", "two")
    (early,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    later = Claim(ONE.owner, HOUR_MS + 15_000)
    (late,) = queue.claim(store, later, now_ms=HOUR_MS, at_most=5)

    assert queue.answer(store, early, (GREETING,), now_ms=HOUR_MS, renewed=ONE, outcome="answered").next is None
    queue.postpone(store, early, retry_at_ms=HOUR_MS)
    done = answer(store, late, now_ms=HOUR_MS)

    assert done.written
    assert done.next.sent == "two"
    assert said(store, "c") == ["answer to one"]


def test_when_the_greeting_does_not_come_then_the_fixed_one_is_said_in_its_place(store):
    conversations.begin(store, "c", now_ms=0, expires_at_ms=10**13, language=None, time_zone=None, claim=None)
    (job,) = queue.claim(store, ONE, now_ms=0, at_most=5)
    assert queue.overdue(store, 3000) == ["c"]

    assert queue.hold(store, "c", "holding", GREETING, now_ms=6000, before_ms=3000)

    assert queue.overdue(store, 3000) == []
    assert not answer(store, job).written
    assert [line.text for line in timeline.after(store, "c", 0)] == ["hello"]
