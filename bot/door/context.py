"""All that the routes of one door share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
from fastapi import Request

from bot.door.brain import Brain
from bot.door.danger import Danger
from bot.door.forward import Forwarder
from bot.door.live import Hub
from bot.door.metrics import Metrics
from bot.door.rates import PerMinute, Turns
from bot.door.signing import Signer
from bot.door.threads import Threads
from bot.door.waits import Waits
from bot.journal.clock import Clock
from bot.journal.rows import Claim, Job
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.redact import Redacted, SharedRedactor
from bot.redact.shared import WAIT_IN_DANGER_S, WAIT_S
from bot.settings import Settings

T = TypeVar("T")

THREADS = 8
"""Requests that are at the journal at the same time; the forwarder has threads of its own."""


@dataclass(frozen=True)
class Door:
    """One door's parts; `create_app` makes it and hangs it on the app's state as `door`."""

    settings: Settings
    clock: Clock
    danger: Danger
    store: Store
    signer: Signer
    brain: Brain
    hub: Hub
    metrics: Metrics
    beginnings: PerMinute
    turns: Turns
    characters: Turns
    forwarder: Forwarder
    waits: Waits
    redactor: SharedRedactor
    box: Box
    _threads: Threads = field(default_factory=lambda: Threads(THREADS))

    # Danger has a thread of its own, so that it does not stand in a queue.
    _urgent: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(4))
    # One at a time: the model is no faster with two threads, and everything else of the door would wait for both.
    _one: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))

    async def redact(self, text: str, *, danger: bool = False) -> Redacted:
        """Hides secrets, in a thread, so that the event loop never waits for it. Never raises.

        Args:
            text: As typed.
            danger: The text tells of danger: then it waits for nothing for long, and is withheld sooner.
        """

        def redact() -> Redacted:
            return self.redactor.redact(text, wait_s=WAIT_IN_DANGER_S if danger else WAIT_S)

        redacted = await anyio.to_thread.run_sync(redact, limiter=self._urgent if danger else self._one)
        for kind in redacted.hidden:
            self.metrics.hidden.labels(kind).inc()
        if redacted.withheld:
            self.metrics.withheld.inc()
        return redacted

    async def journal(self, step: Callable[[], T]) -> T:
        """Runs a step on the journal.

        Raises:
            StoreError: The journal refuses, or takes too long.
        """
        return await self._threads.run(step)

    async def journal_claimed(self, step: Callable[[Claim | None], T], job_of: Callable[[T], Job | None]) -> T:
        """Runs a step that writes a message down, claims it while this door has room, and forwards it.

        Args:
            step: Gets the claim, or None without room.
            job_of: What of its result is to be forwarded. That is done even when the step ends after the requester
                was told to try again.

        Raises:
            StoreError: The journal refuses, or takes too long.
        """
        claim = self.forwarder.reserve()  # given back by `done`, whatever happens

        def done(result: T | None) -> None:
            self.forwarder.take(claim, None if result is None else job_of(result))

        return await self._threads.run(lambda: step(claim), done=done)

    def close(self) -> None:
        """Lets go of the threads."""
        self._threads.close()


async def door_of(request: Request) -> Door:
    """The door that serves this request. Async, because FastAPI runs plain dependencies in a thread of their own."""
    door: Any = request.app.state.door
    assert isinstance(door, Door)
    return door
