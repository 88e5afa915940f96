"""What patients read when a person comes and goes, or does not come. Nothing here states anything medical."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.answer.contacts import next_opening, office_hours, ways
from bot.journal.handoffs import Overdue
from bot.settings import Settings

JOINED = "{name} from the hospital team is here now. You are talking to a person."
LEFT = "{name} has left the chat. I am Marrow, a program, and I can answer your questions again."


def left_alone(settings: Settings) -> str:
    """Said when the person who talked went silent; `{name}` is filled in where it is written down."""
    return (
        "{name} had to leave the chat. I am Marrow, a program, and I can answer your questions again. "
        f"We have asked the team for someone else. To reach a person now, {ways(settings)}."
    )


def still_waiting(settings: Settings, one: Overdue, now_ms: int, *, told: bool) -> str:
    """Said once to a patient for whom nobody has come in time.

    Args:
        settings: Contacts and hours.
        one: The hand-off.
        now_ms: The time.
        told: Whether the team was really told of it.
    """
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    asked = "We have told the team again. " if told else ""
    if one.kind == "call_back":
        return f"We have not been able to call you back yet. {asked}If you do not want to wait, {ways(settings)}."
    if office_hours(settings).is_open(now):
        return (
            f"I am sorry: nobody from the team could join yet. {asked}"
            f"You can wait here, or {ways(settings)}. You can also leave your number, and we call you back."
        )
    return (
        "I am sorry: nobody from the team could join, because the office is closed now. It opens "
        f"{next_opening(settings, now, one.time_zone)}. {asked}You can leave your number, and we call you back."
    )
