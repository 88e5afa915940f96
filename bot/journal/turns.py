"""A lock whose waiters get it in the order in which they came; `threading.Lock` lets the newest overtake."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """One at a time, first come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self, timeout_s: float) -> bool:
        """Waits for a turn; `release` must follow when it came.

        Returns:
            False when none came within `timeout_s` seconds.
        """
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout_s):
            return True
        with self._guard:
            if mine not in self._waiting:
                return True  # it came at the last moment
            self._waiting.remove(mine)
            return False

    def release(self) -> None:
        """Ends the turn; the one who waited longest has the next."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
