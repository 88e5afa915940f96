"""The way to a person, and to help: contacts, a person now, a call back, danger. Through the real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.stack import Patient, Stack

pytestmark = pytest.mark.slow


def in_zone(stack: Stack, time_zone: str) -> Patient:
    patient = Patient(stack.address, time_zone=time_zone)
    patient.begin()
    return patient


def test_when_the_contacts_are_asked_for_then_they_come_with_hours_in_both_times(stack: Stack) -> None:
    patient = in_zone(stack, "Asia/Kolkata")

    (reply,) = patient.ask("What is your phone number and when are you open?")

    assert reply["answer"]["label"] == "contact_human"
    handoff = reply["handoff"]
    assert (handoff["kind"], handoff["phone"], handoff["email"]) == ("contacts", "+1 555 0100", "ask@hospital.example")
    assert all(part in reply["text"] for part in ("+1 555 0100", "ask@hospital.example"))
    # 08:30 in Shanghai (UTC+8) is 06:00 in Kolkata (UTC+5:30); neither has daylight saving
    assert all(part in handoff["hours"] for part in ("08:30", "17:00", "06:00", "14:30"))
    assert any("call me back" in button["label"].lower() for button in reply["buttons"])


def test_when_a_person_is_wanted_now_then_the_conversation_waits_for_one(patient: Patient, journal: Any) -> None:
    (reply,) = patient.ask("I want to talk to a real person right now")

    assert (reply["answer"]["label"], reply["handoff"]["kind"]) == ("contact_human", "person_now")
    assert "+1 555 0100" in reply["text"]
    conversation = patient.conversation.rsplit("/", 1)[1]
    assert journal.rows("SELECT waiting_kind FROM conversations WHERE id = ?", conversation) == [("person_now",)]


def test_when_a_call_back_is_wanted_then_the_form_is_shown_and_what_is_left_is_kept(
    patient: Patient, journal: Any
) -> None:
    (reply,) = patient.ask("please call me back")
    assert (reply["handoff"]["kind"], reply["handoff"]["form"]) == ("call_back", True)
    conversation = patient.conversation.rsplit("/", 1)[1]
    wanted = {"name": "Ann", "phone": "+49 30 123456", "note": "about cord blood", "time_zone": "Europe/Berlin"}

    refused = patient.client.post(f"{patient.conversation}/contact", json={**wanted, "consent": False})
    assert refused.status_code == 403
    query = "SELECT sealed, time_zone FROM contact_requests WHERE conversation_id = ?"
    assert journal.rows(query, conversation) == []

    kept = patient.client.post(f"{patient.conversation}/contact", json={**wanted, "consent": True})

    assert kept.status_code == 201
    ((sealed, time_zone),) = journal.rows(query, conversation)
    assert time_zone == "Europe/Berlin"
    assert "123456" not in sealed
    assert "Ann" not in sealed
    line = next(event for event in patient.events() if event["seq"] == kept.json()["seq"])
    assert "123456" not in json.dumps(line)


def test_when_danger_is_written_then_the_safety_text_comes_at_once_and_the_talk_goes_on(patient: Patient) -> None:
    patient.ask("What is CAR-T therapy?")

    (reply,) = patient.ask("My father has a fever of 39.5 and is confused since this morning")

    assert (reply["safety"], reply["answer"]["label"]) == ("emergency", "safety/emergency")
    assert "CAR-T or a transplant" in reply["text"]
    (after,) = patient.ask("how long does CAR-T take?")
    assert after["answer"]["label"] == "faq/cart_duration"


WIDGET_WORDS = sorted((Path(__file__).resolve().parents[2] / "bot/door/static/widget/lang").glob("*.json"))


@pytest.mark.parametrize("words", WIDGET_WORDS, ids=[file.stem for file in WIDGET_WORDS])
def test_when_the_widget_asks_for_a_person_in_another_language_then_it_is_understood(
    patient: Patient, words: Path
) -> None:
    (reply, *_) = patient.ask(json.loads(words.read_text(encoding="utf-8"))["ask_person"])

    assert reply["answer"]["label"] == "contact_human"
    assert reply["handoff"]["phone"] == "+1 555 0100"
