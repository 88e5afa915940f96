"""How patients reach a person: the words for it, and the hand-off that a reply carries for the widget."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from bot.answer import hours
from bot.settings import Settings

HandoffKind = Literal["contacts", "call_back", "person_now"]


def ways(settings: Settings) -> str:
    """What to do to reach a person, to stand inside a sentence: "call +1 ... or write to x@y.z"."""
    said = []
    if settings.contact_phone:
        said.append(f"call {settings.contact_phone}")
    if settings.contact_email:
        said.append(f"write to {settings.contact_email}")
    return " or ".join(said) or "use the contact page of our website"


def last_resort(settings: Settings) -> str:
    """What is said when no text of `domain.yml` can be."""
    return f"I am sorry, I cannot answer at the moment. To reach a person, please {ways(settings)}."


def office_hours(settings: Settings) -> hours.OfficeHours:
    """The enquiry line's hours.

    Raises:
        SettingsError: The setting cannot be read.
    """
    return hours.parse(settings.office_hours, settings.time_zone)


def hours_here(settings: Settings, now: datetime) -> str:
    """The hours in the hospital's zone: "Monday to Friday, 08:30 to 17:00 (Shanghai time)"."""
    office = office_hours(settings)
    return f"{office.said(now)} ({hours.zone_said(office.zone)})"


def hours_there(settings: Settings, now: datetime, time_zone: str | None) -> str:
    """The same hours in the patient's zone; empty when the zone is unknown or its clock shows the same."""
    office, zone = office_hours(settings), hours.zone_or_none(time_zone)
    if zone is None:
        return ""
    there = office.said(now, zone)
    return "" if there == office.said(now) else f"{there} ({hours.zone_said(zone)})"


def next_opening(settings: Settings, now: datetime, time_zone: str | None) -> str:
    """The next opening in both zones: "Monday at 08:30 (Shanghai time), in your time Sunday at 20:30"."""
    office, zone = office_hours(settings), hours.zone_or_none(time_zone)
    opening = office.next_opening(now)
    here = hours.moment_said(opening)
    said = f"{here} ({hours.zone_said(office.zone)})"
    there = hours.moment_said(opening.astimezone(zone)) if zone else here
    return said if zone is None or there == here else f"{said}, in your time {there}"


def handoff(
    kind: HandoffKind, settings: Settings, now: datetime, time_zone: str | None, *, form: bool
) -> dict[str, Any]:
    """The hand-off of a reply, as the door and the widget read it.

    Args:
        kind: `contacts` only shows them; `call_back` and `person_now` also make a person owe an answer.
        settings: Contacts, hours and the hospital's zone.
        now: The moment, with a zone.
        time_zone: The patient's IANA zone as the browser named it, or None.
        form: Whether the widget shows the form to leave a number or an address.

    Raises:
        SettingsError: The office hours cannot be read.
    """
    there = hours_there(settings, now, time_zone)
    return {
        "kind": kind,
        "phone": settings.contact_phone,
        "email": settings.contact_email,
        "hours": "; in your time: ".join(part for part in (hours_here(settings, now), there) if part),
        "open_now": office_hours(settings).is_open(now),
        "form": form,
    }
