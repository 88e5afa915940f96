"""The door keeps to the retention of the settings by itself, once a day."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict

from bot.door.context import Door
from bot.errors import MarrowError
from bot.journal import contacts, retention

log = logging.getLogger(__name__)

FIRST_AFTER_S = 60.0
"""How long after the start it is done first, so that it does not slow the start down."""

EVERY_S = 24 * 3600.0
AGAIN_AFTER_S = 600.0
"""When it is tried again after the journal refused."""


async def keep_to_retention(door: Door, *, first_after_s: float = FIRST_AFTER_S) -> None:
    """Erases what is too old, once a day, until it is cancelled. Never raises: a failure is tried again."""
    wait_s = first_after_s
    while True:
        await asyncio.sleep(wait_s)
        try:
            erased = await door.journal(lambda: retention.retain(door.store, door.settings, now_ms=door.clock.now_ms()))
            await door.journal(lambda: contacts.renew(door.store, door.box))
            log.info("bot.door: retention erased %s", asdict(erased))
            wait_s = EVERY_S
        except MarrowError as error:
            log.error("bot.door: retention: %s", error)
            wait_s = AGAIN_AFTER_S
        except Exception as error:
            log.error("bot.door: retention failed (%s); it is tried again", type(error).__name__)
            wait_s = AGAIN_AFTER_S
