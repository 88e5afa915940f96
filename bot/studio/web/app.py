"""The studio as an app that the door serves under /studio."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.boot.environments import BootError
from bot.desk import app as desk_app
from bot.desk import render
from bot.desk.context import Desk
from bot.desk.guard import OPEN, page
from bot.desk.roles import TEACH
from bot.errors import MarrowError
from bot.settings import ROOT
from bot.studio.candidates import Candidates, NoSuchModel
from bot.studio.checker import Comparer
from bot.studio.files import Files
from bot.studio.history import NoSuchChange
from bot.studio.keeping import NoSuchTest
from bot.studio.questions import NoSuchQuestion, Studio
from bot.studio.web import inbox, keeping, models, questions, trial
from bot.studio.web.context import Web

HERE = Path(__file__).parent
OWN_FILES = {"studio.css": "text/css; charset=utf-8", "preview.js": "text/javascript; charset=utf-8"}


def routes() -> list[Route]:
    """Every route of the studio; each names the right it needs."""
    return [
        page("/", _home, TEACH, name="home"),
        page("/static/{file}", _static, OPEN),
        *inbox.ROUTES,
        *questions.ROUTES,
        *models.ROUTES,
        *keeping.ROUTES,
        *trial.ROUTES,
    ]


async def _home(_request: Request) -> Response:
    return RedirectResponse("/studio/inbox", status_code=303)


async def _static(request: Request) -> Response:
    """The studio's own files; what it shares with the desk comes from there."""
    name = request.path_params["file"]
    if name not in OWN_FILES:
        raise HTTPException(404)
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(HERE / "static" / name, media_type=OWN_FILES[name], headers=headers)


async def _gone(request: Request, error: Exception) -> Response:
    return render.refusal(request, 404, str(error).partition(": ")[2] or "There is no such page.")


def create(desk: Desk) -> Starlette:
    """Makes the app.

    Args:
        desk: The desk, whose accounts, journal and layout it shares.
    """
    handlers = {
        **desk_app.HANDLERS, BootError: desk_app.HANDLERS[MarrowError], NoSuchQuestion: _gone, NoSuchChange: _gone,
        NoSuchModel: _gone, NoSuchTest: _gone,
    }  # fmt: skip
    app = Starlette(routes=[*routes(), trial.LINK], exception_handlers=handlers)
    app.router.redirect_slashes = False
    comparer = Comparer(ROOT)
    studio = Studio(Files(ROOT), desk.store, desk.settings, comparer, desk.clock)
    app.state.desk = desk
    app.state.pages = render.environment(HERE / "templates")
    app.state.studio = Web(desk, studio, comparer, Candidates(desk.store, desk.clock.now_ms, ROOT))
    return app
