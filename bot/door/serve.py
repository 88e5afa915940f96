"""Serves the door with uvicorn: takes the port, says when it listens, and stops within three seconds."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from bot.door.live import Hub
from bot.door.wire import Wire
from bot.errors import SettingsError

log = logging.getLogger(__name__)

SPARE_FILES = 200
"""Files that a door needs beside its streams: other requests, the journal, the brain."""

GRACE_S = 2
"""How long requests may take to end after the wish to stop, in seconds."""


def bind(host: str, port: int) -> socket.socket:
    """Takes the port.

    Raises:
        SettingsError: It cannot be had.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise SettingsError(
            f"MARROW_DOOR_HOST and MARROW_DOOR_PORT: cannot listen on {host}:{port} ({error.strerror}); "
            "stop what uses it, or set another port"
        ) from error
    return bound


def allow_open_files(streams_most: int) -> None:
    """Raises what this process may have open to what the system allows, and says when that is too little.

    Args:
        streams_most: Event streams that may be open; each is a connection.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < streams_most + SPARE_FILES:
        log.warning(
            "bot.door: the system allows %d open files, and MARROW_STREAMS_MOST=%d wants %d; lower it, or raise the "
            "limit (ulimit -n, LimitNOFILE)",
            hard, streams_most, streams_most + SPARE_FILES,
        )  # fmt: skip


class Server(uvicorn.Server):
    """Uvicorn that ends the event streams when it is told to stop: they would never end by themselves.

    Args:
        app: The whole ASGI app of the door.
        hub: Knows the streams.
        announce: Printed when the door listens; nothing when empty.
        trusted_proxies: Addresses and networks whose word on address and scheme of a client is taken.
    """

    def __init__(self, app: ASGIApp, hub: Hub, announce: str = "", trusted_proxies: Sequence[str] = ()) -> None:
        # Uvicorn's own access log holds paths and so conversations' ids; `bot.door.edge` writes one without them.
        logging.getLogger("uvicorn.access").disabled = True
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                ws="none",
                http=Wire,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=list(trusted_proxies),
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=30,
            )
        )
        self._hub = hub
        self._announce = announce
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen and says so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started and self._announce:
            print(self._announce, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to stop, on a signal."""
        super().handle_exit(sig, frame)
        self.end_streams()

    def end_streams(self) -> None:
        """Ends the event streams; may be called from any thread or signal handler."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._hub.close)
