"""The check of the audit's chain, for admins. It takes seconds, so it runs beside, and its page looks how far it is."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.desk.context import Desk
from bot.desk.guard import page
from bot.desk.render import is_part
from bot.desk.render import page as write
from bot.desk.roles import MANAGE
from bot.errors import MarrowError
from bot.journal import audit

log = logging.getLogger(__name__)

AT_ONCE_S = 0.1
"""So long a page waits for a check before it shows how far that is: one of some thousand rows is done by then."""

REST_S = 0.01
"""Between two slices the check rests for about as long as one takes: whoever waits for the door goes first."""


class Stopped(MarrowError):
    """The door is closing."""


@dataclass(frozen=True)
class Checked:
    """A check that has ended.

    Attributes:
        at_ms: When.
        verified: What it found; None when it could not be done.
    """

    at_ms: int
    verified: audit.Verified | None


class Checker:
    """Follows the chain in a thread, one check at a time. Used from the event loop only.

    Attributes:
        followed: Rows that the check under way has followed.
        left: Rows that it has still to follow.
        last: The check that ended last.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._running: asyncio.Task[None] | None = None
        self.followed = self.left = 0
        self.last: Checked | None = None

    @property
    def runs(self) -> bool:
        """Whether a check is under way."""
        return self._running is not None and not self._running.done()

    async def begin(self) -> None:
        """Begins a check unless one is under way, and waits a moment for a short one."""
        if self._running is None or self._running.done():
            self.followed = self.left = 0
            self._running = asyncio.create_task(self._run(), name="audit check")
        await asyncio.wait({self._running}, timeout=AT_ONCE_S)

    async def _run(self) -> None:
        found = None
        try:
            found = await asyncio.to_thread(audit.verify, self._desk.store, between=self._between)
        except MarrowError as error:
            log.warning("the audit was not checked to its end: %s", error)
        self.last = Checked(self._desk.clock.now_ms(), found)

    def _between(self, followed: int, left: int) -> None:
        self.followed, self.left = followed, left
        if self._desk.ways.closed:
            raise Stopped("bot.desk: the door is closing")
        time.sleep(REST_S)


async def audit_check(request: Request) -> Response:
    """Begins a check, and shows how far it is and what it found. A page that looks again begins none."""
    checker: Checker = request.app.state.checker
    if "live" not in request.query_params or (checker.last is None and not checker.runs):
        await checker.begin()
    template = "_check.html" if is_part(request) else "check.html"
    return write(request, template, checker=checker)


ROUTES = [page("/audit/check", audit_check, MANAGE)]
