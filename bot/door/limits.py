"""Refuses a request body that is too large or comes too slowly, while it is being read.

Starlette's own limit answers in plain text when the length is declared, and knows no time; hence this one.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.door.metrics import Metrics
from bot.door.problems import Problem, document, limit

BODY_TIMEOUT_S = 20.0
"""How long a body of at most a few kilobytes may take, even over a bad mobile connection."""


class BodyLimit:
    """Reads the body before the app does, up to the limit.

    Args:
        app: What follows.
        most: Bytes that a body may have.
        metrics: Counts refusals.
        timeout_s: How long it may take.
    """

    def __init__(self, app: ASGIApp, most: int, metrics: Metrics, timeout_s: float = BODY_TIMEOUT_S) -> None:
        self.app = app
        self._most = most
        self._metrics = metrics
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except Problem as problem:
            self._metrics.refused.labels(problem.slug).inc()
            await document(scope["path"], problem)(scope, receive, send)
            return
        if body is None:  # the client went away: nobody is left to answer
            return
        scope.setdefault("state", {})["body"] = body  # for whoever refuses it: danger in it is answered all the same
        given = False

        async def give() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, give, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self._most:
            raise self._too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > self._most:
                        raise self._too_large()
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Problem(
                408,
                "body-too-slow",
                f"The body did not arrive within {self._timeout_s:g} s; send it again.",
                headers={"Connection": "close"},
                limit=limit("body_timeout", round(self._timeout_s * 1000), "ms"),
            ) from None

    def _too_large(self) -> Problem:
        # Closing spares reading what is left of it.
        return Problem(
            413,
            "body-too-large",
            f"A request may have {self._most:,} bytes at most.",
            headers={"Connection": "close"},
            limit=limit("body_max_bytes", self._most, "bytes"),
        )
