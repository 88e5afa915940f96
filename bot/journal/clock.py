"""The one place that asks what time it is, so that a test can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

AHEAD_MS = 120_000
"""Nothing here waits longer than this. A time further ahead was written before the clock was set back: it is over."""


class Clock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000


def iso(at_ms: int) -> str:
    """Writes a time as ISO 8601 in UTC with milliseconds, such as `2026-01-31T08:15:00.250Z`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
