"""Office hours: parsed from the setting, asked for a moment, and said in the hospital's and in the patient's zone.

Every comparison is made in UTC and every wall-clock time is computed for its own date, so daylight saving on either
side and hours that cross midnight on the way to another zone come out right. The clock is always passed in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import SettingsError

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = {day[:3].lower(): number for number, day in enumerate(DAYS)}
_PART = re.compile(
    r"(?P<first>[A-Za-z]{3})(?:\s*[-\u2013]\s*(?P<last>[A-Za-z]{3}))?\s+"
    r"(?P<from>\d{1,2}:\d{2})\s*[-\u2013]\s*(?P<to>\d{1,2}:\d{2})"
)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Span:
    """One stretch of opening: it begins on `weekday` (0 is Monday) at `start_minute` and ends `minutes` later."""

    weekday: int
    start_minute: int
    minutes: int


@dataclass(frozen=True)
class OfficeHours:
    """The weekly hours of an office in its own time zone."""

    spans: tuple[Span, ...]
    zone: ZoneInfo

    def is_open(self, now: datetime) -> bool:
        """Whether the office is staffed at `now` (a time with a zone)."""
        return self.closes_at(now) is not None

    def closes_at(self, now: datetime) -> datetime | None:
        """When the stretch that `now` lies in ends, in the office's zone; None when it is closed."""
        moment = now.astimezone(timezone.utc)
        ends = [end for start, end in self._occurrences(now, -2, 1) if start <= moment < end]
        return max(ends).astimezone(self.zone) if ends else None

    def next_opening(self, now: datetime) -> datetime:
        """When the office opens next after `now`, in its own zone, also when it is open at the moment."""
        moment = now.astimezone(timezone.utc)
        return min(start for start, _ in self._occurrences(now, -1, 9) if start > moment).astimezone(self.zone)

    def said(self, now: datetime, zone: ZoneInfo | None = None) -> str:
        """The hours of the seven days from `now`, in words: "Monday to Friday, 08:30 to 17:00".

        Args:
            now: The moment from which a week is looked at; its daylight saving is what is said.
            zone: In whose wall-clock time; the office's own when None.
        """
        if {(span.weekday, span.start_minute, span.minutes) for span in self.spans} == {
            (day, 0, _DAY_MINUTES) for day in range(7)
        }:
            return "every day, at any hour"
        zone = zone or self.zone
        days_of: dict[tuple[time, time, int], set[int]] = {}
        for start, end in self._occurrences(now, 0, 7):
            here, until = start.astimezone(zone), end.astimezone(zone)
            hours = (here.time(), until.time(), (until.date() - here.date()).days)
            days_of.setdefault(hours, set()).add(here.weekday())
        ordered = sorted(days_of.items(), key=lambda item: (min(item[1]), item[0]))
        return "; ".join(f"{_days_said(days)}, {_hours_said(*hours)}" for hours, days in ordered)

    def _occurrences(self, now: datetime, first_day: int, end_day: int) -> list[tuple[datetime, datetime]]:
        """Starts and ends in UTC of the stretches on the office's days `first_day` to before `end_day` from today."""
        today = now.astimezone(self.zone).date()
        found = []
        for offset in range(first_day, end_day):
            day = today + timedelta(days=offset)
            for span in self.spans:
                if span.weekday == day.weekday():
                    found.append((self._at(day, span.start_minute), self._at(day, span.start_minute + span.minutes)))
        return sorted(found)

    def _at(self, day: date, minute: int) -> datetime:
        wall = datetime.combine(day, time()) + timedelta(minutes=minute)
        return wall.replace(tzinfo=self.zone).astimezone(timezone.utc)


def parse(text: str, zone: str) -> OfficeHours:
    """Reads hours such as "Mon-Fri 08:30-17:30, Sat 09:00-12:00".

    An end before the start is on the next day ("22:00-06:00"); 24:00 is allowed as an end.

    Raises:
        SettingsError: A part cannot be read; the message names the key and the part.
    """
    spans: set[Span] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        days = [match[name].lower() for name in ("first", "last") if match[name]] if match else []
        if match is None or any(day not in _SHORT for day in days):
            raise _unusable(part)
        start, end = _minute(match["from"], part), _minute(match["to"], part)
        if start in (end, _DAY_MINUTES):
            raise _unusable(part)
        first, last = _SHORT[days[0]], _SHORT[days[-1]]
        for step in range((last - first) % 7 + 1):
            spans.add(Span((first + step) % 7, start, (end - start) % _DAY_MINUTES or _DAY_MINUTES))
    return OfficeHours(tuple(sorted(spans, key=lambda span: (span.weekday, span.start_minute))), ZoneInfo(zone))


def zone_or_none(name: str | None) -> ZoneInfo | None:
    """The zone that a browser named, or None when it named none that exists: it is never trusted to be right."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones, such as "Asia"
        return None


def zone_said(zone: ZoneInfo) -> str:
    """A zone as people name it: `Asia/Ho_Chi_Minh` -> "Ho Chi Minh time"; `UTC` stays."""
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return f"{place} time" if "/" in zone.key and not zone.key.startswith("Etc/") else place


def moment_said(moment: datetime) -> str:
    """A moment within the coming week, in its own zone: "Monday at 08:30"."""
    return f"{DAYS[moment.weekday()]} at {moment:%H:%M}"


def _minute(text: str, part: str) -> int:
    hour, minute = (int(number) for number in text.split(":"))
    if minute > 59 or hour * 60 + minute > _DAY_MINUTES:
        raise _unusable(part)
    return hour * 60 + minute


def _unusable(part: str) -> SettingsError:
    return SettingsError(
        f"MARROW_OFFICE_HOURS: cannot read {part.strip()!r}; write days and times such as 'Mon-Fri 08:30-17:00', "
        "several separated by commas"
    )


def _hours_said(start: time, end: time, later_days: int) -> str:
    if end == time() and later_days == 1:
        return f"{start:%H:%M} to 24:00"
    return f"{start:%H:%M} to {end:%H:%M}" + (" the next day" if later_days else "")


def _days_said(days: set[int]) -> str:
    """Weekdays as runs, also over the end of the week: {6, 0, 1} -> "Sunday to Tuesday"."""
    if len(days) == 7:
        return "every day"
    said = []
    for day in sorted(days):
        if (day - 1) % 7 in days:
            continue
        length = next(step for step in range(1, 8) if (day + step) % 7 not in days)
        last = DAYS[(day + length - 1) % 7]
        said.append(DAYS[day] if length == 1 else f"{DAYS[day]} {'to' if length > 2 else 'and'} {last}")
    return ", ".join(said)
