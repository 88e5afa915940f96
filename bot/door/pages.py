"""The widget's files and the demo page, from `bot/door/static/`."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.door.edge import PAGE_POLICY

STATIC = Path(__file__).parent / "static"
SHARED = ("widget.js", "widget.css", "tokens.css")
"""Files that other web pages load, so they say that they may be loaded from elsewhere."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


class _Files:
    """Serves what is in one folder, always asked for anew (`no-cache` with an ETag).

    Args:
        folder: Nothing outside it is served.
        only: The one file to serve whatever the path; None for the path's own.
    """

    def __init__(self, folder: Path, only: str | None = None) -> None:
        self._files = StaticFiles(directory=folder, check_dir=False)
        self._only = only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one file."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        name = self._only or scope["path_params"]["file"] or "index.html"
        try:
            response = await self._files.get_response(name, scope)
        except ValueError as error:  # a path that no file system takes, such as one with a NUL
            raise HTTPException(404) from error
        _dress(response, name)
        await response(scope, receive, send)


def _dress(response: Response, name: str) -> None:
    suffix = Path(name).suffix
    if suffix in _TYPES and response.status_code == 200:
        response.headers["Content-Type"] = _TYPES[suffix]
    response.headers["Cache-Control"] = "no-cache"
    if name in SHARED:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if suffix == ".html":
        response.headers["Content-Security-Policy"] = PAGE_POLICY


async def _home(_request: Request) -> Response:
    return RedirectResponse("/demo", status_code=307)


def routes(folder: Path = STATIC) -> list[BaseRoute]:
    """The routes of the files.

    Args:
        folder: Where they lie; another one in tests.
    """
    demo = folder / "demo"

    def small(files: _Files) -> ASGIApp:
        return GZipMiddleware(files, minimum_size=500)

    return [
        Route("/", _home, methods=["GET"]),
        *(Route(f"/{name}", small(_Files(folder, name))) for name in SHARED),
        Route("/demo", small(_Files(demo, "index.html"))),
        Route("/demo/{file:path}", small(_Files(demo))),
    ]
