"""A person takes a conversation over and gives it back; two cannot take the same one, and the bot stays silent.

Longer than 300 lines because every order in which two people and a bot can act is tried.
"""

from __future__ import annotations

import threading

import pytest

from bot.boot.made_secrets import made
from bot.journal import (
    audit,
    contacts,
    conversations,
    handoffs,
    inbox,
    marks,
    queue,
    reading,
    review,
    staff,
    talk,
    timeline,
    wishes,
)
from bot.journal.rows import Claim, ConversationGone, NoSuchLine
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.records import Reply

BOX = Box(made()["MARROW_CONTACT_KEY"])
GREETING = Reply("hello", "greet")
RED = Reply("call now", "safety/emergency", safety="emergency")
PERSON = Reply("I am asking a person.", "contact_human", handoff={"kind": "person_now"})
MINE = Claim("door", 10**12)


@pytest.fixture
def anna(store):
    return person(store, "Anna")


@pytest.fixture
def bo(store):
    return person(store, "Bo")


def person(store, name):
    return staff.add(
        store, email=f"{name}@x.example", name=name, role="agent", now_ms=1, actor="operator", invite=name,
        invite_until_ms=9,
    )  # fmt: skip


def begin(store, name="c", now_ms=1):
    conversations.begin(store, name, now_ms=now_ms, expires_at_ms=10**13, language="en", time_zone=None, claim=None)


def say(store, words, now_ms, name="c", red=False, doubted=False):
    message = inbox.Incoming(
        f"{words}{now_ms}", "text", words, words, RED if red else None, "check" if doubted else "emergency" if red else None,
        rule="fever", without_brain=RED if red or doubted else None,
    )  # fmt: skip
    return inbox.record(store, name, message, now_ms=now_ms, messages_per_minute=10**6, greeting=GREETING).seq


def answer(store, now_ms, *replies):
    (job,) = queue.claim(store, MINE, now_ms=now_ms, at_most=1)
    return queue.answer(store, job, replies, now_ms=now_ms, renewed=MINE, outcome="answered", understood={"label": "x"})


def senders(store):
    return [line.sender for line in timeline.after(store, "c", 0)]


def test_when_a_conversation_is_taken_over_then_the_bot_gets_nothing_of_it_any_more(store, anna):
    begin(store), say(store, "before", 2)

    assert talk.take(store, "c", anna, "{name} is here", now_ms=3) is True

    say(store, "during", 4)
    assert queue.claim(store, MINE, now_ms=5, at_most=9) == []
    assert queue.waiting_count(store) == 0
    last = timeline.after(store, "c", 0)[2]
    assert (last.sender, last.text, last.body["presence"], last.body["staff"]) == (
        "system", "Anna is here", "joined", {"name": "Anna"},
    )  # fmt: skip


def test_when_the_brain_is_at_work_while_a_person_comes_then_its_answer_is_dropped(store, anna):
    begin(store), say(store, "before", 2)
    (job,) = queue.claim(store, MINE, now_ms=3, at_most=1)

    talk.take(store, "c", anna, "{name} is here", now_ms=4)
    written = queue.answer(
        store, job, (Reply("too late", "faq/cart_duration"),), now_ms=5, renewed=MINE, outcome="answered"
    ).written

    assert written is False
    assert senders(store) == ["bot", "patient", "system"]
    assert queue.overdue(store, 10**9) == []


@pytest.mark.parametrize("seen", ["red", "doubted"])
def test_when_danger_is_written_to_a_person_then_it_is_answered_at_once_all_the_same(store, anna, seen):
    begin(store), talk.take(store, "c", anna, "{name} is here", now_ms=3)

    say(store, "words", 4, **{seen: True})

    assert senders(store)[-2:] == ["patient", "bot"]
    assert [one.conversation for one in review.queue(store, "danger")] == ["c"]


def test_when_doubted_danger_is_written_to_the_bot_then_it_waits_for_the_brain(store):
    begin(store)

    say(store, "words", 4, doubted=True)

    assert senders(store)[-1] == "patient"
    assert [job.verdict for job in queue.claim(store, MINE, now_ms=5, at_most=9)] == ["check"]


