"""Refuses requests of web pages that may not call, under names that are not the door's, and of odd form."""

from __future__ import annotations

import logging

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.callers import is_own_origin
from bot.door.limits import Refuse
from bot.door.origins import is_own_host
from bot.door.problems import Problem

log = logging.getLogger(__name__)

ONCE = ("host", "origin", "authorization", "content-type", "content-length", "accept", "last-event-id")
"""Headers that have one value. Of two, a proxy might look at the one and the door at the other."""

_SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Looks at the headers before the app does.

    It stands behind the reading of the body, so that danger in a refused post is answered.

    Args:
        app: What follows.
        origins: Pages of other origins that may call.
        hosts: Names of the door beside addresses and names without a dot.
        behind_proxy: Whether `trusted_proxies` is set.
        refuse: Answers a refused request.
    """

    def __init__(
        self, app: ASGIApp, origins: frozenset[str], hosts: frozenset[str], behind_proxy: bool, refuse: Refuse
    ) -> None:
        self.app = app
        self._warned = behind_proxy
        self._origins = origins
        self._hosts = hosts
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = self._wrong(scope)
        if problem is None:
            await self.app(scope, receive, send)
            return
        response = await self._refuse(Request(scope), problem)
        await response(scope, receive, send)

    def _wrong(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        for name in ONCE:
            if len(headers.getlist(name)) > 1:
                return Problem(400, "bad-request", f"The header {name.title()} came more than once; send it once.")
        if not self._warned and "x-forwarded-for" in headers:
            self._warned = True
            log.warning(
                "bot.door: a request came with X-Forwarded-For, and MARROW_TRUSTED_PROXIES is empty: all who come "
                "through that proxy count as one address; if it is yours, name its address there"
            )
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            return Problem(
                415,
                "unsupported-media-type",
                "The body is compressed; send it as it is.",
                headers={"Accept-Encoding": "identity"},
            )
        host = headers.get("host")
        if host is None:  # HTTP/1.0 knows none; a browser always sends it
            if scope["http_version"] != "1.0":
                return Problem(400, "bad-request", "There is no Host header; send it.")
        elif not is_own_host(host, self._hosts):
            return Problem(
                421, "host-not-allowed", "Nothing is served under this name; add it to MARROW_ALLOWED_HOSTS."
            )
        origin = headers.get("origin")
        if origin is None or (scope["method"] in _SAFE and not scope["path"].startswith("/api/")):
            return None
        if origin in self._origins or is_own_origin(origin, host or "", scope["scheme"]):
            return None
        return Problem(
            403,
            "origin-not-allowed",
            "Pages of this origin may not call; add it to MARROW_ALLOWED_ORIGINS.",
        )
