"""All that the routes of one door share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request

from bot.door.brain import Brain
from bot.door.danger import Danger
from bot.door.forward import Forwarder
from bot.door.live import Hub
from bot.door.metrics import Metrics
from bot.door.rates import PerMinute, Turns
from bot.door.signing import Signer
from bot.journal.clock import Clock
from bot.journal.sealing import Box
from bot.journal.store import CONNECTIONS, Store
from bot.redact import Redacted, SharedRedactor
from bot.redact.shared import WAIT_IN_DANGER_S, WAIT_S
from bot.settings import Settings

T = TypeVar("T")


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
    redactor: SharedRedactor
    box: Box
    # As many threads as connections: more would only wait for one another.
    _threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(CONNECTIONS))

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
        """Runs a step on the journal in a thread, so that the event loop never waits for a disk."""
        return await anyio.to_thread.run_sync(step, limiter=self._threads)


async def door_of(request: Request) -> Door:
    """The door that serves this request. Async, because FastAPI runs plain dependencies in a thread of their own."""
    door: Any = request.app.state.door
    assert isinstance(door, Door)
    return door
