"""The queues: who is in which, in what order, and who leaves when.

Longer than 300 lines because each queue has its reasons to hold somebody and to let go.
"""

from __future__ import annotations

from itertools import count

import pytest

from bot.boot.made_secrets import made
from bot.journal import conversations, inbox, marks, queue, review, staff, talk, wishes
from bot.journal.rows import Claim, ConversationGone
from bot.journal.sealing import Box
from bot.records import Reply

KEY = made()["MARROW_CONTACT_KEY"]
GREETING = Reply("hello", "greet")
RED = Reply("call now", "safety/emergency", safety="emergency")
MISSED = Reply("I did not understand that.", "fallback")
PERSON = Reply("I am asking a person.", "contact_human", handoff={"kind": "person_now"})
ANSWER = Reply("Some weeks.", "faq/cart_duration")


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


class Ward:
    """A journal with two agents, in which each step takes a second."""

    def __init__(self, store, say):
        self.store, self._say, self._times = store, say, count(1000, 1000)
        self.anna, self.bo = (
            staff.add(
                store, email=f"{name}@x.example", name=name, role="agent", now_ms=1, actor="operator", invite=name,
                invite_until_ms=9,
            )
            for name in ("Anna", "Bo")
        )  # fmt: skip

    @property
    def now_ms(self):
        return next(self._times)

    def says(self, name, reply=ANSWER, verdict=None):
        """A patient writes, and the bot answers; danger is answered at once."""
        self._say(name, self.now_ms, verdict)
        for job in queue.claim(self.store, Claim("door", 10**12), now_ms=self.now_ms, at_most=9):
            queue.answer(
                self.store, job, (reply,), now_ms=self.now_ms, renewed=Claim("door", 10**12), outcome="answered"
            )  # fmt: skip

    def calls(self, name):
        leave_number(self.store, name, self.now_ms)

    def read(self, name):
        review.reviewed(self.store, name, review.one(self.store, name).last_seq, now_ms=self.now_ms)

    def unread(self, name):
        review.unread(self.store, name, 1, now_ms=self.now_ms)

    def thumb(self, name, value, seq=3):
        wishes.rate(self.store, name, seq, value, None, now_ms=self.now_ms)

    def take(self, name, who=None):
        talk.take(self.store, name, who or self.anna, "{name} is here", now_ms=self.now_ms)

    def release(self, name, who=None):
        talk.release(self.store, name, who or self.anna, "{name} left", now_ms=self.now_ms)

    def settle(self, name):
        talk.settle(self.store, name, self.anna, now_ms=self.now_ms)

    def assign(self, name, to):
        marks.assign(self.store, name, self.anna, to.id if to else None, now_ms=self.now_ms)

    def names(self, queue_name, me=None):
        listed = review.queue(self.store, queue_name, me=(me or self.anna).id)
        assert review.counts(self.store, me=(me or self.anna).id).get(queue_name, len(listed)) == len(listed)
        return [one.conversation for one in listed]


@pytest.fixture
def ward(store, say):
    return Ward(store, say)


