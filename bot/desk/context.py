"""All that the pages of the desk share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from starlette.requests import Request

from bot.desk.vault import Vault
from bot.journal.clock import Clock
from bot.journal.local import day_of
from bot.journal.sealing import Box
from bot.journal.sessions import Limits
from bot.journal.store import Store
from bot.settings import Settings

T = TypeVar("T")
MINUTE_MS = 60_000


class Ways(Protocol):
    """What the desk needs of the door's live events (`bot.door.live.Hub`)."""

    closed: bool

    def wake(self, conversation: str) -> None:
        """Says that a conversation has new lines."""

    def watch(self, told: Callable[[str], None]) -> None:
        """Lets somebody be told of each conversation in which something happened."""

    def staff_typing(self, conversation: str, name: str | None) -> None:
        """Says to the patient's page that a member of staff is writing, or no longer."""

    def patient_typing(self, conversation: str) -> bool:
        """Whether the patient is writing."""


class Journal(Protocol):
    """Runs a step on the journal in a thread (`bot.door.context.Door.journal`)."""

    async def __call__(self, step: Callable[[], T]) -> T:
        """Runs it."""
        ...


@dataclass(frozen=True)
class Desk:
    """The desk's parts; hung on its app's state as `desk`."""

    settings: Settings
    store: Store
    clock: Clock
    journal: Journal
    ways: Ways
    vault: Vault
    box: Box

    @property
    def today(self) -> date:
        """The day at the hospital."""
        return day_of(self.clock.now_ms(), self.settings.time_zone)

    @property
    def limits(self) -> Limits:
        """How long sessions last."""
        minutes, hours = self.settings.desk_idle_minutes, self.settings.desk_session_hours
        return Limits(minutes * MINUTE_MS, hours * 60 * MINUTE_MS)


def desk_of(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Any = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk
