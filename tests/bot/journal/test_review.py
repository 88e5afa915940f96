"""What staff have not read yet: danger first, then who waits for a person, then the others; the oldest first."""

from __future__ import annotations

import pytest

from bot.boot.made_secrets import made
from bot.journal import conversations, inbox, review, wishes
from bot.journal.rows import ConversationGone
from bot.journal.sealing import Box
from bot.records import Reply

KEY = made()["MARROW_CONTACT_KEY"]
GREETING = Reply("hello", "greet")
RED = Reply("call now", "safety/emergency", safety="emergency")


@pytest.fixture
def say(store):
    """Begins conversations as needed and writes messages to them."""
    begun = set()

    def write(name, now_ms, verdict=None):
        if name not in begun:
            begun.add(name)
            conversations.begin(
                store, name, now_ms=now_ms, expires_at_ms=10**13, language=None, time_zone=None, claim=None
            )
        message = inbox.Incoming(
            f"{name}{now_ms}", "text", "words", "words", RED if verdict == "emergency" else None, verdict
        )
        return inbox.record(store, name, message, now_ms=now_ms, messages_per_minute=10**6, greeting=GREETING).seq

    return write


def leave_number(store, name, now_ms):
    reachable = wishes.Reachable(None, "555 0100", None, None, None)
    return wishes.leave_contact(store, Box(KEY), name, reachable, "noted", now_ms=now_ms, per_minute=9)


def names(store, **how):
    return [one.conversation for one in review.queue(store, **how)]


def test_when_several_wait_then_danger_is_first_and_the_oldest_of_each_kind_before_the_others(store, say):
    say("old", 1), say("calls", 2), say("new", 3), say("calls first", 4), say("red", 5), say("first red", 6)
    leave_number(store, "calls first", 7), leave_number(store, "calls", 8)
    say("first red", 9, "emergency"), say("red", 10, "emergency"), say("old", 11, "check")
    assert names(store) == ["first red", "red", "calls first", "calls", "old", "new"]
    assert names(store, at_most=2) == ["first red", "red"]
    first = review.queue(store)[0]
    assert (first.danger_since_ms, first.unread_since_ms, first.waiting_kind) == (9, 6, None)


def test_when_lines_were_read_then_they_leave_the_queue_and_new_ones_come_back(store, say):
    say("c", 1, "emergency"), say("d", 2)
    red, plain = review.queue(store)
    review.reviewed(store, "c", red.last_seq)
    assert names(store) == ["d"]
    review.reviewed(store, "d", plain.last_seq)
    assert names(store) == []
    say("d", 3, "emergency"), say("c", 4)
    assert [(one.conversation, one.danger_since_ms) for one in review.queue(store)] == [("d", 3), ("c", None)]


def test_when_danger_comes_while_somebody_reads_then_it_stays_in_the_queue(store, say):
    seen = say("c", 1)
    say("c", 2, "emergency")
    review.reviewed(store, "c", seen)
    review.reviewed(store, "c", seen - 1)
    assert [one.danger_since_ms for one in review.queue(store)] == [2]


def test_when_only_a_wish_for_a_person_is_unread_then_it_is_in_the_queue(store, say):
    seen = say("c", 1)
    review.reviewed(store, "c", seen)
    leave_number(store, "c", 5)
    (one,) = review.queue(store)
    assert (one.unread_since_ms, one.waiting_kind, one.waiting_since_ms) == (None, "call_back", 5)


def test_when_a_conversation_only_began_then_there_is_nothing_to_read(store):
    conversations.begin(store, "c", now_ms=1, expires_at_ms=9, language=None, time_zone=None, claim=None)
    assert names(store) == []


def test_when_there_is_no_such_conversation_then_that_is_said(store):
    with pytest.raises(ConversationGone):
        review.reviewed(store, "none", 1)
