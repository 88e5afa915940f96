"""The hand-off actions as rasa_sdk finds and runs them; only the clock is not real."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

import pytest

pytest.importorskip("rasa_sdk", reason="the brain's environment only")

from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions import call_back, contacts, person_now
from actions.said import Desk
from bot.settings import Settings

GIVEN = Settings(contact_phone="+13264500477", contact_email="care@hospital.example")
OPEN = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)  # Monday 11:00 in Shanghai, Sunday 22:00 in New York
CLOSED = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc)  # Sunday in Shanghai
HOURS = "Monday to Friday, 08:30 to 17:00 (Shanghai time)"
YOURS = "Sunday to Thursday, 19:30 to 04:00 the next day (New York time)"


def _run(action: type[Any], now: datetime, metadata: Any = None) -> dict[str, Any]:
    tracker = Tracker("c", {}, {"metadata": metadata} if metadata is not None else {}, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action(Desk(GIVEN, lambda: now)).run(dispatcher, tracker, {}))
    assert events == []
    (message,) = dispatcher.messages
    return message


ROWS = [
    (contacts.ActionContacts, OPEN, "contacts", False, "is open", ["/handoff_call_back", "/handoff_person_now"]),
    (contacts.ActionContacts, CLOSED, "contacts", False, "opens next on Monday at 08:30", ["/handoff_call_back"]),
    (call_back.ActionCallBack, OPEN, "call_back", True, "form below", []),
    (call_back.ActionCallBack, CLOSED, "call_back", True, "form below", []),
    (person_now.ActionPersonNow, OPEN, "person_now", False, "is open", ["/handoff_call_back"]),
    (person_now.ActionPersonNow, CLOSED, "person_now", True, "is closed", []),
]


@pytest.mark.parametrize(
    ("action", "now", "kind", "form", "words", "payloads"),
    ROWS,
    ids=[f"{row[0].__name__} {'open' if row[1] is OPEN else 'closed'}" for row in ROWS],
)
def test_when_a_person_is_asked_for_then_text_handoff_and_buttons_fit_the_hour(
    action: Any, now: datetime, kind: str, form: bool, words: str, payloads: list[str]
) -> None:
    message = _run(action, now, {"time_zone": "America/New_York"})

    assert words in message["text"]
    assert [button["payload"] for button in message["buttons"]] == payloads
    assert message["custom"] == {
        "label": "contact_human",
        "handoff": {
            "kind": kind,
            "phone": "+13264500477",
            "email": "care@hospital.example",
            "hours": f"{HOURS}; in your time: {YOURS}",
            "open_now": now is OPEN,
            "form": form,
        },
    }


def test_when_the_contacts_are_asked_for_then_the_text_holds_all_of_them() -> None:
    text = _run(contacts.ActionContacts, OPEN, {"time_zone": "America/New_York"})["text"]

    assert all(words in text for words in ("+13264500477", "care@hospital.example", HOURS, YOURS))


@pytest.mark.parametrize("metadata", [None, {}, {"time_zone": None}, {"time_zone": 5}, {"time_zone": "Mars/Base"}])
def test_when_the_patients_zone_is_not_known_then_the_hospitals_hours_stand_alone(metadata: Any) -> None:
    message = _run(contacts.ActionContacts, OPEN, metadata)

    assert message["custom"]["handoff"]["hours"] == HOURS
    assert "your time" not in message["text"]


def test_when_nobody_is_there_then_nobody_is_promised() -> None:
    assert "nobody can join this chat now" in _run(person_now.ActionPersonNow, CLOSED)["text"]
    assert "cannot promise" in _run(person_now.ActionPersonNow, OPEN)["text"]


def test_when_the_action_server_starts_then_it_finds_each_action_by_itself() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")

    assert set(executor.actions) == {"action_contacts", "action_call_back", "action_person_now"}


@pytest.mark.parametrize("outcomes", [contacts, call_back, person_now], ids=lambda module: module.__name__)
def test_when_an_outcome_is_possible_then_it_has_a_text(outcomes: Any) -> None:
    texts = Desk(GIVEN).answers.by_response

    assert set(outcomes.RESPONSES) == set(outcomes.Outcome)
    assert all(response in texts for response in outcomes.RESPONSES.values())
