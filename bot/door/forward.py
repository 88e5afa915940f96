"""Takes what waits in the journal to the brain, one message of a conversation at a time, and writes the replies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from bot.door import texts
from bot.door.brain import Brain
from bot.door.danger import Danger
from bot.door.live import Hub
from bot.door.metrics import Metrics
from bot.door.threads import Threads
from bot.errors import BrainError, StoreError
from bot.journal import queue
from bot.journal.clock import Clock
from bot.journal.rows import Claim, Job
from bot.journal.store import Store
from bot.records import BrainTurn, Reply
from bot.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")

TICK_S = 0.25
"""How often the journal is looked at without being woken: back-offs, other doors' ended leases, holding lines."""

LEASE_MARGIN_MS = 7_000
"""How much longer than the brain's time-out a claim lasts: two waits for the journal, and some."""

SHORT_TIMEOUT_MS = 2_500
"""How long the brain is waited for where something can be said without it: a greeting, or a text for danger."""

LONGEST_BACKOFF_MS = 8_000
STORE_PAUSE_S = 0.5
THREADS = 4


class Forwarder:
    """The worker of one door.

    Args:
        settings: Time-outs, attempts, how many at once.
        store: The journal.
        clock: The time.
        brain: Whom to ask.
        hub: Whom to tell.
        metrics: What to count.
        owner: This door's name in claims; the same after a restart.
        danger: The screen; what it leaves to the brain is danger when the brain says nothing.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        brain: Brain,
        hub: Hub,
        metrics: Metrics,
        owner: str,
        danger: Danger,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._brain = brain
        self._hub = hub
        self._metrics = metrics
        self.owner = owner
        self._danger = danger
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = Threads(THREADS)
        self._reserved = 0
        self._refused = 0
        self._backlog = False
        self._running = False
        self._wake = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to forward."""
        self._running = True
        self._loop_task = asyncio.create_task(self._loop(), name="forwarder")

    async def stop(self) -> None:
        """Stops at once; what was in flight is let go, so that the next door takes it up without waiting."""
        self._running = False
        tasks = [*self._tasks, *([self._loop_task] if self._loop_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._threads.run(lambda: queue.release_own(self._store, self.owner))
        except StoreError as error:
            log.warning("%s", error)
        self._threads.close()

    def reserve(self) -> Claim | None:
        """Holds room for one message that is about to be written; None when there is none. `take` must follow."""
        if not self._running or self._backlog or self._free() <= 0:
            self._backlog = True
            return None
        self._reserved += 1
        return self._claim()

    def take(self, reserved: Claim | None, job: Job | None) -> None:
        """Gives the room back, and forwards the message that was claimed for it."""
        if reserved is not None:
            self._reserved -= 1
        if job is not None and self._running:
            self._spawn(job)
        else:
            self._wake.set()

    def _free(self) -> int:
        return self._settings.brain_parallel - len(self._tasks) - self._reserved

    def _claim(self) -> Claim:
        return Claim(self.owner, self._clock.now_ms() + self._settings.brain_timeout_ms + LEASE_MARGIN_MS)

    def _spawn(self, job: Job) -> None:
        task = asyncio.create_task(self._handle(job))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._backlog:
            self._wake.set()

    async def _loop(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._claim_due()
                await self._say_holding()
                await self._end_trouble()
            except StoreError as error:
                self._meet_trouble(error)
                await asyncio.sleep(STORE_PAUSE_S)
            except Exception:
                log.exception("bot.door: the forwarder met something unexpected; it goes on")
                await asyncio.sleep(STORE_PAUSE_S)
            try:
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _meet_trouble(self, error: StoreError) -> None:
        # Neither answers nor holding lines can be written: whoever waits hears it from the stream alone.
        self._metrics.store_failures.inc()
        log.error("%s", error)
        self._hub.trouble(True)

    async def _end_trouble(self) -> None:
        if self._hub.troubled and not self._refused:
            await self._threads.run(self._store.check)
            self._hub.trouble(False)

    async def _claim_due(self) -> None:
        room = self._free()
        if room <= 0:
            return
        self._reserved += room
        jobs: list[Job] = []
        try:
            now_ms = self._clock.now_ms()
            if await self._threads.run(lambda: queue.due(self._store, now_ms)):
                claim = self._claim()
                jobs = await self._threads.run(lambda: queue.claim(self._store, claim, now_ms=now_ms, at_most=room))
            self._backlog = len(jobs) == room
        finally:
            self._reserved -= room
        for job in jobs:
            self._spawn(job)

    async def _say_holding(self) -> None:
        before_ms = self._clock.now_ms() - self._settings.holding_after_ms
        for conversation in await self._threads.run(lambda: queue.overdue(self._store, before_ms)):
            if await self._threads.run(partial(self._hold, conversation, before_ms)):
                self._hub.wake(conversation)

    def _hold(self, conversation: str, before_ms: int) -> bool:
        now_ms = self._clock.now_ms()
        greeting = texts.greeting(self._settings)
        return queue.hold(self._store, conversation, texts.HOLDING, greeting, now_ms=now_ms, before_ms=before_ms)

    async def _handle(self, job: Job | None) -> None:
        while job is not None:
            self._hub.typing(job.conversation, True)
            conversation = job.conversation
            try:
                job = await self._once(job)
            finally:
                if job is None:
                    self._hub.typing(conversation, False)

    async def _once(self, job: Job) -> Job | None:
        """Handles one message; gives the conversation's next one, still claimed."""
        danger = None
        try:
            danger = self._without_brain(job)
            short = job.kind == "greeting" or danger is not None
            timeout_ms = min(SHORT_TIMEOUT_MS, self._settings.brain_timeout_ms) if short else None
            with self._metrics.brain_seconds.time():
                turn = await self._brain.ask(job, timeout_ms=timeout_ms)
            return await self._write(job, turn, "greeting" if job.kind == "greeting" else "answered")
        except BrainError as error:
            log.warning("%s", error)
        except Exception:
            # A reply that cannot be stored must not be tried for ever: it counts as an attempt in vain.
            log.exception("bot.door: a reply could not be taken; the message is tried again")
        self._metrics.brain_failures.inc()
        try:
            return await self._failed(job, danger)
        except Exception:
            log.exception("bot.door: a message could not be put back; its lease ends by itself and it is tried again")
            return None

    def _without_brain(self, job: Job) -> Reply | None:
        """The text for danger that the screen leaves to the brain, for when the brain says nothing."""
        return self._danger(job.sent).without_brain if job.kind == "text" and job.verdict == "check" else None

    async def _failed(self, job: Job, danger: Reply | None) -> Job | None:
        if job.kind == "greeting":
            return await self._write(job, BrainTurn((texts.greeting(self._settings),)), "greeting", memory=False)
        if danger is not None:
            self._metrics.danger.labels(danger.safety).inc()
            return await self._write(job, BrainTurn((danger,)), "safety", memory=False)
        if job.attempts + 1 >= self._settings.brain_attempts:
            reply = texts.fallback(self._settings, self._clock.now_ms(), job.time_zone)
            return await self._write(job, BrainTurn((reply,)), "fallback", memory=False)
        pause_ms = min(self._settings.brain_backoff_ms * 2**job.attempts, LONGEST_BACKOFF_MS)
        retry_at_ms = self._clock.now_ms() + pause_ms
        await self._persist(job, lambda: queue.postpone(self._store, job, retry_at_ms=retry_at_ms))
        asyncio.get_running_loop().call_later(pause_ms / 1000, self._wake.set)
        return None

    async def _write(self, job: Job, turn: BrainTurn, outcome: str, *, memory: bool = True) -> Job | None:
        now_ms = self._clock.now_ms()
        replies = tuple(texts.with_contacts(reply, self._settings, now_ms, job.time_zone) for reply in turn.replies)
        # the rules left it open, or the brain's model did where the rules saw nothing
        if "check" in (job.verdict, (turn.understood.get("screen") or {}).get("verdict")):
            replies = texts.with_line(replies, self._settings)
        answered = await self._persist(
            job,
            lambda: queue.answer(
                self._store,
                job,
                replies,
                now_ms=self._clock.now_ms(),
                renewed=self._claim(),
                outcome=outcome,
                understood=turn.understood if memory else None,
                state=turn.state if memory else None,
            ),
        )
        if answered is None:
            return None
        if answered.written:
            self._metrics.answered.labels(outcome).inc()
            self._metrics.reply_seconds.observe(max(0, self._clock.now_ms() - job.received_at_ms) / 1000)
            self._hub.wake(job.conversation)
        return answered.next

    async def _persist(self, job: Job, step: Callable[[], T]) -> T | None:
        """Writes, and while the journal refuses tries again for as long as the claim holds."""
        refused = False
        try:
            while True:
                try:
                    return await self._threads.run(step)
                except StoreError as error:
                    self._refused += not refused
                    refused = True
                    self._meet_trouble(error)
                if self._clock.now_ms() >= job.claim.until_ms:
                    return None
                await asyncio.sleep(STORE_PAUSE_S)
        finally:
            self._refused -= refused
