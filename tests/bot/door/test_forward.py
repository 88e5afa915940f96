"""Forwarding: in order, one at a time, again when it fails, honest when it cannot, danger without the brain."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import pytest


def answers(patient):
    return [event for event in patient.events() if event["from"] == "bot" and "reply_to" in event]


def test_when_many_messages_come_then_they_are_answered_in_order_one_at_a_time(patient, brain, brain_turn):
    def slow(body):
        time.sleep(0.02)
        return brain_turn(f"answer to {body['text']}")

    brain.answer = slow
    seqs = [patient.say(f"message {number}").json()["seq"] for number in range(12)]
    patient.answer_to(seqs[-1])
    assert brain.texts() == [f"message {number}" for number in range(12)]
    assert brain.most_in_flight == 1
    assert [event["reply_to"] for event in answers(patient)] == seqs
    assert [event["seq"] for event in patient.events()] == list(range(1, 26))


def test_when_an_answer_comes_then_its_memory_goes_with_the_next_message(patient, brain):
    patient.answer_to(patient.say("first").json()["seq"])
    patient.answer_to(patient.say("second").json()["seq"])
    states = {body["text"]: body["state"] for body in brain.asked if "text" in body}
    assert states == {"first": {}, "second": {"last": "answer to first"}}


def test_when_many_conversations_write_then_they_run_beside_each_other_up_to_the_setting(doors, brain, brain_turn):
    served = doors.start(brain_parallel=3)
    patients = [served.begin().greeted() for _ in range(6)]
    gate = threading.Event()
    brain.most_at_once = 0

    def gated(body):
        gate.wait(20)
        return brain_turn("late")

    brain.answer = gated
    seqs = [patient.say("hello").json()["seq"] for patient in patients]
    ends = time.monotonic() + 20
    while sum(brain.in_flight.values()) < 3:
        assert time.monotonic() < ends
        time.sleep(0.02)
    time.sleep(0.5)
    assert brain.most_at_once == 3
    gate.set()
    for patient, seq in zip(patients, seqs, strict=True):
        patient.answer_to(seq)


def test_when_the_brain_gives_several_replies_then_each_is_a_line_to_the_same_message(patient, brain):
    brain.answer = lambda body: {
        "replies": [{"text": "one", "label": "faq/cart_duration"}, {"text": "two", "label": "faq/bmt_duration"}],
        "understood": {},
        "state": {},
    }
    seq = patient.say("how long, both?").json()["seq"]
    patient.wait(lambda events: len(events) == 4)
    assert [(event["text"], event["reply_to"]) for event in answers(patient)] == [("one", seq), ("two", seq)]


@pytest.mark.parametrize(
    "broken",
    [[], {}, {"replies": [], "understood": {}, "state": {}}, b"<html>", b"", {"replies": [{"label": "x"}]}],
    ids=["empty list", "empty", "no replies", "no JSON", "nothing", "no text"],
)
def test_when_the_brain_gives_nothing_usable_then_it_is_asked_again(patient, brain, brain_turn, broken):
    results = iter([broken, broken])
    brain.answer = lambda body: next(results, brain_turn("at last"))
    seq = patient.say("hello").json()["seq"]
    assert patient.answer_to(seq)["text"] == "at last"
    assert len(brain.texts()) == 3
    assert len(answers(patient)) == 1


def test_when_attempts_are_used_up_then_the_text_is_honest_with_contacts(doors, brain):
    served = doors.start(brain_attempts=2)
    patient = served.begin().greeted()
    brain.status = 500
    seq = patient.say("hello").json()["seq"]
    answer = patient.answer_to(seq)
    assert answer["answer"] == {"label": "fallback"}
    assert "+1 555 0100" in answer["text"]
    assert "ask@hospital.example" in answer["text"]
    contacts = {"kind": "contacts", "phone": "+1 555 0100", "email": "ask@hospital.example", "form": True}
    assert answer["handoff"].items() >= contacts.items()
    assert len(brain.texts()) == 2
    brain.status = 200
    assert patient.answer_to(patient.say("again").json()["seq"])["text"] == "answer to again"
    assert [body["state"] for body in brain.asked if body.get("text") == "again"] == [{}]


def test_when_the_brain_is_down_for_a_while_then_the_messages_wait_and_keep_their_order(doors, brain):
    served = doors.start(brain_attempts=50)
    patient = served.begin().greeted()
    brain.stop()
    seqs = [patient.say(f"message {number}").json()["seq"] for number in range(3)]
    time.sleep(0.5)
    assert answers(patient) == []
    brain.start()
    patient.answer_to(seqs[-1])
    assert [event["reply_to"] for event in answers(patient)] == seqs


def test_when_the_brain_hangs_then_it_is_given_up_and_asked_again(doors, brain, brain_turn):
    served = doors.start(brain_timeout_ms=1500)
    patient = served.begin().greeted()
    calls, gate = [], threading.Event()

    def hangs_once(body):
        calls.append(body)
        if len(calls) == 1:
            gate.wait(10)
        return brain_turn(f"call {len(calls)}")

    brain.answer = hangs_once
    assert patient.answer_to(patient.say("hello").json()["seq"])["text"] == "call 2"
    gate.set()
    time.sleep(0.5)
    assert len(answers(patient)) == 1


def test_when_the_brain_is_slow_then_one_holding_line_comes_before_the_answer(doors, brain, brain_turn):
    served = doors.start(holding_after_ms=300)
    patient = served.begin().greeted()
    gate = threading.Event()

    def gated(body):
        gate.wait(20)
        return brain_turn("late")

    brain.answer = gated
    seqs = [patient.say(text).json()["seq"] for text in ("a", "b")]
    held = [event for event in patient.wait(lambda events: len(events) == 4) if event["from"] == "system"]
    assert [event["reply_to"] for event in held] == [seqs[0]]
    assert "safe" in held[0]["text"]
    time.sleep(0.7)
    gate.set()
    patient.answer_to(seqs[1])
    assert sum(event["from"] == "system" for event in patient.events()) == 1


def test_when_the_brain_is_dead_then_danger_is_answered_at_once_and_the_brain_never_asked(doors, brain):
    brain.stop()
    served = doors.start()
    patient = served.begin()
    seq = patient.say("I am bleeding").json()["seq"]
    events = patient.events()
    assert [event["from"] for event in events] == ["bot", "patient", "bot"]
    assert events[2]["safety"] == "emergency"
    assert events[2]["reply_to"] == seq
    assert events[2]["answer"] == {"label": "safety/emergency"}
    time.sleep(0.3)
    brain.start()
    assert brain.texts() == []
    assert len(patient.events()) == 3


def test_when_the_brain_does_not_greet_then_the_fixed_greeting_comes(doors, brain):
    brain.stop()
    patient = doors.start().begin()
    (greeting,) = patient.wait(bool)
    assert "Test hospital" in greeting["text"]
    assert greeting["answer"] == {"label": "greet"}
    brain.start()


def test_when_a_message_comes_before_the_greeting_then_the_greeting_is_still_first_and_only_one(doors, brain):
    served = doors.start()
    served.door.forwarder.reserve = lambda: None
    patient = served.begin()
    seq = patient.say("hello").json()["seq"]
    patient.answer_to(seq)
    events = patient.events()
    assert [event["from"] for event in events] == ["bot", "patient", "bot"]
    assert "reply_to" not in events[0]
    assert events[2]["reply_to"] == seq


@pytest.mark.parametrize("kind", ["person_now", "call_back"])
def test_when_a_person_is_asked_for_then_the_conversation_waits_for_one(served, patient, brain, brain_turn, kind):
    brain.answer = lambda body: brain_turn("a person will come", label="contact_human", handoff={"kind": kind})
    answer = patient.answer_to(patient.say("a person please").json()["seq"])
    assert answer["handoff"]["kind"] == kind
    assert answer["handoff"]["phone"] == "+1 555 0100"
    with served.door.store.read() as connection:
        row = connection.exec_driver_sql("SELECT waiting_kind, waiting_since_ms FROM conversations").one()
    assert row.waiting_kind == kind
    assert row.waiting_since_ms > 0


def test_when_a_conversation_is_erased_while_the_brain_thinks_then_nothing_comes_back(
    served, patient, brain, brain_turn
):
    gate = threading.Event()

    def gated(body):
        gate.wait(20)
        return brain_turn("too late")

    brain.answer = gated
    patient.say("hello")
    served.http.delete(patient.path, headers=patient.headers)
    gate.set()
    other = served.begin().greeted()
    brain.answer = lambda body: brain_turn("fine")
    assert other.answer_to(other.say("hello").json()["seq"])["text"] == "fine"
    with served.door.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 1


def test_when_the_store_refuses_an_answer_then_it_is_written_when_the_store_is_back_and_once(
    patient, brain, brain_turn, locked
):
    with ExitStack() as held:
        asked = threading.Event()

        def blocks(body):
            if not asked.is_set():
                held.enter_context(locked())
                asked.set()
            return brain_turn("kept")

        brain.answer = blocks
        seq = patient.say("hello").json()["seq"]
        assert asked.wait(20)
        time.sleep(1.5)
        assert [event["from"] for event in patient.events()] == ["bot", "patient"]
        assert patient.say("and more").status_code == 503
    assert patient.answer_to(seq)["text"] == "kept"
    assert brain.texts() == ["hello"]
    assert len(answers(patient)) == 1
