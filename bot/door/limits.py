"""Refuses a request body that is too large or comes too slowly, while it is being read.

Starlette's own limit answers in plain text when the length is declared, and knows no time; hence this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.door.problems import Problem, limit

BODY_TIMEOUT_S = 20.0
"""How long a body of at most a few kilobytes may take, even over a bad mobile connection."""

DECLARED_TIMEOUT_S = 1.0
"""How long the beginning of a body is waited for whose declared length is refused already."""

DISCARD_TIMEOUT_S = 2.0
DISCARD_MOST_BYTES = 2**20
"""So much more is taken and thrown away after a refusal. A browser reads the answer only when its own sending went
well, and in the answer may stand the text for danger."""

Refuse = Callable[[Request, Problem], Awaitable[Response]]


class BodyLimit:
    """Reads the body before the app does, up to the limit.

    Args:
        app: What follows.
        most: Bytes that a body may have.
        refuse: Answers a refused request.
        timeout_s: How long it may take.
    """

    def __init__(self, app: ASGIApp, most: int, refuse: Refuse, timeout_s: float = BODY_TIMEOUT_S) -> None:
        self.app = app
        self._most = most
        self._refuse = refuse
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        scope.setdefault("state", {})
        try:
            whole = await self._read(scope, receive, body)
        except Problem as problem:
            scope["state"]["body"] = bytes(body)
            response = await self._refuse(Request(scope), problem)
            await _answer_and_discard(response, scope, receive, send)
            return
        if not whole:  # the client went away: nobody is left to answer
            return
        scope["state"]["body"] = bytes(body)  # for whoever refuses it: danger in it is answered all the same
        given = False

        async def give() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, give, send)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> bool:
        """Reads into `body`, never more than the limit; False when the client went away."""
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = declared.isdigit() and int(declared) > self._most
        try:
            async with asyncio.timeout(min(DECLARED_TIMEOUT_S, self._timeout_s) if too_large else self._timeout_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return False
                    came = message.get("body", b"")
                    room = self._most - len(body)
                    body += came[:room]
                    if len(came) > room:
                        raise self._too_large()
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            if not too_large:
                raise Problem(
                    408,
                    "body-too-slow",
                    f"The body did not arrive within {self._timeout_s:g} s; send it again.",
                    headers={"Connection": "close"},
                    limit=limit("body_timeout", round(self._timeout_s * 1000), "ms"),
                ) from None
        if too_large:
            raise self._too_large()
        return True

    def _too_large(self) -> Problem:
        return Problem(
            413,
            "body-too-large",
            f"A request may have {self._most:,} bytes at most.",
            headers={"Connection": "close"},
            limit=limit("body_max_bytes", self._most, "bytes"),
        )


async def _answer_and_discard(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the whole answer at once, then takes what still comes, for a while, before the connection is closed."""

    async def send_on(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await send({**message, "more_body": True})
        left = DISCARD_MOST_BYTES
        try:
            async with asyncio.timeout(DISCARD_TIMEOUT_S):
                while left > 0:
                    came = await receive()
                    left -= len(came.get("body", b""))
                    if not came.get("more_body", False):
                        break
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    await response(scope, receive, send_on)
