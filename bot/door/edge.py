"""The outermost layer: security headers on every answer, a last resort for errors, and an access log without words."""

from __future__ import annotations

import logging
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.door.problems import Problem, document

access = logging.getLogger("bot.door.access")
log = logging.getLogger(__name__)

API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Content-Security-Policy": API_POLICY,
    "Cache-Control": "no-store",
}
"""What every answer carries unless the route said something else."""


class Edge:
    """Wraps the whole app, error answers included.

    Args:
        app: The app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception as error:
            # Where and of what kind, never its text: that may hold a patient's words.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("bot.door: unexpected %s; it came about here:\n%s", type(error).__name__, frames)
            if not status:
                problem = Problem(500, "internal", "Try again; if it goes on, tell the hospital.")
                await document(scope["path"], problem)(scope, receive, send_on)
        finally:
            # The route's pattern, never the path: no conversation, no query, no token, no words.
            route = getattr(scope.get("route"), "path", "-")
            milliseconds = (time.perf_counter() - begun) * 1000
            problem = scope.get("state", {}).get("problem", "-")
            access.info("%s %s %s %s %.1f ms", scope["method"], route, status or "cut", problem, milliseconds)


class Cors(CORSMiddleware):
    """Starlette's, with its refusal as a problem document."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answers the browser's question whether a page may call."""
        response = super().preflight_response(request_headers)
        if response.status_code != 400:
            return response
        refusal = document(
            "",
            Problem(
                403,
                "origin-not-allowed",
                "This origin, method or header is not allowed; add the page's origin to MARROW_ALLOWED_ORIGINS.",
            ),
        )
        refusal.headers["Vary"] = "Origin"
        return refusal
