"""Asks for a person in this conversation now; out of hours it says so and offers a call back."""

from __future__ import annotations

from enum import Enum
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.said import Desk


class Outcome(Enum):
    """How it ended."""

    ASKED = "asked for in office hours"
    OUT_OF_HOURS = "out of hours"


RESPONSES = {Outcome.ASKED: "utter_handoff_person_now_open", Outcome.OUT_OF_HOURS: "utter_handoff_person_now_closed"}


class ActionPersonNow(Action):
    """Has the door mark the conversation as waiting for a person, at any hour."""

    def __init__(self, desk: Desk | None = None) -> None:
        """Takes the hospital's desk; that of the process when None."""
        self._desk = desk or Desk()

    def name(self) -> str:
        """Its name in the domain."""
        return "action_person_now"

    def outcome(self) -> Outcome:
        """Whether somebody can be asked at this hour."""
        return Outcome.ASKED if self._desk.is_open() else Outcome.OUT_OF_HOURS

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Says what happens next; out of hours the form for a call back is shown."""
        outcome = self.outcome()
        form = outcome is Outcome.OUT_OF_HOURS
        self._desk.say(dispatcher, tracker, RESPONSES[outcome], "person_now", form=form)
        return []
