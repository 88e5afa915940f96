"""Lets the patient leave a telephone number or an e-mail address. The door keeps it, never the brain."""

from __future__ import annotations

from enum import Enum
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.said import Desk


class Outcome(Enum):
    """How it ended."""

    FORM_SHOWN = "form shown"


RESPONSES = {Outcome.FORM_SHOWN: "utter_handoff_call_back"}


class ActionCallBack(Action):
    """Shows the form for a call back; a wish may be left at any hour."""

    def __init__(self, desk: Desk | None = None) -> None:
        """Takes the hospital's desk; that of the process when None."""
        self._desk = desk or Desk()

    def name(self) -> str:
        """Its name in the domain."""
        return "action_call_back"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Says how to use the form, and has it shown."""
        self._desk.say(dispatcher, tracker, RESPONSES[Outcome.FORM_SHOWN], "call_back", form=True)
        return []
