"""A real proxy that buffers: what it gets from the door it keeps until it has enough, as some companies' proxies do."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class BufferingProxy(ThreadingHTTPServer):
    """The proxy.

    Args:
        port: That of the door behind it on 127.0.0.1.
        buffer_bytes: It passes nothing on before it has so many; None: not before the answer is whole.
    """

    daemon_threads = True

    def __init__(self, port: int, buffer_bytes: int | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.door_port = port
        self.buffer_bytes = buffer_bytes
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays silent: browsers hang up on streams all the time."""


class Handler(BaseHTTPRequestHandler):
    """One request, passed on."""

    server: BufferingProxy

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""

    def do_GET(self) -> None:
        """Passes a request on, and its answer back, buffered."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        door = http.client.HTTPConnection("127.0.0.1", self.server.door_port)
        door.request(self.command, self.path, body, dict(self.headers))
        answer = door.getresponse()
        kept = answer.read() if self.server.buffer_bytes is None else b""
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        while not answer.isclosed() and (more := answer.read1(65536)):
            kept += more
            if len(kept) >= (self.server.buffer_bytes or 0):
                self.wfile.write(kept)
                kept = b""
        self.wfile.write(kept)
        door.close()

    do_POST = do_DELETE = do_OPTIONS = do_GET