@pytest.fixture
def full(ward):
    """A conversation of every kind; what is read was read before the next one began."""
    ward.says("read"), ward.read("read")
    ward.says("plain")
    ward.says("red", verdict="emergency"), ward.says("red again", verdict="emergency")
    ward.says("red, read", verdict="emergency"), ward.read("red, read")
    ward.says("calls"), ward.calls("calls"), ward.read("calls")
    ward.says("wants", PERSON), ward.says("wants later", PERSON)
    ward.says("wanted, a person came", PERSON), ward.take("wanted, a person came", ward.bo)
    ward.says("wanted, was called", PERSON), ward.settle("wanted, was called"), ward.read("wanted, was called")
    ward.says("missed", MISSED), ward.says("missed, read", MISSED), ward.read("missed, read")
    ward.says("down on what was read"), ward.read("down on what was read"), ward.thumb("down on what was read", "down")
    ward.says("down, read"), ward.thumb("down, read", "down"), ward.read("down, read")
    ward.says("up"), ward.read("up"), ward.thumb("up", "up")
    ward.says("down, then up"), ward.read("down, then up")
    ward.thumb("down, then up", "down"), ward.thumb("down, then up", "up")
    ward.says("for Anna"), ward.read("for Anna"), ward.assign("for Anna", ward.anna)
    ward.says("for Bo"), ward.read("for Bo"), ward.assign("for Bo", ward.bo)
    ward.says("Anna talks"), ward.take("Anna talks"), ward.read("Anna talks")
    ward.says("Anna talked"), ward.take("Anna talked"), ward.release("Anna talked")
    ward.says("for Bo, Anna talked"), ward.assign("for Bo, Anna talked", ward.bo)
    ward.take("for Bo, Anna talked"), ward.release("for Bo, Anna talked")
    conversations.begin(
        ward.store, "only began", now_ms=ward.now_ms, expires_at_ms=10**13, language=None, time_zone=None, claim=None
    )
    return ward


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("danger", ["red", "red again"], id="danger that nobody has read, the oldest first"),
        pytest.param(
            "waiting", ["wants", "wants later", "calls"], id="who sits there before who waits longer for a call"
        ),
        pytest.param("mine", ["Anna talks", "for Anna"], id="where I talk, then what is assigned to me"),
        pytest.param("unanswered", ["missed"], id="a question without an answer that nobody has read"),
        pytest.param("disliked", ["down on what was read"], id="a thumb down that nobody has read and that stayed"),
        pytest.param(
            "review",
            [
                "red", "red again", "calls", "wants", "wants later", "plain", "wanted, a person came", "missed",
                "down on what was read",
            ],
            id="danger heads it, then who waits longest, then the oldest",
        ),
    ],
)  # fmt: skip
def test_when_there_is_a_conversation_of_each_kind_then_a_queue_holds_its_own_alone(full, name, expected):
    assert full.names(name) == expected


def test_when_everything_is_listed_then_the_newest_is_first_and_none_is_missing(full):
    listed = review.queue(full.store, "all")

    assert [one.changed_at_ms for one in listed] == sorted((one.changed_at_ms for one in listed), reverse=True)
    assert len(listed) == 22
    assert listed[1].conversation == "for Bo, Anna talked"


def test_when_somebody_else_asks_then_mine_is_theirs(full):
    assert full.names("mine", full.bo) == ["wanted, a person came", "for Bo, Anna talked", "for Bo"]


def nothing(_ward):
    """The conversation as it began."""