def test_when_a_person_gives_it_back_then_the_bot_answers_what_comes_next(store, anna):
    begin(store), say(store, "before", 2)
    talk.take(store, "c", anna, "{name} is here", now_ms=3)
    say(store, "during", 4)
    talk.say(store, "c", anna, "hello", "one", now_ms=5)

    talk.release(store, "c", anna, "{name} left", now_ms=6)

    assert queue.claim(store, MINE, now_ms=7, at_most=9) == []
    say(store, "after", 8)
    assert [job.sent for job in queue.claim(store, MINE, now_ms=9, at_most=9)] == ["after"]
    listed = review.one(store, "c")
    assert (listed.taken_by, listed.assigned_to) == (None, None)
    assert [line.body.get("presence") for line in timeline.after(store, "c", 0) if line.sender == "system"] == [
        "joined", "left",
    ]  # fmt: skip


def test_when_two_take_the_same_one_then_one_gets_it(store, anna, bo):
    begin(store), say(store, "hello", 2)
    got, refused, barrier = [], [], threading.Barrier(2)

    def take(one):
        own = Store(store.url.render_as_string(hide_password=False))
        barrier.wait()
        try:
            talk.take(own, "c", one, "{name} is here", now_ms=3)
            got.append(one.name)
        except talk.Taken as error:
            refused.append(str(error))
        finally:
            own.close()

    threads = [threading.Thread(target=take, args=(one,)) for one in (anna, bo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == len(refused) == 1
    assert got[0] in refused[0]
    assert senders(store).count("system") == 1


def test_when_it_is_taken_twice_by_the_same_person_then_nothing_is_said_again(store, anna):
    begin(store), talk.take(store, "c", anna, "{name} is here", now_ms=3)

    assert talk.take(store, "c", anna, "{name} is here", now_ms=4) is False
    assert senders(store) == ["system"]


@pytest.mark.parametrize("taken", [False, True], ids=["nobody", "a colleague"])
def test_when_it_is_not_mine_then_i_cannot_write_or_give_it_back(store, anna, bo, taken):
    begin(store)
    if taken:
        talk.take(store, "c", bo, "{name} is here", now_ms=2)

    with pytest.raises(talk.NotTaken, match="Bo" if taken else "first"):
        talk.say(store, "c", anna, "hello", "one", now_ms=3)
    with pytest.raises(talk.NotTaken):
        talk.release(store, "c", anna, "{name} left", now_ms=4)


def test_when_a_line_of_staff_is_sent_twice_then_it_is_written_once(store, anna):
    begin(store), talk.take(store, "c", anna, "{name} is here", now_ms=2)

    assert talk.say(store, "c", anna, "hi", "one", now_ms=3) == talk.say(store, "c", anna, "hi", "one", now_ms=4)
    assert senders(store).count("staff") == 1


def test_when_there_is_no_such_conversation_then_it_is_said(store, anna):
    for step in (
        lambda: talk.take(store, "x", anna, "", now_ms=2),
        lambda: talk.settle(store, "x", anna, now_ms=2),
        lambda: marks.note(store, "x", anna, "n", now_ms=2),
        lambda: reading.look(store, "x", account=anna, now_ms=2, at_most=9, audited=True),
    ):
        with pytest.raises(ConversationGone):
            step()
    assert [row.action for row in audit.newest(store)] == ["staff_add"]


def test_when_a_person_goes_silent_then_it_goes_back_to_the_bot_and_waits_for_somebody_else(store, anna):
    begin(store), talk.take(store, "c", anna, "{name} is here", now_ms=100)
    talk.say(store, "c", anna, "hello", "one", now_ms=150)
    say(store, "are you there?", 200)

    assert talk.left_alone(store, 199) == []
    assert talk.left_alone(store, 200) == ["c"]
    assert talk.take_back(store, "c", "{name} had to go", now_ms=300, before_ms=200) is True
    assert talk.take_back(store, "c", "{name} had to go", now_ms=301, before_ms=200) is False

    listed = review.one(store, "c")
    assert (listed.taken_by, listed.waiting_kind, listed.waiting_since_ms) == (None, "person_now", 300)
    assert timeline.after(store, "c", 0)[-1].text == "Anna had to go"
    say(store, "then you", 301)
    assert [job.sent for job in queue.claim(store, MINE, now_ms=302, at_most=9)] == ["then you"]


def test_when_the_person_has_answered_then_it_is_not_taken_back(store, anna):
    begin(store), talk.take(store, "c", anna, "{name} is here", now_ms=100)
    say(store, "are you there?", 200)
    talk.say(store, "c", anna, "yes", "one", now_ms=201)

    assert talk.left_alone(store, 10**6) == []


def test_when_somebody_just_came_then_words_from_before_do_not_count_against_them(store, anna):
    begin(store), say(store, "hello?", 2)
    talk.take(store, "c", anna, "{name} is here", now_ms=100)

    assert talk.left_alone(store, 10**6) == []


def test_when_the_browser_got_the_lines_then_it_is_noted_only_while_somebody_talks(store, anna):
    begin(store), say(store, "hello", 2)
    assert talk.delivered(store, "c", 2, now_ms=3) is False
    talk.take(store, "c", anna, "{name} is here", now_ms=4)
    assert [talk.delivered(store, "c", 3, now_ms=5), talk.delivered(store, "c", 2, now_ms=6)] == [True, False]


def wants(store, name, now_ms):
    begin(store, name, now_ms), say(store, f"person {name}", now_ms, name)
    for job in queue.claim(store, MINE, now_ms=now_ms, at_most=9):
        queue.answer(store, job, (PERSON,), now_ms=now_ms, renewed=MINE, outcome="answered")


def test_when_recent_waits_are_known_then_the_next_one_is_expected_like_them(store, anna):
    assert handoffs.expected_wait_ms(store, now_ms=0) is None
    for number, wait_ms in enumerate((60_000, 90_000, 120_000, 600_000, 700_000)):
        wants(store, f"n{number}", 1000)
        talk.take(store, f"n{number}", anna, "", now_ms=1000 + wait_ms)
    assert handoffs.expected_wait_ms(store, now_ms=700_000) == 120_000
    assert handoffs.expected_wait_min(store, now_ms=700_000) == 2

    # two who wait for longer than that say that it has become worse
    wants(store, "n8", 1000), wants(store, "n9", 1000)
    assert handoffs.expected_wait_ms(store, now_ms=2_000_000) == 600_000
    assert handoffs.expected_wait_ms(store, now_ms=handoffs.RECENT_MS + 10**7) is None


def late(store, now_ms):
    found = handoffs.overdue(store, now_ms=now_ms, after_ms={"person_now": 1000, "call_back": 5000}, again_ms=9000)
    return [(one.conversation, one.kind, one.alerts) for one in found]


def test_when_nobody_comes_then_it_is_escalated_once_and_once_again_and_never_by_two_doors(store, anna):
    wants(store, "c", 100)

    assert late(store, 1099) == []
    assert late(store, 1100) == [("c", "person_now", 1)]
    assert late(store, 1101) == []
    assert late(store, 10_099) == []
    assert late(store, 10_100) == [("c", "person_now", 2)]
    assert late(store, 10**9) == []


def test_when_an_alert_could_not_be_sent_then_it_is_tried_again_after_a_while(store):
    wants(store, "c", 100)
    (one,) = handoffs.overdue(store, now_ms=1100, after_ms={"person_now": 1000}, again_ms=900_000)

    handoffs.failed(store, one)

    assert handoffs.overdue(store, now_ms=1200, after_ms={"person_now": 1000}, again_ms=900_000) == []
    again = handoffs.overdue(store, now_ms=1100 + handoffs.LEASE_MS, after_ms={"person_now": 1000}, again_ms=900_000)
    assert [found.alerts for found in again] == [1]


@pytest.mark.parametrize("end", ["take", "settle", "erase"])
def test_when_somebody_came_or_it_was_settled_then_nothing_is_escalated(store, anna, end):
    wants(store, "c", 100)
    match end:
        case "take":
            talk.take(store, "c", anna, "", now_ms=200)
        case "settle":
            assert talk.settle(store, "c", anna, now_ms=200) is True
            assert talk.settle(store, "c", anna, now_ms=201) is False
        case "erase":
            conversations.erase(store, "c", now_ms=200)

    assert late(store, 10**9) == []
    assert review.queue(store, "waiting") == []


def test_when_a_number_was_left_and_then_a_person_is_wanted_then_there_is_one_wish_the_more_urgent(store, anna):
    begin(store, "c", 100)
    reachable = wishes.Reachable("Ann", "555 0100", None, None, None)
    wishes.leave_contact(store, BOX, "c", reachable, "noted", now_ms=101, per_minute=9)
    say(store, "person", 102), answer(store, 103, PERSON)

    seen = reading.look(store, "c", account=anna, now_ms=200, at_most=99, audited=False)
    assert [(one.kind, one.asked_at_ms) for one in seen.handoffs] == [("person_now", 101)]
    (left,) = contacts.of(store, BOX, "c", now_ms=201, actor=anna.actor)
    assert (left.name, left.phone) == ("Ann", "555 0100")
    newest = audit.newest(store)[0]
    assert (newest.action, newest.actor) == ("read_contact", anna.actor)


def test_when_a_patient_is_told_that_it_takes_longer_then_once(store, anna):
    wants(store, "c", 100)
    (one,) = handoffs.overdue(store, now_ms=2000, after_ms={"person_now": 1000}, again_ms=9000)

    assert handoffs.tell_patient(store, one, "not yet", now_ms=2001) is True
    assert handoffs.tell_patient(store, one, "not yet", now_ms=2002) is False
    assert timeline.after(store, "c", 0)[-1].text == "not yet"


def test_when_staff_add_to_a_conversation_then_it_is_shown_and_each_step_is_in_the_audit(store, anna, bo):
    begin(store), say(store, "how long?", 2), answer(store, 3, GREETING)
    marks.tag(store, "c", anna, "visa", True, now_ms=4), marks.tag(store, "c", anna, "visa", True, now_ms=4)
    marks.tag(store, "c", anna, "cost", True, now_ms=5), marks.tag(store, "c", anna, "cost", False, now_ms=6)
    marks.note(store, "c", anna, "call her sister", now_ms=7)
    marks.flag(store, "c", bo, 2, now_ms=8)
    marks.assign(store, "c", anna, bo.id, now_ms=9)

    seen = reading.look(store, "c", account=bo, now_ms=10, at_most=99, audited=True)

    assert (seen.tags, [note.text for note in seen.notes], seen.flags) == (["visa"], ["call her sister"], {2: "Bo"})
    assert seen.row.assigned_to == bo.id
    with pytest.raises(NoSuchLine):
        marks.unnote(store, "c", bo, seen.notes[0].id, now_ms=11)
    marks.unnote(store, "c", anna, seen.notes[0].id, now_ms=12), marks.flag(store, "c", bo, 2, now_ms=13)
    after = reading.look(store, "c", account=bo, now_ms=14, at_most=99, audited=False)
    assert (after.notes, after.flags) == ([], {})
    assert [row.action for row in reversed(audit.newest(store))] == [
        "staff_add", "staff_add", "tag", "tag", "tag", "untag", "note", "flag", "assign", "view", "unnote", "flag",
    ]  # fmt: skip
    assert audit.verify(store).faults == ()


def test_when_a_line_or_colleague_is_not_there_then_nothing_is_added(store, anna):
    begin(store)
    for step in (
        lambda: marks.flag(store, "c", anna, 99, now_ms=4),
        lambda: marks.assign(store, "c", anna, 99, now_ms=4),
    ):
        with pytest.raises(NoSuchLine):
            step()


def test_when_a_conversation_is_erased_then_all_that_staff_added_goes_with_it(store, anna):
    wants(store, "c", 100)
    talk.take(store, "c", anna, "", now_ms=101)
    marks.note(store, "c", anna, "secret words", now_ms=102), marks.tag(store, "c", anna, "tagged", True, now_ms=103)
    marks.flag(store, "c", anna, 2, now_ms=104)

    conversations.erase(store, "c", now_ms=105)

    with store.read() as connection:
        for table in ("notes", "conversation_tags", "flags", "handoffs", "teachings"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0, table
