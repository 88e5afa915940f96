"""How much of the door one address or one conversation may use."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

MINUTE_MS = 60_000
_REMEMBERED = 10_000

REQUESTS_AT_ONCE = 40
"""Requests of one conversation that may come together before `requests_per_second` counts."""

REQUEST_WAITS_S = 10
"""How long a request of a flooded conversation waits for its turn before it is refused, in seconds."""


class PerMinute:
    """Counts by key, in whole minutes of the clock, so that what is kept ends with the minute.

    Args:
        most: How many one key may have in a minute.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def wait_s(self, key: str, now_ms: int) -> int:
        """Counts one; gives how long the key is to wait, 0 while it is within the limit."""
        minute, passed_ms = divmod(now_ms, MINUTE_MS)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        self._counts[key] += 1
        return 0 if self._counts[key] <= self.most else max(1, (MINUTE_MS - passed_ms) // 1000)


class Turns:
    """Lets each key through so often a second; what comes faster waits its turn, and is refused when that is too long.

    Screening a long text takes milliseconds of the one thread that serves everybody. So a flood must not be looked at
    as fast as it comes, and yet danger in it must be.

    Args:
        per_second: How often, in the long run.
        at_once: How many may come together before that counts.
        wait_most_s: Longest wait.
        now_s: The time; for tests.
    """

    def __init__(
        self, per_second: float, at_once: float, wait_most_s: float, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second = per_second
        self._gap_s = 1 / per_second
        self._ahead_s = at_once * self._gap_s
        self._wait_most_s = wait_most_s
        self._now_s = now_s
        self._booked_s: dict[str, float] = {}

    def book(self, key: str, weight: float = 1) -> float | None:
        """Takes the next turn; gives how long to wait for it in seconds, None when that would be too long.

        Args:
            key: Whose turn.
            weight: How many turns it counts for.
        """
        now_s = self._now_s()
        booked_s = max(now_s, self._booked_s.get(key, 0.0)) + weight * self._gap_s
        wait_s = max(0.0, booked_s - now_s - self._ahead_s)
        if wait_s > self._wait_most_s:
            return None
        if len(self._booked_s) > _REMEMBERED:
            self._booked_s = {key: until_s for key, until_s in self._booked_s.items() if until_s > now_s}
        self._booked_s[key] = booked_s
        return wait_s

    def wait_s(self, key: str) -> float:
        """How long to wait until a turn is free, in seconds; 0 when one is. Takes none."""
        now_s = self._now_s()
        return max(0.0, self._booked_s.get(key, 0.0) - now_s - self._ahead_s)

    def owe(self, key: str, weight: float) -> None:
        """Counts what a turn has cost, when that is known only afterwards."""
        self._booked_s[key] = max(self._now_s(), self._booked_s.get(key, 0.0)) + weight * self._gap_s

    async def come(self, key: str, weight: float = 1) -> bool:
        """Waits for the next turn; False when it is too far away."""
        wait_s = self.book(key, weight)
        if wait_s is None:
            return False
        if wait_s:
            await asyncio.sleep(wait_s)
        return True
