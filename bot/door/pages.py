"""The widget's files, the demo page and the page for web editors, from `bot/door/static/`."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import anyio.to_thread
import rjsmin
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.door.edge import PAGE_POLICY

STATIC = Path(__file__).parent / "static"
SHARED = ("widget.js", "widget.css", "tokens.css")
"""Files that other web pages load, so they say that they may be loaded from elsewhere; so does all of `widget/`."""

PAGES = ("demo", "embed")
"""Pages of the door's own: each is a folder with an `index.html`."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Small:
    """A script as it is served: without comments and needless space, plain and compressed."""

    plain: bytes
    gzipped: bytes
    etag: str


@lru_cache(maxsize=32)
def _small(file: Path, _mtime_ns: int) -> Small:
    plain = str(rjsmin.jsmin(file.read_text(encoding="utf-8"))).encode()
    return Small(plain, gzip.compress(plain, 9, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"')


def small(file: Path) -> Small:
    """A script as it is served; made once, and anew when the file changes.

    Raises:
        OSError: The file cannot be read.
    """
    return _small(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def languages(folder: Path = STATIC) -> list[str]:
    """Tags of the languages that the widget's own words can be shown in; English, which is in the script, first.

    Args:
        folder: Where the widget's files lie; another one in tests.
    """
    return ["en", *sorted(file.stem for file in (folder / "widget" / "lang").glob("*.json"))]


class _Files:
    """Serves what is in one folder, always asked for anew (`no-cache` with an ETag); scripts small.

    Args:
        folder: Nothing outside it is served.
        only: The one file to serve whatever the path; None for the path's own.
        shared: Whether pages of other origins may load all of it.
    """

    def __init__(self, folder: Path, only: str | None = None, *, shared: bool = False) -> None:
        self._files = StaticFiles(directory=folder, check_dir=False)
        self._others = GZipMiddleware(self._other, minimum_size=500)
        self._only = only
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one file."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        name = self._name(scope)
        serve = self._script if name.endswith(".js") else self._others
        try:
            await serve(scope, receive, send)
        except ValueError as error:  # a path that no file system takes, such as one with a NUL
            raise HTTPException(404) from error

    def _name(self, scope: Scope) -> str:
        return self._only or scope["path_params"]["file"] or "index.html"

    async def _script(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = self._name(scope)
        path, stat = await anyio.to_thread.run_sync(self._files.lookup_path, os.path.normpath(name))
        if stat is None or not Path(path).is_file():
            raise HTTPException(404)
        made = await anyio.to_thread.run_sync(small, Path(path))
        asked = Headers(scope=scope)
        zipped = "gzip" in asked.get("accept-encoding", "")
        headers = {"ETag": made.etag, "Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if zipped else {})
        response = Response(made.gzipped if zipped else made.plain, headers=headers)
        if made.etag in [tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")]:
            response = NotModifiedResponse(response.headers)
        self._dress(response, name)
        await response(scope, receive, send)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = self._name(scope)
        response = await self._files.get_response(name, scope)
        self._dress(response, name)
        await response(scope, receive, send)

    def _dress(self, response: Response, name: str) -> None:
        suffix = Path(name).suffix
        if suffix in _TYPES and response.status_code == 200:
            response.headers["Content-Type"] = _TYPES[suffix]
        response.headers["Cache-Control"] = "no-cache"
        if self._shared:
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if suffix == ".html":
            response.headers["Content-Security-Policy"] = PAGE_POLICY


async def _home(_request: Request) -> Response:
    return RedirectResponse("/demo", status_code=307)


def routes(folder: Path = STATIC) -> list[BaseRoute]:
    """The routes of the files. Scripts are made small here, so that one that cannot be is met at the start.

    Args:
        folder: Where they lie; another one in tests.
    """
    for script in folder.rglob("*.js"):
        small(script)

    def page(name: str) -> list[BaseRoute]:
        served: ASGIApp = _Files(folder / name)
        return [Route(f"/{name}", _Files(folder / name, "index.html")), Route(f"/{name}/{{file:path}}", served)]

    return [
        Route("/", _home, methods=["GET"]),
        *(Route(f"/{name}", _Files(folder, name, shared=True)) for name in SHARED),
        Route("/widget/{file:path}", _Files(folder / "widget", shared=True)),
        *(route for name in PAGES for route in page(name)),
    ]
