"""Tells open pages of the desk what has changed, as server-sent events: which conversations, and who is writing.

Pages then fetch what they show anew; nothing of a conversation goes through here. What this process writes is told at
once, what another door writes is found within a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.desk.context import Desk, desk_of
from bot.desk.guard import cookie_name, page
from bot.desk.roles import READ
from bot.errors import StoreError
from bot.journal import sessions, timeline

log = logging.getLogger(__name__)

LOOK_S = 1.0
KEEP_ALIVE_S = 5.0
COALESCE_S = 0.15
"""Changes that come this close together are told together."""

TYPING_LOOK_S = 2.0


class Page:
    """One open page."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.woken = asyncio.Event()


class Board:
    """Knows the open pages. Used from the event loop only."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pages: set[Page] = set()
        self._looking: asyncio.Task[None] | None = None
        desk.ways.watch(self.told)

    def told(self, conversation: str) -> None:
        """Takes in that something happened in a conversation; "" only wakes, for the end."""
        for open_page in self._pages:
            open_page.changed.add(conversation)
            open_page.woken.set()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Page]:
        """A page for as long as it is open."""
        mine = Page()
        self._pages.add(mine)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="desk board")
        try:
            yield mine
        finally:
            self._pages.discard(mine)
            if not self._pages and self._looking:
                self._looking.cancel()

    async def _look(self) -> None:
        since_ms = self._desk.clock.now_ms() - 1
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                found = await asyncio.to_thread(timeline.changed, self._desk.store, since_ms)
            except StoreError as error:
                log.warning("%s", error)
                continue
            for conversation, at_ms in found:
                since_ms = max(since_ms, at_ms)
                self.told(conversation)


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def live(request: Request) -> Response:
    """The stream of one page; `c` is the conversation that it shows."""
    desk, board = desk_of(request), request.app.state.board
    token, shown = request.cookies.get(cookie_name(request), ""), request.query_params.get("c", "")

    async def logged_in() -> bool:
        now_ms = desk.clock.now_ms()
        found = await desk.journal(lambda: sessions.find(desk.store, token, desk.limits, now_ms=now_ms, touch=False))
        return found is not None and found.step == sessions.FULL

    async def events() -> AsyncIterator[str]:
        typing = False
        async with board.opened() as mine:
            yield "retry: 1000\n\n" + _event("ready", {})
            while not desk.ways.closed:
                try:
                    async with asyncio.timeout(TYPING_LOOK_S if typing else KEEP_ALIVE_S):
                        await mine.woken.wait()
                    await asyncio.sleep(COALESCE_S)
                except TimeoutError:
                    if not await logged_in():
                        yield _event("over", {})
                        return
                mine.woken.clear()
                changed, mine.changed = mine.changed - {""}, set()
                if changed:
                    yield _event("changed", {"shown": shown in changed})
                now = bool(shown) and desk.ways.patient_typing(shown)
                if now != typing:
                    typing = now
                    yield _event("typing", {"on": typing})
                elif not changed:
                    yield ": still here\n\n"

    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


ROUTES = [page("/live", live, READ)]
