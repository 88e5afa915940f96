"""Hours across zones. 2026-11-23 is a Monday; New York changes its clocks on 2026-11-01, Berlin on 2026-10-25."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.answer import contacts, hours
from bot.errors import SettingsError
from bot.settings import Settings

OFFICE = hours.parse("Mon-Fri 08:30-17:30, Sat 09:00-12:00", "Asia/Shanghai")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def _here(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-11-23T08:29:59", False),
        ("2026-11-23T08:30:00", True),
        ("2026-11-23T17:29:59", True),
        ("2026-11-23T17:30:00", False),
        ("2026-11-28T11:00:00", True),
        ("2026-11-28T12:00:00", False),
        ("2026-11-29T11:00:00", False),
    ],
)
def test_when_a_moment_is_given_then_open_or_closed(now: str, is_open: bool) -> None:
    assert OFFICE.is_open(_here(now)) is is_open
    assert OFFICE.is_open(_here(now).astimezone(ZoneInfo("America/New_York"))) is is_open


def test_when_the_office_works_over_midnight_then_it_is_open_on_both_sides() -> None:
    night = hours.parse("Sun 22:00-06:00", "Europe/Berlin")

    assert night.is_open(_here("2026-11-22T23:00", "Europe/Berlin"))
    assert night.is_open(_here("2026-11-23T05:59", "Europe/Berlin"))
    assert not night.is_open(_here("2026-11-23T06:00", "Europe/Berlin"))
    assert night.closes_at(_utc("2026-11-22T22:00")) == _here("2026-11-23T06:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-23T08:00", "2026-11-23T08:30"),
        ("2026-11-23T08:30", "2026-11-24T08:30"),
        ("2026-11-27T18:00", "2026-11-28T09:00"),
        ("2026-11-28T12:00", "2026-11-30T08:30"),
    ],
)
def test_when_it_is_closed_then_the_next_opening_is_known(now: str, opening: str) -> None:
    assert OFFICE.next_opening(_here(now)) == _here(opening)


def test_when_the_office_opens_once_a_week_then_a_week_later_is_found() -> None:
    weekly = hours.parse("Mon 09:00-10:00", "Asia/Shanghai")

    assert weekly.next_opening(_here("2026-11-23T09:00")) == _here("2026-11-30T09:00")


@pytest.mark.parametrize(
    ("now", "zone", "said"),
    [
        ("2026-11-23T00:00", "Asia/Shanghai", "Monday to Friday, 08:30 to 17:30; Saturday, 09:00 to 12:00"),
        ("2026-07-06T00:00", "Europe/Berlin", "Monday to Friday, 02:30 to 11:30; Saturday, 03:00 to 06:00"),
        ("2026-11-23T00:00", "Europe/Berlin", "Monday to Friday, 01:30 to 10:30; Saturday, 02:00 to 05:00"),
        (
            "2026-11-23T00:00",
            "America/New_York",
            "Sunday to Thursday, 19:30 to 04:30 the next day; Friday, 20:00 to 23:00",
        ),
        (
            "2026-07-06T00:00",
            "America/New_York",
            "Sunday to Thursday, 20:30 to 05:30 the next day; Friday, 21:00 to 24:00",
        ),
        ("2026-11-23T00:00", "Asia/Kathmandu", "Monday to Friday, 06:15 to 15:15; Saturday, 06:45 to 09:45"),
        ("2026-11-23T00:00", "Pacific/Auckland", "Monday to Friday, 13:30 to 22:30; Saturday, 14:00 to 17:00"),
    ],
)
def test_when_hours_are_said_then_in_the_zones_own_time(now: str, zone: str, said: str) -> None:
    assert OFFICE.said(_utc(now), ZoneInfo(zone)) == said


def test_when_the_clocks_change_within_the_week_then_each_day_has_its_own_time() -> None:
    office = hours.parse("Mon-Sun 09:00-17:00", "Asia/Shanghai")

    assert office.said(_utc("2026-10-22T00:00"), ZoneInfo("Europe/Berlin")) == (
        "Sunday to Wednesday, 02:00 to 10:00; Thursday to Saturday, 03:00 to 11:00"
    )


def test_when_the_hospitals_clock_changes_then_its_own_hours_stay() -> None:
    office = hours.parse("Sun-Mon 09:00-17:00", "Europe/Berlin")

    assert office.said(_utc("2026-10-24T00:00")) == "Sunday and Monday, 09:00 to 17:00"
    assert office.is_open(_utc("2026-10-25T08:00"))
    assert not office.is_open(_utc("2026-10-25T07:59"))


@pytest.mark.parametrize("now", ["2026-03-29T00:30", "2026-10-25T00:30"], ids=["spring", "autumn"])
def test_when_the_office_is_always_open_then_no_hour_of_a_clock_change_is_lost(now: str) -> None:
    office = hours.parse("Mon-Sun 00:00-24:00", "Europe/Berlin")

    assert office.said(_utc(now)) == "every day, at any hour"
    assert all(office.is_open(_utc(now) + timedelta(minutes=minutes)) for minutes in range(0, 24 * 60, 15))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "Mon-Fri",
        "Mon-Fri 8-17",
        "Mon-Fry 08:00-17:00",
        "Mon 25:00-26:00",
        "Mon 08:60-09:00",
        "Mon 09:00-09:00",
        "Mon 24:00-08:00",
        "Mon 08:00-09:00,",
    ],
)
def test_when_hours_cannot_be_read_then_the_key_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="MARROW_OFFICE_HOURS"):
        hours.parse(text, "Asia/Shanghai")


@pytest.mark.parametrize("name", [None, "", "Nowhere/Land", "Asia", "../../etc/passwd", "\x00", "America/New York"])
def test_when_a_browser_names_no_zone_then_the_hospitals_alone_is_said(name: str | None) -> None:
    given, now = Settings(), _utc("2026-11-23T00:00")

    assert hours.zone_or_none(name) is None
    assert contacts.hours_there(given, now, name) == ""
    assert (
        contacts.handoff("contacts", given, now, name, form=False)["hours"]
        == "Monday to Friday, 08:30 to 17:00 (Shanghai time)"
    )


def test_when_the_patients_clock_shows_the_same_then_it_is_said_once() -> None:
    assert contacts.hours_there(Settings(), _utc("2026-11-23T00:00"), "Asia/Singapore") == ""


def test_when_the_next_opening_is_another_day_for_the_patient_then_both_are_said() -> None:
    assert contacts.next_opening(Settings(), _utc("2026-11-22T03:00"), "America/New_York") == (
        "Monday at 08:30 (Shanghai time), in your time Sunday at 19:30"
    )


@pytest.mark.parametrize(
    ("given", "ways"),
    [
        (Settings(contact_phone="+1"), "call +1"),
        (Settings(contact_email="a@b.c"), "write to a@b.c"),
        (Settings(contact_phone="+1", contact_email="a@b.c"), "call +1 or write to a@b.c"),
        (Settings(), "use the contact page of our website"),
    ],
)
def test_when_contacts_are_set_then_the_ways_name_them(given: Settings, ways: str) -> None:
    assert contacts.ways(given) == ways
