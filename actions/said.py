"""What the hand-off actions share: the text from `domain.yml` and the hand-off that goes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.answer import catalogue, contacts, labels, placeholders
from bot.settings import ROOT, Settings, settings


def _now() -> datetime:
    return datetime.now(timezone.utc)


@lru_cache(maxsize=1)
def _catalogue() -> catalogue.Catalogue:
    return catalogue.load(ROOT)


@dataclass(frozen=True)
class Desk:
    """What an action needs to know of the hospital's desk.

    Attributes:
        given: Contacts, office hours and time zone.
        clock: Tells the time, with a zone.
        answers: The catalogue with the texts.
    """

    given: Settings = field(default_factory=settings)
    clock: Callable[[], datetime] = _now
    answers: catalogue.Catalogue = field(default_factory=_catalogue)

    def is_open(self) -> bool:
        """Whether the office is staffed at this moment.

        Raises:
            SettingsError: The office hours cannot be read.
        """
        return contacts.office_hours(self.given).is_open(self.clock())

    def say(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        response: str,
        kind: contacts.HandoffKind,
        *,
        form: bool,
    ) -> None:
        """Says a text of `domain.yml` with its buttons and the hand-off for the door and the widget.

        Args:
            dispatcher: Takes the message.
            tracker: Its latest message names the patient's time zone.
            response: The response whose text is said.
            kind: The kind of hand-off.
            form: Whether the widget shows the form to leave a number or an address.

        Raises:
            AnswerError: There is no such response; the brain then gives the contacts itself.
        """
        now, zone = self.clock(), time_zone(tracker)
        known = placeholders.values(self.given, self.answers.facts, now, zone)
        text = self.answers.text(response, known)
        buttons = self.answers.by_response[response].variations[0].buttons
        dispatcher.utter_message(
            text=text,
            buttons=[{"title": button.label, "payload": button.payload} for button in buttons],
            json_message={
                "handoff": contacts.handoff(kind, self.given, now, zone, form=form),
                "label": labels.CONTACT,
            },
        )


def time_zone(tracker: Tracker) -> str | None:
    """The patient's IANA zone as the door passed it on with the message, or None."""
    metadata: Any = tracker.latest_message.get("metadata") or {}
    zone = metadata.get("time_zone")
    return zone if isinstance(zone, str) else None
