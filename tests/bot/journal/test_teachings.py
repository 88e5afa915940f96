"""What staff say of a message reaches the trainers' queue, once, and can be taken back."""

from __future__ import annotations

import pytest

from bot.journal import conversations, inbox, queue, staff, teachings
from bot.journal.rows import Claim, NoSuchLine
from bot.records import Reply

MINE = Claim("door", 10**12)


@pytest.fixture
def anna(store):
    conversations.begin(store, "c", now_ms=1, expires_at_ms=10**13, language="en", time_zone=None, claim=None)
    for kind, words in (("text", "how long?"), ("choice", "What is it?")):
        message = inbox.Incoming(words, kind, words, words)
        inbox.record(store, "c", message, now_ms=2, messages_per_minute=99, greeting=Reply("hello", "greet"))
        (job,) = queue.claim(store, MINE, now_ms=3, at_most=1)
        queue.answer(
            store, job, (Reply("weeks", "faq/cart_duration"),), now_ms=3, renewed=Claim("x", 0), outcome="answered",
            understood={"label": "faq/cart_duration"},
        )  # fmt: skip
    return staff.add(
        store, email="a@x.example", name="Anna", role="agent", now_ms=1, actor="operator", invite="a", invite_until_ms=9
    )


def entries(store, **how):
    return [
        (one.seq, one.text, one.given, one.verdict, one.label, one.note) for one in teachings.teachings(store, **how)
    ]


def test_when_a_message_should_have_been_read_otherwise_then_trainers_see_it_and_the_last_word_counts(store, anna):
    teachings.teach(store, "c", anna, 2, "new_question", note="asks about parking", now_ms=4)
    assert entries(store) == [(2, "how long?", "faq/cart_duration", "new_question", None, "asks about parking")]

    teachings.teach(store, "c", anna, 2, "relabel", label="faq/bmt_duration", now_ms=5)
    assert entries(store) == [(2, "how long?", "faq/cart_duration", "relabel", "faq/bmt_duration", None)]

    teachings.teach(store, "c", anna, 2, None, now_ms=6)
    assert entries(store) == []


def test_when_it_was_right_then_it_is_kept_but_not_in_the_way(store, anna):
    teachings.teach(store, "c", anna, 2, "right", now_ms=4)

    assert entries(store) == []
    assert [entry[3] for entry in entries(store, with_right=True)] == ["right"]


def test_when_a_trainer_has_used_it_then_it_leaves_the_queue(store, anna):
    teachings.teach(store, "c", anna, 2, "relabel", label="faq/bmt_duration", now_ms=4)

    teachings.settle_teaching(store, "c", anna, 2, "used", now_ms=5)

    assert entries(store) == []
    assert len(entries(store, state="used")) == 1
    with pytest.raises(NoSuchLine):
        teachings.settle_teaching(store, "c", anna, 3, "used", now_ms=6)


@pytest.mark.parametrize("seq", [1, 3, 4, 99], ids=["greeting", "answer", "pressed button", "no line"])
def test_when_it_is_no_typed_message_then_it_cannot_be_taught(store, anna, seq):
    with pytest.raises(NoSuchLine):
        teachings.teach(store, "c", anna, seq, "right", now_ms=4)
