"""Live events: who is listening to which conversation, and the stream each of them gets.

What this door writes wakes its listeners at once. What others write (another door, the desk) is found by asking
the journal once a second for the newest numbers of the conversations that somebody listens to.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.door import texts, too_many
from bot.door.metrics import Metrics
from bot.errors import StoreError
from bot.journal import timeline
from bot.journal.rows import ConversationGone
from bot.journal.store import Store
from bot.settings import Settings

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 15.0
LOOK_S = 1.0
RECONNECT_MS = 2000
TYPING_S = 6.0
"""So long after it was last said somebody counts as writing."""


class Listener:
    """One open stream.

    Attributes:
        conversation: Whose events.
        address: Who reads them.
    """

    def __init__(self, conversation: str, address: str) -> None:
        self.conversation = conversation
        self.address = address
        self.woken = asyncio.Event()
        self.lines = True  # whether there may be new lines; typing alone needs no look into the journal
        self.seen = 0

    def wake(self, *, lines: bool) -> None:
        """Lets the stream look again."""
        self.lines = self.lines or lines
        self.woken.set()


class Hub:
    """Knows the listeners of each conversation. Used from the event loop only.

    Args:
        settings: How many listeners there may be.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._addresses: Counter[str] = Counter()
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._typing: set[str] = set()
        self.troubled = False
        self._staff_typing: dict[str, tuple[str, float]] = {}
        self._patient_typing: dict[str, tuple[str, float]] = {}
        self._told: list[Callable[[str], None]] = []
        self.closed = False

    def wake(self, conversation: str) -> None:
        """Says that a conversation has new lines, or is gone."""
        for listener in self._listeners.get(conversation, ()):
            listener.wake(lines=True)
        self.tell(conversation)

    def watch(self, told: Callable[[str], None]) -> None:
        """Lets somebody be told of every conversation in which something happened."""
        self._told.append(told)

    def tell(self, conversation: str) -> None:
        """Tells those who watch, but not the patient's own streams."""
        for told in self._told:
            told(conversation)

    def typing(self, conversation: str, on: bool) -> None:
        """Says whether the bot is at work on an answer."""
        (self._typing.add if on else self._typing.discard)(conversation)
        for listener in self._listeners.get(conversation, ()):
            listener.wake(lines=False)

    def staff_typing(self, conversation: str, name: str | None) -> None:
        """Says that a member of staff is writing, until `TYPING_S` later unless it is said again; None: no longer."""
        self._say(self._staff_typing, conversation, name)
        for listener in self._listeners.get(conversation, ()):
            listener.wake(lines=False)

    def patient_types(self, conversation: str, on: bool) -> None:
        """Says that the patient is writing, until `TYPING_S` later unless it is said again."""
        self._say(self._patient_typing, conversation, "patient" if on else None)
        self.tell(conversation)

    def patient_typing(self, conversation: str) -> bool:
        """Whether the patient is writing."""
        return self._still(self._patient_typing, conversation) is not None

    @staticmethod
    def _say(typing: dict[str, tuple[str, float]], conversation: str, name: str | None) -> None:
        now = time.monotonic()
        for over in [key for key, (_, until) in typing.items() if until < now]:
            del typing[over]
        if name is None:
            typing.pop(conversation, None)
        else:
            typing[conversation] = (name, now + TYPING_S)

    @staticmethod
    def _still(typing: dict[str, tuple[str, float]], conversation: str) -> str | None:
        name, until = typing.get(conversation, (None, 0.0))
        return name if time.monotonic() < until else None

    def who_types(self, conversation: str) -> dict[str, Any] | None:
        """Who is at work on an answer, as the patient's page is told; None when nobody is."""
        name = self._still(self._staff_typing, conversation)
        if name is not None:
            return {"from": "staff", "on": True, "staff": {"name": name}}
        return {"from": "bot", "on": True} if conversation in self._typing else None

    def trouble(self, on: bool) -> None:
        """Says to everybody who listens whether acknowledged messages wait because the journal refuses."""
        if self.troubled != on:
            self.troubled = on
            for listeners in self._listeners.values():
                for listener in listeners:
                    listener.wake(lines=False)

    def listen(self, conversation: str, address: str) -> Listener:
        """Adds a listener; `leave` must follow.

        Raises:
            Problem: There are too many already.
        """
        settings = self._settings
        for name, open_now in (
            ("streams_per_conversation", len(self._listeners.get(conversation, ()))),
            ("streams_per_address", self._addresses[address]),
            ("streams_most", self._addresses.total()),
        ):
            most = getattr(settings, name)
            if open_now >= most:
                raise too_many.streams(name, most)
        listener = Listener(conversation, address)
        self._listeners[conversation].add(listener)
        self._addresses[address] += 1
        return listener

    def leave(self, listener: Listener) -> None:
        """Takes a listener away."""
        conversation = listener.conversation
        self._listeners[conversation].discard(listener)
        if not self._listeners[conversation]:
            del self._listeners[conversation]
        self._addresses[listener.address] -= 1
        if not self._addresses[listener.address]:
            del self._addresses[listener.address]

    def close(self) -> None:
        """Ends every stream, so that the door can stop."""
        self.closed = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.wake(lines=False)
        self.tell("")

    async def look(self, store: Store) -> None:
        """Finds what others wrote, once a second, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            heard = list(self._listeners)
            if not heard:
                continue
            try:
                newest = await asyncio.to_thread(timeline.newest, store, heard)
            except StoreError as error:
                log.warning("%s", error)
                continue
            for conversation in heard:
                for listener in self._listeners.get(conversation, ()):
                    if newest.get(conversation, -1) != listener.seen:
                        listener.wake(lines=True)


def _message(name: str, data: Any, seq: int | None = None) -> str:
    head = "" if seq is None else f"id: {seq}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


async def stream(
    hub: Hub,
    metrics: Metrics,
    listener: Listener,
    after: int,
    fetch: Callable[[int], Awaitable[list[dict[str, Any]]]],
    ends_in_s: float,
    delivered: Callable[[list[dict[str, Any]]], Awaitable[None]],
) -> AsyncIterator[str]:
    """Gives the events of a conversation as server-sent events, from `after` on, for as long as somebody reads.

    Args:
        hub: Wakes the stream.
        metrics: Counts open streams.
        listener: From `Hub.listen`.
        after: Only events with a higher number are sent.
        fetch: Gives the events after a number.
        ends_in_s: When the token ends; the stream ends with it.
        delivered: Told of the events that were sent.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + ends_in_s
    listener.seen = after
    shown_trouble = False
    shown: dict[str, Any] | None = None
    metrics.streams.inc()
    try:
        yield f"retry: {RECONNECT_MS}\n\n"
        while not hub.closed and loop.time() < ends:
            listener.woken.clear()
            if listener.lines:
                listener.lines = False
                fetched = await fetch(listener.seen)
                for event in fetched:
                    listener.seen = event["seq"]
                    yield _message("message", event, event["seq"])
                if fetched:
                    await delivered(fetched)
            typing = hub.who_types(listener.conversation)
            if typing != shown:
                yield _message("typing", typing or {**(shown or {}), "on": False})
                shown = typing
            if hub.troubled != shown_trouble:
                shown_trouble = hub.troubled
                yield _message("notice", {"seq": 0, "from": "system", "text": texts.TROUBLE if shown_trouble else ""})
            # Somebody's typing ends by itself; then this stream has to look again without being woken.
            pause_s = TYPING_S if typing else KEEP_ALIVE_S
            try:
                async with asyncio.timeout(min(pause_s, ends - loop.time())):
                    await listener.woken.wait()
            except TimeoutError:
                yield ": still here\n\n"
    except ConversationGone:
        return  # erased while somebody was reading
    except StoreError as error:
        log.warning("%s", error)  # the browser comes back by itself, with its last number
    finally:
        metrics.streams.dec()


class Stream(StreamingResponse):
    """The answer that holds a stream.

    Args:
        lines: From `stream`.
        hub: Knows the listener.
        listener: Leaves when the answer ends, however it ends; a stream that was never begun would not say so.
    """

    def __init__(self, lines: AsyncIterator[str], hub: Hub, listener: Listener) -> None:
        super().__init__(lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._hub = hub
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._listener)
