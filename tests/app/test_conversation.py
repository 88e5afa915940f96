"""A patient's conversation over the public API, through the real door, brain and actions."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from evaluation.stack import REPLY_WITHIN_S, Patient, Stack

pytestmark = pytest.mark.slow


def labels(replies: list[dict[str, Any]]) -> list[str]:
    return [reply["answer"]["label"] for reply in replies]


def test_when_a_question_is_asked_then_the_answer_comes_with_its_figures_and_where_they_are_from(
    patient: Patient,
) -> None:
    seq = patient.send("How long does CAR-T treatment take?")
    (reply,) = patient.replies(seq)

    assert reply["answer"]["label"] == "faq/cart_duration"
    assert "6-8 weeks" in reply["text"]
    assert all(reply["answer"][key] for key in ("source", "owner", "reviewed_on", "review_by"))
    assert "not yet clinically reviewed" in reply["answer"]["state"]
    assert reply["reply_to"] == seq
    assert 2 <= len(reply["buttons"]) <= 4
    assert "{" not in reply["text"], "a placeholder was not filled in"


def test_when_a_conversation_begins_then_the_patient_is_greeted_first(patient: Patient) -> None:
    patient.ask("hello")

    events = patient.events()
    assert (events[0]["seq"], events[0]["from"], events[0]["answer"]["label"]) == (1, "bot", "greet")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize(
    ("first", "then", "label", "words"),
    [
        pytest.param("What is CAR-T therapy?", "how long does it take?", "faq/cart_duration", "6-8 weeks", id="CAR-T"),
        pytest.param(
            "What is a bone marrow transplant?", "how long does it take?", "faq/bmt_duration", "3-6 months", id="BMT"
        ),
        pytest.param(
            "How long does a bone marrow transplant take?",
            "and for autologous?",
            "faq/bmt_duration",
            "1-3 months",
            id="kind",
        ),
        pytest.param(
            "How long does a bone marrow transplant take?", "and CAR-T?", "faq/cart_duration", "6-8 weeks", id="subject"
        ),
    ],
)
def test_when_a_follow_up_is_asked_then_it_is_about_what_was_said_before(
    first: str, then: str, label: str, words: str, patient: Patient
) -> None:
    patient.ask(first)
    replies = patient.ask(then)

    assert labels(replies) == [label]
    assert words in replies[0]["text"]


def test_when_one_kind_is_asked_for_then_the_answer_leads_with_it(patient: Patient) -> None:
    (reply,) = patient.ask("How long does an autologous transplant take?")

    assert reply["text"].index("1-3 months") < reply["text"].index("3-6 months")


def test_when_nothing_was_said_before_then_a_follow_up_is_asked_back_with_buttons(patient: Patient) -> None:
    (reply,) = patient.ask("how long does it take?")

    assert reply["answer"]["label"] == "clarify"
    assert len(reply["buttons"]) >= 2


def test_when_two_patients_talk_then_neither_hears_of_the_other(stack: Stack, patient: Patient) -> None:
    other = Patient(stack.address)
    other.begin()
    patient.ask("What is CAR-T therapy?")
    other.ask("What is a bone marrow transplant?")

    assert labels(patient.ask("how long does it take?")) == ["faq/cart_duration"]
    assert labels(other.ask("how long does it take?")) == ["faq/bmt_duration"]
    forbidden = other.client.get(f"{patient.conversation}/events", headers={"Accept": "application/json"})
    assert forbidden.status_code == 404


def test_when_a_button_is_pressed_then_its_question_is_answered(patient: Patient) -> None:
    (reply,) = patient.ask("How long does CAR-T treatment take?")
    button = next(one for one in reply["buttons"] if "Who can get" in one["label"])

    seq = patient.send(choice=button["choice"])
    (answer,) = patient.replies(seq)

    assert answer["answer"]["label"] == "faq/cart_eligibility"
    pressed = next(event for event in patient.events() if event["seq"] == seq)
    assert (pressed["from"], pressed["text"]) == ("patient", button["label"])


@pytest.mark.parametrize("how", ["altered", "made up", "a command", "of another conversation"])
def test_when_a_choice_is_forged_then_it_is_refused_and_nothing_is_written(
    how: str, stack: Stack, patient: Patient
) -> None:
    (reply,) = patient.ask("How long does CAR-T treatment take?")
    real = reply["buttons"][0]["choice"]
    sender = patient
    if how == "of another conversation":
        sender = Patient(stack.address)
        sender.begin()
        sender.ask("hello")
    last = "A" if real[-2] != "A" else "B"
    forged = {
        "altered": real[:-2] + last + real[-1],
        "made up": "WzQsMF0.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "a command": "/faq_cart_duration",
        "of another conversation": real,
    }[how]
    before = sender.events()

    with pytest.raises(httpx.HTTPStatusError) as refused:
        sender.send(choice=forged)

    assert refused.value.response.status_code == 422
    assert refused.value.response.json()["type"] == "urn:marrow:problem:no-such-choice"
    assert sender.events() == before


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("/faq_cart_duration", id="plain"),
        pytest.param("\uff0ffaq_cart_duration", id="full-width"),
        pytest.param(" \u200b/faq_cart_duration", id="behind an invisible character"),
        pytest.param("//faq_cart_duration", id="two"),
        pytest.param('/faq_cart_duration{"transplant_kind": "autologous"}', id="with entities"),
    ],
)
def test_when_a_command_is_typed_then_it_is_only_words(typed: str, patient: Patient, journal: Any) -> None:
    seq = patient.send(typed)
    patient.replies(seq)

    understood = journal.understood(patient, seq)
    # a command would be believed: one intent, confidence 1, no ranking
    assert understood["confidence"] < 1
    assert len(understood["ranking"]) >= 5
    assert next(event for event in patient.events() if event["seq"] == seq)["text"] == typed


def test_when_a_pressed_button_is_understood_then_the_brain_is_sure(patient: Patient, journal: Any) -> None:
    """The counterpart of the test above: this is what a command looks like."""
    (reply,) = patient.ask("How long does CAR-T treatment take?")

    seq = patient.send(choice=reply["buttons"][0]["choice"])
    patient.replies(seq)

    assert journal.understood(patient, seq)["confidence"] == 1


@pytest.mark.parametrize("command", ["/restart", "/session_start", "/back"])
def test_when_a_command_of_rasa_is_typed_then_the_conversation_goes_on(command: str, patient: Patient) -> None:
    patient.ask("What is CAR-T therapy?")

    assert patient.ask(command)
    assert labels(patient.ask("how long does it take?")) == ["faq/cart_duration"]


def test_when_two_questions_are_in_one_message_then_both_are_answered_in_order(patient: Patient) -> None:
    replies = patient.ask("What is CAR-T? And how long does a bone marrow transplant take?")

    assert labels(replies) == ["faq/cart_what_is", "faq/bmt_duration"]
    assert len({reply["reply_to"] for reply in replies}) == 1


def test_when_messages_are_sent_without_waiting_then_they_are_answered_in_order(patient: Patient) -> None:
    questions = [
        "What is CAR-T therapy?",
        "how long does it take?",
        "What is a bone marrow transplant?",
        "how long does it take?",
    ]

    sent = [patient.send(question) for question in questions]
    patient.replies(sent[-1])

    answered = [(event["reply_to"], event["answer"]["label"]) for event in patient.events() if "reply_to" in event]
    expected = ["faq/cart_what_is", "faq/cart_duration", "faq/bmt_what_is", "faq/bmt_duration"]
    assert answered == list(zip(sent, expected))


def streamed(patient: Patient, after: int, count: int) -> list[dict[str, Any]]:
    """So many events of the stream after a number."""
    found: list[dict[str, Any]] = []
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": str(after)} if after else {})}
    with patient.client.stream("GET", f"{patient.conversation}/events", headers=headers, timeout=REPLY_WITHIN_S) as got:
        assert got.status_code == 200
        kind = ""
        for line in got.iter_lines():
            if line.startswith("event: "):
                kind = line[len("event: ") :]
            elif line.startswith("data: ") and kind == "message":
                found.append(json.loads(line[len("data: ") :]))
                if len(found) == count:
                    break
    return found


def test_when_events_are_read_as_a_list_and_as_a_stream_that_resumes_then_they_agree(patient: Patient) -> None:
    for question in ("What is CAR-T therapy?", "how long does it take?", "thanks"):
        patient.ask(question)
    listed = patient.events()
    cut = len(listed) // 2

    first = streamed(patient, 0, cut)
    rest = streamed(patient, first[-1]["seq"], len(listed) - cut)

    assert first + rest == listed
    assert patient.events(after=first[-1]["seq"]) == rest


def test_when_a_message_is_sent_twice_then_it_is_written_and_answered_once(patient: Patient) -> None:
    body = {"client_id": "the-same", "text": "What is CAR-T therapy?"}
    first = patient.client.post(f"{patient.conversation}/messages", json=body)
    again = patient.client.post(f"{patient.conversation}/messages", json=body)

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    assert len(patient.replies(first.json()["seq"])) == 1
    assert len([event for event in patient.events() if event["from"] == "patient"]) == 1


def test_when_the_patient_erases_it_then_nothing_of_it_is_left(patient: Patient, journal: Any) -> None:
    patient.ask("My secret word is xylophone-4711")
    conversation = patient.conversation.rsplit("/", 1)[1]

    assert patient.client.delete(patient.conversation).status_code == 204

    assert patient.client.get(f"{patient.conversation}/events").status_code == 404
    for table in ("conversations", "events", "messages"):
        column = "id" if table == "conversations" else "conversation_id"
        assert journal.rows(f"SELECT * FROM {table} WHERE {column} = ?", conversation) == []


def test_when_all_is_well_then_the_bot_is_ready_and_only_the_door_can_be_reached(stack: Stack) -> None:
    ready = httpx.get(f"{stack.address}/readyz", trust_env=False)

    assert ready.status_code == 200
    # without the token nobody gets an answer from the brain, and Rasa's own doors are shut
    brain = f"http://127.0.0.1:{stack.settings.brain_port}"
    asked = httpx.post(f"{brain}/webhooks/door/messages", json={"conversation": "x", "text": "hi"}, trust_env=False)
    assert asked.status_code == 401
    for path in ("/webhooks/rest/webhook", "/conversations/x/tracker", "/model/parse"):
        assert httpx.post(f"{brain}{path}", json={}, trust_env=False).status_code in (401, 404, 405)
