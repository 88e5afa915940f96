"""What is still owed to whoever is refused: danger in the refused words is answered, whatever the refusal was."""

from __future__ import annotations

import logging
from collections import Counter

from fastapi import Request

from bot.door.context import Door
from bot.door.danger import typed_in
from bot.records import Reply
from bot.typed import for_brain

log = logging.getLogger(__name__)

SCREENED_CHARACTERS = 2_000
"""So much of a refused text is screened at least; no setting can make it less."""

MINUTE_MS = 60_000


class Refusals:
    """Counts refused posts by address, in whole minutes of the clock, so that what is kept ends with the minute.

    Args:
        most: How many one address may have in a minute.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def wait_s(self, address: str, now_ms: int) -> int:
        """Counts one; gives how long the address is to wait, 0 while it is within the limit."""
        minute, passed_ms = divmod(now_ms, MINUTE_MS)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        self._counts[address] += 1
        return 0 if self._counts[address] <= self._most else max(1, (MINUTE_MS - passed_ms) // 1000)


def danger_in(request: Request, door: Door) -> Reply | None:
    """The fixed text for danger in the words of a refused request; None when there is none.

    Nothing of the words is stored or logged.
    """
    most = max(SCREENED_CHARACTERS, door.settings.message_max_characters)
    try:
        words = for_brain(typed_in(getattr(request.state, "body", b"")))[:most]
        reply = door.danger(words).reply if words else None
    except Exception as error:  # the refusal must reach its reader even when the screen fails
        log.error("bot.door: a refused request could not be screened (%s)", type(error).__name__)
        return None
    if reply is not None:
        door.metrics.danger.labels(reply.safety).inc()
    return reply