@pytest.mark.parametrize(
    ("name", "reply", "comes", "stays", "leaves"),
    [
        pytest.param("danger", "red", nothing, lambda ward: ward.take("c"), lambda ward: ward.read("c"), id="danger: read"),
        pytest.param(
            "danger", "red", lambda ward: ward.take("c"), lambda ward: ward.settle("c"), lambda ward: ward.release("c"),
            id="danger: given back by who talked, who has read it",
        ),
        pytest.param("waiting", PERSON, nothing, lambda ward: ward.read("c"), lambda ward: ward.take("c"), id="waiting: taken over"),
        pytest.param("waiting", PERSON, nothing, lambda ward: ward.read("c"), lambda ward: ward.settle("c"), id="waiting: done without a chat"),
        pytest.param(
            "waiting", ANSWER, lambda ward: ward.calls("c"), lambda ward: ward.thumb("c", "up"), lambda ward: ward.take("c"),
            id="waiting: who is to be called back",
        ),
        pytest.param("mine", PERSON, lambda ward: ward.take("c"), lambda ward: ward.read("c"), lambda ward: ward.release("c"), id="mine: given back"),
        pytest.param(
            "mine", ANSWER, lambda ward: ward.assign("c", ward.anna), lambda ward: ward.read("c"),
            lambda ward: ward.assign("c", ward.bo), id="mine: assigned to another",
        ),
        pytest.param(
            "mine", ANSWER, lambda ward: ward.assign("c", ward.anna), lambda ward: ward.take("c", ward.bo),
            lambda ward: ward.assign("c", None), id="mine: assigned to nobody; stays when a colleague talks",
        ),
        pytest.param("unanswered", MISSED, nothing, lambda ward: ward.take("c"), lambda ward: ward.read("c"), id="unanswered: read"),
        pytest.param(
            "disliked", ANSWER, lambda ward: ward.thumb("c", "down"), lambda ward: ward.says("c"), lambda ward: ward.read("c"),
            id="thumbs down: read",
        ),
        pytest.param(
            "disliked", ANSWER, lambda ward: ward.thumb("c", "down"), lambda ward: ward.thumb("c", "down"),
            lambda ward: ward.thumb("c", "up"), id="thumbs down: the patient thinks again",
        ),
        pytest.param("review", ANSWER, nothing, lambda ward: ward.take("c"), lambda ward: ward.read("c"), id="to review: read"),
        pytest.param(
            "review", PERSON, lambda ward: ward.read("c"), lambda ward: ward.assign("c", ward.bo), lambda ward: ward.settle("c"),
            id="to review: read, and nobody waits any more",
        ),
        pytest.param(
            "review", ANSWER, lambda ward: (ward.read("c"), ward.thumb("c", "down")), lambda ward: ward.assign("c", ward.bo),
            lambda ward: ward.read("c"), id="to review: a thumb down on what was read before",
        ),
    ],
)  # fmt: skip
def test_when_its_reason_is_over_then_a_conversation_leaves_the_queue_and_not_before(
    ward, name, reply, comes, stays, leaves
):
    ward.says("c", verdict="emergency" if reply == "red" else None, reply=ANSWER if reply == "red" else reply)
    comes(ward)
    assert ward.names(name) == ["c"]
    stays(ward)
    assert ward.names(name) == ["c"]

    leaves(ward)

    assert ward.names(name) == []


@pytest.mark.parametrize(
    ("reply", "name"), [pytest.param(RED, "danger", id="danger"), pytest.param(MISSED, "unanswered", id="no answer")]
)
def test_when_the_brain_answers_what_was_read_already_then_it_is_to_be_looked_at(ward, say, reply, name):
    seq = say("c", 1)
    review.reviewed(ward.store, "c", seq, now_ms=2)
    assert ward.names("review") == []

    (job,) = queue.claim(ward.store, Claim("door", 10**12), now_ms=3, at_most=1)
    queue.answer(ward.store, job, (reply,), now_ms=4, renewed=Claim("door", 10**12), outcome="answered")

    assert ward.names(name) == ward.names("review") == ["c"]
    ward.read("c")
    assert ward.names(name) == ward.names("review") == []


def test_when_what_was_read_is_marked_as_unread_then_every_reason_is_there_again(ward):
    ward.says("c", MISSED), ward.thumb("c", "down"), ward.says("c", verdict="emergency")
    ward.read("c")
    reasons = ("danger", "unanswered", "disliked", "review")
    assert [ward.names(name) for name in reasons] == [[], [], [], []]

    ward.unread("c")

    assert [ward.names(name) for name in reasons] == [["c"]] * 4


def test_when_only_one_of_two_thumbs_down_is_taken_back_then_the_other_stays_to_be_read(ward):
    ward.says("c"), ward.says("c")
    ward.thumb("c", "down", 3), ward.thumb("c", "down", 5)
    second = review.one(ward.store, "c").disliked_since_ms + 1000

    ward.thumb("c", "up", 3)

    assert review.one(ward.store, "c").disliked_since_ms == second


def test_when_a_number_is_left_while_a_person_talks_then_the_patient_waits_once_it_is_given_back(ward):
    ward.says("c"), ward.take("c"), ward.calls("c")
    assert ward.names("waiting") == []

    ward.release("c")

    assert ward.names("waiting") == ["c"]
