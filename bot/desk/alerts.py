"""Escalation: a wish for a person that nobody meets goes out by e-mail and webhook, and the patient is told.

It also gives a conversation back to the bot whose person went silent, so that nobody is met with silence.
"""

from __future__ import annotations

import asyncio
import logging

from bot.desk import texts
from bot.desk.commands import address
from bot.desk.context import MINUTE_MS, Desk
from bot.desk.notify import Alert, NotSent, channels
from bot.desk.shown import handle
from bot.errors import StoreError
from bot.journal import handoffs, sessions, talk
from bot.journal.clock import iso
from bot.journal.handoffs import Overdue

log = logging.getLogger(__name__)

TICK_S = 5.0
TIDY_EVERY = 720
"""Over sessions and tries are taken away every so many ticks: once an hour."""


class Alerts:
    """The worker of one desk; with several doors each alert is sent by one of them.

    Args:
        desk: Settings, journal, clock.

    Raises:
        SettingsError: A way for alerts is set by halves.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._channels = channels(desk.settings)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._loop(), name="alerts")

    async def stop(self) -> None:
        """Stops; an alert that was on its way is tried again by the next door."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        ticks = 0
        while True:
            try:
                await self.look()
                if ticks % TIDY_EVERY == 0:
                    await self._tidy()
            except StoreError as error:
                log.warning("%s", error)
            except Exception:
                log.exception("bot.desk: escalation met something unexpected; it goes on")
            ticks += 1
            await asyncio.sleep(TICK_S)

    async def _tidy(self) -> None:
        desk, now_ms = self._desk, self._desk.clock.now_ms()
        await desk.journal(lambda: sessions.tidy(desk.store, desk.limits, now_ms=now_ms))

    async def look(self) -> None:
        """Does what is due now."""
        await self._take_back()
        desk, given, now_ms = self._desk, self._desk.settings, self._desk.clock.now_ms()
        after_ms = {
            "person_now": given.handoff_alert_minutes * MINUTE_MS,
            "call_back": given.call_back_alert_minutes * MINUTE_MS,
        }
        before_ms = now_ms - min(after_ms.values())
        if not await desk.journal(lambda: handoffs.any_overdue(desk.store, before_ms=before_ms)):
            return
        again_ms = given.handoff_again_minutes * MINUTE_MS
        late = await desk.journal(
            lambda: handoffs.overdue(desk.store, now_ms=now_ms, after_ms=after_ms, again_ms=again_ms)
        )
        for one in late:
            await self._escalate(one)

    async def _escalate(self, one: Overdue) -> None:
        desk, now_ms = self._desk, self._desk.clock.now_ms()
        alert = Alert(
            handle=handle(one.conversation), kind=one.kind, waits_since=iso(one.asked_at_ms),
            waits_minutes=(now_ms - one.asked_at_ms) // MINUTE_MS, number=one.alerts,
            link=f"{address(desk.settings)}/desk/inbox/waiting/{one.conversation}",
        )  # fmt: skip
        sent = 0
        for channel in self._channels:
            try:
                await channel.send(alert)
                sent += 1
            except NotSent as error:
                log.error("bot.desk: an alert on a hand-off could not be sent: %s", error)
        if self._channels and not sent:
            await desk.journal(lambda: handoffs.failed(desk.store, one))
        words = texts.still_waiting(desk.settings, one, now_ms, told=bool(sent))
        if await desk.journal(lambda: handoffs.tell_patient(desk.store, one, words, now_ms=now_ms)):
            desk.ways.wake(one.conversation)

    async def _take_back(self) -> None:
        desk, now_ms = self._desk, self._desk.clock.now_ms()
        before_ms = now_ms - desk.settings.talk_idle_minutes * MINUTE_MS
        words = texts.left_alone(desk.settings)
        for conversation in await desk.journal(lambda: talk.left_alone(desk.store, before_ms)):

            def back(conversation: str = conversation) -> bool:
                return talk.take_back(desk.store, conversation, words, now_ms=now_ms, before_ms=before_ms)

            if await desk.journal(back):
                desk.ways.wake(conversation)
