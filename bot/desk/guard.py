"""Stands before every page: who is asking, may they, and did they mean to.

A route is made with `page` or `act`, and each names the right it needs; there is no other way to make one. `OPEN` and
`HALF` are the few that come before a login is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.callers import is_own_origin
from bot.desk.context import Desk, desk_of
from bot.desk.roles import RIGHTS, may
from bot.desk.vault import new_token
from bot.journal import sessions
from bot.journal.sessions import Session
from bot.journal.staff import Account

OPEN, HALF, SELF = "open", "half", "self"
"""Instead of a right: for everybody; for who has given a password and not yet the code; for anybody logged in."""

STEPS = {sessions.CODE: "/desk/login/code", sessions.SETUP: "/desk/second", sessions.FULL: "/desk/inbox"}
"""Where a login goes on, by how far it has come."""

BEFORE = (OPEN, HALF, SELF)
Endpoint = Callable[[Request], Awaitable[Response]]


def page(path: str, endpoint: Endpoint, right: str, *, name: str | None = None) -> Route:
    """A route that only reads (GET).

    Args:
        path: Under /desk.
        endpoint: What answers.
        right: One of `bot.desk.roles.RIGHTS`, or `OPEN`, `HALF`, `SELF`.
        name: For links; the endpoint's own when None.
    """
    return _route(path, endpoint, right, "GET", name)


def act(path: str, endpoint: Endpoint, right: str, *, name: str | None = None) -> Route:
    """A route that changes something (POST): it takes a form with the session's token, from this site alone."""
    return _route(path, endpoint, right, "POST", name)


def _route(path: str, endpoint: Endpoint, right: str, method: str, name: str | None) -> Route:
    if right not in (*RIGHTS, *BEFORE):
        raise ValueError(f"bot.desk: {method} {path} needs {right!r}, which is no right; see bot.desk.roles")

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        desk = desk_of(request)
        await _who(request, desk, touch=method == "POST" or "live" not in request.query_params)
        if method == "POST":
            await _meant(request, desk)
        refusal = _refusal(request, right)
        if refusal is not None:
            return refusal
        response = await endpoint(request)
        is_page = response.headers.get("content-type", "").startswith("text/html")
        if is_page and not request.cookies.get(cookie_name(request)) and "set-cookie" not in response.headers:
            set_cookie(request, response, request.state.token)
        return response

    made = Route(path, guarded, methods=[method], name=name or endpoint.__name__)
    made.right = right  # type: ignore[attr-defined]  # read by the test that holds every route to its table
    return made


async def _who(request: Request, desk: Desk, *, touch: bool) -> None:
    token = request.cookies.get(cookie_name(request), "")
    session: Session | None = None
    if token:
        now_ms = desk.clock.now_ms()
        session = await desk.journal(
            lambda: sessions.find(desk.store, token, desk.limits, now_ms=now_ms, touch=touch)
        )  # fmt: skip
    request.state.session = session
    request.state.token = token or new_token()


async def _meant(request: Request, desk: Desk) -> None:
    """Refuses what another site's page sent, or what has lost its session.

    Raises:
        HTTPException: 403.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if (site not in (None, "same-origin", "none")) or (origin and not _is_own(request, origin)):
        raise HTTPException(403, "This came from another site.")
    given = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
    if not desk.vault.is_csrf(given, request.cookies.get(cookie_name(request), "")):
        raise HTTPException(403, "This page was open too long, or you have logged in anew. Load it again.")


def _is_own(request: Request, origin: str) -> bool:
    return is_own_origin(origin, request.headers.get("host", ""), request.url.scheme)


def _refusal(request: Request, right: str) -> Response | None:
    session: Session | None = request.state.session
    if right == OPEN or (right == HALF and session is not None and session.step != sessions.FULL):
        return None
    if session is None or session.step != sessions.FULL or right == HALF:
        return _to_login(request, session)
    if right != SELF and not may(session.account.role, right):
        raise HTTPException(403, f"Your role ({session.account.role}) may not do this: {RIGHTS[right]}.")
    return None


def _to_login(request: Request, session: Session | None) -> Response:
    to = STEPS[session.step] if session else "/desk/login"
    part = request.headers.get("hx-request")
    # of a part it is the page around it that somebody wants to come back to
    wanted = urlsplit(request.headers.get("hx-current-url", "")) if part else urlsplit(str(request.url))
    if session is None and wanted.path and (part or request.method == "GET"):
        asked = wanted.path + (f"?{wanted.query}" if wanted.query else "")
        to += f"?{urlencode({'to': asked})}"
    if part:  # the whole page has to go
        return Response(status_code=401, headers={"HX-Redirect": to})
    return RedirectResponse(to, status_code=303)


def account(request: Request) -> Account:
    """Who asks; only for routes that need a login."""
    session: Session = request.state.session
    return session.account


def csrf(request: Request) -> str:
    """The token for this page's forms."""
    return desk_of(request).vault.csrf(request.state.token)


def cookie_name(request: Request) -> str:
    """The cookie's name; over https it has the prefix that binds it to this host."""
    return "__Host-marrow-desk" if request.url.scheme == "https" else "marrow-desk"


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Gives the browser its session."""
    response.set_cookie(
        cookie_name(request), token, path="/", httponly=True, secure=request.url.scheme == "https", samesite="lax"
    )


def text(form: Any, name: str, most: int) -> str:
    """A field of a form, trimmed; what is no text counts as empty.

    Raises:
        HTTPException: 422, it is too long.
    """
    value = form.get(name)
    found = value.strip().replace("\x00", "") if isinstance(value, str) else ""
    if len(found) > most:
        raise HTTPException(422, f"{name}: {most:,} characters at most, got {len(found):,}.")
    return found
