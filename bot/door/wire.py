"""What uvicorn leaves open on a connection: heads that come too slowly or never end, and bare error answers.

Everything else (parsing, bodies, keep-alive) is uvicorn's. The parser, llhttp, is strict: two lengths, a length beside
chunks, or a bare line feed are an error, and so no proxy can be made to see other requests than the door does.
"""

from __future__ import annotations

import asyncio
import json

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from bot.door.edge import HEADERS
from bot.door.problems import Problem, body_of

HEAD_TIMEOUT_S = 20.0
"""How long the line and headers of a request may take, from the connection or the request before on."""

HEAD_MAX_BYTES = 32_768
"""How large they may be. The parser itself knows no limit."""


def _head_too_large() -> Problem:
    return Problem(431, "head-too-large", f"A request's head may have {HEAD_MAX_BYTES:,} bytes at most.")


class Wire(HttpToolsProtocol):
    """One connection."""

    _head_bytes = 0
    _in_head = True
    _head_ends: asyncio.TimerHandle | None = None
    _wrong: Problem | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected: its first request is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or the door, has hung up."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came; those of a head are counted."""
        if self._in_head:
            if self._head_ends is None:  # the next request on a connection that was kept
                self._await_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_MAX_BYTES:
            self._refuse(_head_too_large())

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._head_bytes = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        self._stop_waiting()
        if self._head_bytes > HEAD_MAX_BYTES:  # it came in one piece
            self._wrong = _head_too_large()
            raise ValueError("head too large")  # ends the parsing; uvicorn then calls `send_400_response`
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole too: what comes now is the next head."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP."""
        self._refuse(self._wrong or Problem(400, "bad-request", "This is no HTTP request that can be read."))

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_ends = self.loop.call_later(HEAD_TIMEOUT_S, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._head_ends is not None:
            self._head_ends.cancel()
            self._head_ends = None

    def _too_slow(self) -> None:
        self._head_ends = None
        self._refuse(
            Problem(408, "head-too-slow", f"The request's head did not arrive within {HEAD_TIMEOUT_S:g} s; try again.")
        )

    def _refuse(self, problem: Problem) -> None:
        """Answers before there is a request that the app could answer, and hangs up."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.close()  # words in the middle of another answer would be taken for a part of it
            return
        body = json.dumps(body_of("", problem), ensure_ascii=False).encode()
        headers = {
            **HEADERS,
            "Content-Type": "application/problem+json",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = [f"{name.lower()}: {value}\r\n".encode() for name, value in headers.items()]
        self.transport.write(b"".join([STATUS_LINE[problem.status_code], *lines, b"\r\n", body]))
        self.transport.close()
