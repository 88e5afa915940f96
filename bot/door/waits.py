"""The expected wait for a person, kept at hand: what the widget asks for first must never wait for the journal."""

from __future__ import annotations

import asyncio
import logging

from bot.errors import StoreError
from bot.journal import handoffs
from bot.journal.store import Store

log = logging.getLogger(__name__)

FRESH_MS = 10 * 60_000
"""How long a figure serves before the journal is asked again."""


class Waits:
    """Gives the last known wait at once, and has it looked up anew in the background when it is old.

    Args:
        store: The journal.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: int | None = None
        self._asked_ms: int | None = None
        self._looking: asyncio.Task[None] | None = None

    def expected_min(self, now_ms: int) -> int | None:
        """Whole minutes; None while nothing is known. Called from the event loop."""
        if self._asked_ms is None or not 0 <= now_ms - self._asked_ms < FRESH_MS:
            self._asked_ms = now_ms
            self._looking = asyncio.create_task(self._look(now_ms), name="waits")
        return self._known

    async def _look(self, now_ms: int) -> None:
        try:
            self._known = await asyncio.to_thread(handoffs.expected_wait_min, self._store, now_ms=now_ms)
        except StoreError as error:
            log.warning("%s", error)  # the old figure serves until the next look
