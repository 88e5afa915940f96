"""Steps on the journal in threads of their own, so that the event loop never waits for a disk, and nobody for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.errors import StoreError

T = TypeVar("T")

WITHIN_S = 1.7
"""After this long whoever waits for the journal is told that it refuses; it says so sooner unless it hangs."""


class Threads:
    """A few threads for steps on the journal.

    Args:
        most: How many at the same time; more than there are connections would only wait for one another.
    """

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="journal")

    async def run(self, step: Callable[[], T], *, done: Callable[[T | None], None] | None = None) -> T:
        """Runs a step.

        Args:
            step: What to do; one that was not begun in time is not done at all.
            done: Called in the event loop when the step has ended, however late: with its result, or None when it
                failed or was not begun.

        Raises:
            StoreError: It took too long. What it does may still come about.
        """
        running = self._pool.submit(step)
        future = asyncio.wrap_future(running)

        def ended(of: asyncio.Future[T]) -> None:
            failed = of.cancelled() or of.exception() is not None
            if done is not None:
                done(None if failed else of.result())

        future.add_done_callback(ended)
        await asyncio.wait({future}, timeout=WITHIN_S)
        if future.done():
            return future.result()
        running.cancel()
        raise StoreError(f"bot.journal: no answer within {WITHIN_S:g} s; does the database hang? It is tried again")

    def close(self) -> None:
        """Begins nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
