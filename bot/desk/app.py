"""The desk as an app that the door serves under /desk."""

from __future__ import annotations

import hashlib
import logging
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.desk import acts, answers, check, figures, find, inbox, live, login, mine, people, render, single
from bot.desk.context import Desk
from bot.desk.guard import OPEN, SELF, page
from bot.errors import MarrowError, SettingsError, StoreError
from bot.journal.rows import ConversationGone
from bot.journal.staff import NoSuchStaff

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
OWN_FILES = ("desk.css", "desk-figures.css", "desk.js")
HTMX = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"
"""SHA-256 of htmx 2.0.10 as the package django-htmx carries it."""


def htmx_file() -> Path:
    """The one file of htmx, held to its hash.

    Raises:
        SettingsError: It is another one.
    """
    file = Path(str(files("django_htmx") / "static" / "django_htmx" / "htmx-2.min.js"))
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != HTMX:
        raise SettingsError(f"bot.desk: {file.name} has the SHA-256 {found}, expected {HTMX}; install the locked one")
    return file


def routes() -> list[Route]:
    """Every route of the desk; each names the right it needs."""
    return [
        page("/", _home, SELF, name="home"),
        page("/static/{file}", _static, OPEN),
        *login.ROUTES,
        *single.ROUTES,
        *mine.ROUTES,
        *inbox.ROUTES,
        *acts.ROUTES,
        *answers.ROUTES,
        *live.ROUTES,
        *people.ROUTES,
        *check.ROUTES,
        *find.ROUTES,
        *figures.ROUTES,
    ]


async def _home(_request: Request) -> Response:
    return RedirectResponse("/desk/inbox", status_code=303)


async def _static(request: Request) -> Response:
    """The desk's own files, and htmx."""
    name = request.path_params["file"]
    file = request.app.state.htmx if name == "htmx.js" else STATIC / name if name in OWN_FILES else None
    if file is None:
        raise HTTPException(404)
    kind = "text/css" if file.suffix == ".css" else "text/javascript"
    return FileResponse(file, media_type=f"{kind}; charset=utf-8", headers={"Cache-Control": "no-cache"})


SAID = {404: "There is nothing at this address.", 405: "This address does not do that.", 413: "This is too large."}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return render.refusal(request, error.status_code, SAID.get(error.status_code, error.detail))


async def _refused(request: Request, error: Exception) -> Response:
    return render.refusal(request, 409, str(error).partition(": ")[2] or str(error))


async def _gone(request: Request, _error: Exception) -> Response:
    return render.refusal(request, 404, "There is no such conversation or account; it may have been erased.")


async def _store(request: Request, error: Exception) -> Response:
    log.error("%s", error)
    said = "The journal cannot be reached at the moment. Nothing was changed; try again in a few seconds."
    return render.refusal(request, 503, said)


HANDLERS: dict[Any, Any] = {
    HTTPException: _http,
    ConversationGone: _gone,
    NoSuchStaff: _gone,
    StoreError: _store,
    MarrowError: _refused,
}
"""What is said of each error; the studio says the same."""


def create(desk: Desk) -> Starlette:
    """Makes the app.

    Raises:
        SettingsError: The installed htmx is not the one that was reviewed.
    """
    app = Starlette(routes=routes(), exception_handlers=HANDLERS)
    app.router.redirect_slashes = False
    app.state.desk = desk
    app.state.htmx = htmx_file()
    app.state.board = live.Board(desk)
    app.state.checker = check.Checker(desk)
    app.state.views = {}
    return app
