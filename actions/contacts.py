"""Gives the contacts: telephone, e-mail, and the office hours in the hospital's and in the patient's time."""

from __future__ import annotations

from enum import Enum
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.said import Desk


class Outcome(Enum):
    """How it ended."""

    OPEN = "office open"
    CLOSED = "office closed"


RESPONSES = {Outcome.OPEN: "utter_handoff_contacts_open", Outcome.CLOSED: "utter_handoff_contacts_closed"}


class ActionContacts(Action):
    """Answers "how do I reach a person"; offers a call back, and a person now while the office is open."""

    def __init__(self, desk: Desk | None = None) -> None:
        """Takes the hospital's desk; that of the process when None."""
        self._desk = desk or Desk()

    def name(self) -> str:
        """Its name in the domain."""
        return "action_contacts"

    def outcome(self) -> Outcome:
        """Whether the office is open now."""
        return Outcome.OPEN if self._desk.is_open() else Outcome.CLOSED

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Says the contacts."""
        self._desk.say(dispatcher, tracker, RESPONSES[self.outcome()], "contacts", form=False)
        return []
