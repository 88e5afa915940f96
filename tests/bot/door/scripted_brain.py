"""A brain to script: a real HTTP server that speaks the private channel. `conftest.py` loads it by path."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BRAIN_TOKEN = "brain-token-of-the-tests"


def turn(text: str, **reply: Any) -> dict[str, Any]:
    """A brain's answer with one reply."""
    return {
        "replies": [{"text": text, "label": "faq/cart_duration", **reply}],
        "understood": {"label": "faq/cart_duration"},
        "state": {"last": text},
    }


class FakeBrain:
    """A small HTTP server that speaks the brain's channel. `answer` decides; `asked` remembers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], Any] = lambda body: turn(
            f"answer to {body.get('text', body.get('choice'))}"
        )
        self.status = 200
        self.connections: list[socket.socket] = []
        self.model: str | None = "model-1"
        self.in_flight: dict[str, int] = {}
        self.most_in_flight = 0
        self.most_at_once = 0
        self._guard = threading.Lock()
        brain = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two would meet the 40 ms of a delayed acknowledgement

            def setup(self) -> None:
                super().setup()
                brain.connections.append(self.connection)

            def log_message(self, *_: Any) -> None:
                pass

            def _send(self, status: int, body: Any) -> None:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                self._send(200 if brain.model else 503, {"model": brain.model})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.headers["Authorization"] != f"Bearer {BRAIN_TOKEN}":
                    self._send(401, {})
                    return
                name = body["conversation"]
                with brain._guard:
                    brain.asked.append(body)
                    brain.in_flight[name] = brain.in_flight.get(name, 0) + 1
                    brain.most_in_flight = max(brain.most_in_flight, brain.in_flight[name])
                    brain.most_at_once = max(brain.most_at_once, sum(brain.in_flight.values()))
                try:
                    if body.get("choice") == "/greet":
                        answer: Any = turn("hello from the brain", label="greet")
                        answer["state"] = {}
                    else:
                        answer = brain.answer(body)
                finally:
                    with brain._guard:
                        brain.in_flight[name] -= 1
                with suppress(OSError):
                    if callable(answer):  # speaks for itself, over the raw connection
                        answer(self)
                    else:
                        self._send(brain.status, answer)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: Any) -> None:
                pass  # whoever asked was killed

        self._server_class, self._handler = Server, Handler
        self.port = 0
        self.start()

    def start(self) -> None:
        """Listens, on the same port as before if there was one."""
        self._server = self._server_class(("127.0.0.1", self.port), self._handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuses connections from now on."""
        self._server.shutdown()
        self._server.server_close()
        while self.connections:
            with suppress(OSError):
                self.connections.pop().shutdown(socket.SHUT_RDWR)

    def texts(self) -> list[str]:
        """What was asked, without greetings."""
        return [body["text"] for body in self.asked if "text" in body]
