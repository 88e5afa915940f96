"""A message is written down once, numbered without gaps, and claimed in the same step when there is room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from bot.journal import conversations, inbox, queue, timeline
from bot.journal.models import Conversation, Message
from bot.journal.rows import Claim, ClientIdReused, ConversationGone, TooManyMessages
from bot.records import Button, Reply

GREETING = Reply("hello", "greet")
CLAIM = Claim("door-1", 100_000)


def begin(store, name="c", now_ms=0, claim=None):
    return conversations.begin(
        store, name, now_ms=now_ms, expires_at_ms=10**13, language="en", time_zone="Asia/Tokyo", claim=claim
    )


def say(store, words, client_id=None, *, name="c", now_ms=1000, per_minute=1000, claim=None, safety=None):
    message = inbox.Incoming(client_id or words, "text", words, words, safety)
    return inbox.record(
        store, name, message, now_ms=now_ms, messages_per_minute=per_minute, greeting=GREETING, claim=claim
    )


def texts(store, name="c"):
    return [(line.seq, line.sender, line.text) for line in timeline.after(store, name, 0)]


def test_when_the_first_message_comes_then_the_greeting_stands_before_it(store):
    begin(store)
    assert say(store, "one") == inbox.Recorded(seq=2, new=True, job=None)
    assert texts(store) == [(1, "bot", "hello"), (2, "patient", "one")]
    with store.read() as connection:
        rows = connection.execute(select(Message.seq, Message.outcome).order_by(Message.seq)).all()
    assert rows == [(0, "greeting"), (2, None)]


def test_when_messages_come_at_once_then_each_has_its_own_number_and_none_is_missing(store):
    begin(store)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: say(store, f"m{number % 30}"), range(60)))
    assert sum(recorded.new for recorded in found) == 30
    assert sorted({recorded.seq for recorded in found}) == list(range(2, 32))
    by_words = {}
    for number, recorded in enumerate(found):
        by_words.setdefault(number % 30, set()).add(recorded.seq)
    assert all(len(seqs) == 1 for seqs in by_words.values())


def test_when_nothing_waits_then_the_message_is_claimed_in_the_same_step(store):
    begin(store)
    job = say(store, "one", claim=CLAIM).job
    assert (job.seq, job.sent, job.claim, job.time_zone) == (2, "one", CLAIM, "Asia/Tokyo")
    assert say(store, "two", claim=CLAIM).job is None
    assert queue.claim(store, Claim("door-2", 100_000), now_ms=2000, at_most=5) == []


def test_when_the_greeting_is_in_flight_then_the_message_waits_for_its_claim(store):
    greeting = begin(store, claim=CLAIM)
    assert greeting.kind == "greeting"
    assert say(store, "one", claim=Claim("door-2", 100_000)).job is None
    late = queue.answer(
        store, greeting, (Reply("late greeting", "greet"),), now_ms=1500, renewed=CLAIM, outcome="greeting", state={}
    )
    assert not late.written
    assert late.next.sent == "one"
    assert [line[2] for line in texts(store)] == ["hello", "one"]


def test_when_the_words_differ_then_the_client_id_is_refused_and_nothing_written(store):
    begin(store)
    say(store, "one", "same")
    with pytest.raises(ClientIdReused):
        say(store, "two", "same")
    assert len(texts(store)) == 2


def test_when_the_rate_is_reached_then_it_opens_again_as_the_minute_passes(store):
    begin(store)
    for second in range(3):
        say(store, f"m{second}", now_ms=1000 * second, per_minute=3)
    with pytest.raises(TooManyMessages) as caught:
        say(store, "m3", now_ms=10_000, per_minute=3)
    assert caught.value.retry_after_ms == 50_000
    assert not say(store, "m0", now_ms=10_000, per_minute=3).new
    with pytest.raises(TooManyMessages):
        say(store, "m3", now_ms=59_999, per_minute=3)
    assert say(store, "m3", now_ms=60_000, per_minute=3).new


def test_when_danger_is_seen_then_it_is_answered_in_the_same_step_whatever_the_rate(store):
    begin(store)
    say(store, "one", per_minute=1)
    red = Reply("call now", "safety/emergency", safety="emergency")
    assert say(store, "bleeding", per_minute=1, safety=red, claim=CLAIM) == inbox.Recorded(seq=3, new=True)
    line = timeline.after(store, "c", 3)[0]
    assert (line.text, line.reply_to, line.body["safety"]) == ("call now", 3, "emergency")
    assert [job.sent for job in queue.claim(store, CLAIM, now_ms=2000, at_most=5)] == ["one"]


def test_when_the_conversation_is_unknown_then_it_is_gone(store):
    for step in (
        lambda: say(store, "one", name="none"),
        lambda: timeline.after(store, "none", 0),
        lambda: conversations.erase(store, "none", now_ms=1),
    ):
        with pytest.raises(ConversationGone):
            step()


def test_when_a_conversation_is_erased_then_only_its_own_rows_go(store):
    for name in ("c", "d"):
        begin(store, name)
        say(store, "one", name=name)
    conversations.erase(store, "c", now_ms=7)
    assert len(texts(store, "d")) == 2
    with store.read() as connection:
        assert connection.execute(select(Conversation.id)).scalars().all() == ["d"]
        stone = connection.execute(text("SELECT at_ms, action, subject FROM audit")).one()
    assert stone.at_ms == 7
    assert stone.action == "erase"
    assert len(stone.subject) == 64


def test_when_a_button_was_shown_then_it_is_found_by_line_and_place(store):
    job = begin(store, claim=CLAIM)
    reply = Reply("which?", "clarify", buttons=(Button("A", "/a"), Button("B", "/b")))
    queue.answer(store, job, (reply,), now_ms=1, renewed=CLAIM, outcome="greeting", state={})
    assert timeline.button(store, "c", 1, 1) == Button("B", "/b")
    assert timeline.button(store, "c", 1, 2) is timeline.button(store, "c", 9, 0) is timeline.button(store, "x", 1, 0)
    assert timeline.newest(store, ["c", "x"]) == {"c": 1}
