"""Local days and hours in SQL, the same on both engines: a time plus the zone's offset, which is a few constants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, case, literal

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EARLIEST_MS = 1_577_836_800_000  # 2020, before there was any journal


def _offset_ms(zone: ZoneInfo, at_ms: int) -> int:
    offset = datetime.fromtimestamp(at_ms / 1000, zone).utcoffset()
    return int((offset or timedelta()).total_seconds()) * 1000


@lru_cache(maxsize=256)
def offsets(zone: str, from_ms: int, to_ms: int) -> tuple[tuple[int, int], ...]:
    """The zone's offsets in a stretch of time, in order.

    Returns:
        Until when (ms since 1970 UTC, not included) and the offset (ms); the last one holds for all that follows.
    """
    of = ZoneInfo(zone)
    found: list[tuple[int, int]] = []
    at_ms, offset = from_ms, _offset_ms(of, from_ms)
    while at_ms < to_ms:
        following = min(at_ms + DAY_MS, to_ms)
        changed = _offset_ms(of, following)
        if changed != offset:
            low, high = at_ms, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset_ms(of, middle) == offset else (low, middle)
            found.append((high, offset))
            offset = changed
        at_ms = following
    return (*found, (to_ms, offset))


def local_ms(at_ms: SQLColumnExpression[int], zone: str, from_ms: int | None, to_ms: int | None) -> ColumnElement[int]:
    """A column of times as the clock on the wall shows them: ms since 1970-01-01 00:00 on that clock.

    Args:
        at_ms: The column.
        zone: IANA zone.
        from_ms: No time before this is asked for; 2020 when None.
        to_ms: Nor after this; some days from now when None, so that the statement stays the same for a while.
    """
    start = EARLIEST_MS if from_ms is None else from_ms
    end = (int(datetime.now(UTC).timestamp() * 1000) // DAY_MS + 30) * DAY_MS if to_ms is None else to_ms
    *before, (_, last) = offsets(zone, start // DAY_MS * DAY_MS, max(end, start + 1))
    offset: Any = last
    if before:
        offset = case(*((at_ms < until, literal(offset)) for until, offset in before), else_=literal(last))
    local: ColumnElement[int] = at_ms + offset
    return local


def starts_ms(day: date, zone: str) -> int:
    """When a day begins in a zone."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000)


def day_of(at_ms: int, zone: str) -> date:
    """The day of a time in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()
