"""What is still owed to whoever is refused: danger in the refused words is answered, whatever the refusal was."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.door.danger import typed_in
from bot.door.rates import Turns
from bot.records import Reply
from bot.typed import for_brain

if TYPE_CHECKING:
    from bot.door.context import Door

log = logging.getLogger(__name__)

WINDOW_CHARACTERS = 4_000
"""So much is screened in one step. What screening takes grows faster than the text."""

OVERLAP_CHARACTERS = 300
"""Words at the edge of a step are seen by the next one too."""

SHORT_CHARACTERS = 300
"""So much is screened of what comes in a flood, where a turn would come too late."""


async def danger_in(body: bytes, address: str, turns: Turns, door: Door) -> Reply | None:
    """The fixed text for danger in the words of a refused request; None when there is none.

    Nothing of the words is stored or logged.

    Args:
        body: As far as it was read.
        address: Whom the request counts for.
        turns: Of screening, by address; one turn is a second of work.
        door: Its screen and counters.
    """
    try:
        words = for_brain(typed_in(body))
        reply = await _screened(words, address, turns, door)
    except Exception as error:  # the refusal must reach its reader even when the screen fails
        log.error("bot.door: a refused request could not be screened (%s)", type(error).__name__)
        return None
    return counted(reply, door)


def counted(reply: Reply | None, door: Door) -> Reply | None:
    """Counts danger that is answered with a refusal; gives it back."""
    if reply is not None:
        door.metrics.danger.labels(reply.safety).inc()
    return reply


async def _screened(words: str, address: str, turns: Turns, door: Door) -> Reply | None:
    for start in range(0, max(1, len(words) - OVERLAP_CHARACTERS), WINDOW_CHARACTERS - OVERLAP_CHARACTERS):
        part = words[start : start + WINDOW_CHARACTERS]
        if not part:
            return None
        in_time = await turns.come(address, weight=0)
        began_s = time.thread_time()
        reply = door.danger(part if in_time else part[:SHORT_CHARACTERS]).without_brain
        turns.owe(address, time.thread_time() - began_s)
        if reply is not None or not in_time:
            return reply
        await asyncio.sleep(0)  # others are served between two steps
    return None
