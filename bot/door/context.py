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
from bot.door.signing import Signer
from bot.door.waits import Waits
from bot.journal.clock import Clock
from bot.journal.store import CONNECTIONS, Store
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
    forwarder: Forwarder
    waits: Waits
    # As many threads as connections: more would only wait for one another.
    _threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(CONNECTIONS))

    async def journal(self, step: Callable[[], T]) -> T:
        """Runs a step on the journal in a thread, so that the event loop never waits for a disk."""
        return await anyio.to_thread.run_sync(step, limiter=self._threads)


async def door_of(request: Request) -> Door:
    """The door that serves this request. Async, because FastAPI runs plain dependencies in a thread of their own."""
    door: Any = request.app.state.door
    assert isinstance(door, Door)
    return door
