"""Writes pages: Jinja2 with every value escaped, the layout's data, and the headers that a page carries."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.desk import guard
from bot.desk.context import desk_of
from bot.desk.roles import may
from bot.journal.sessions import FULL, Session

HERE = Path(__file__).parent
# Without Trusted Types, which the door's own pages have: htmx puts what this server sent into the page as HTML.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400

NAV = [
    ("/desk/inbox", "Inbox", "read"),
    ("/desk/find", "Find", "read"),
    ("/desk/figures", "Figures", "read"),
    ("/desk/teaching", "To teach", "teach"),
    ("/studio", "Studio", "teach"),
    ("/desk/kept", "Replies", "talk"),
    ("/desk/people", "People", "manage"),
    ("/desk/audit", "Audit", "manage"),
]
"""Entries of the bar: path, name, and the right without which they are not shown."""


def environment(*folders: Path) -> Environment:
    """Templates of the desk, and of others that stand in its layout (`app.state.pages`)."""
    made = Environment(
        loader=FileSystemLoader([*folders, HERE / "templates"]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters |= {"ago": ago, "clock": clock, "day": day, "iso": iso}
    made.globals |= {"may": may, "nav": NAV}
    return made


def ago(at_ms: int | None, now_ms: int) -> str:
    """How long ago, short: "now", "5 min", "3 h", "2 d"."""
    if at_ms is None:
        return ""
    passed_s = max(0, now_ms - at_ms) // 1000
    for unit_s, name in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if passed_s >= unit_s:
            return f"{passed_s // unit_s} {name}"
    return "now"


def clock(at_ms: int, zone: str) -> str:
    """A time of day in the hospital's zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)):%H:%M}"


def day(at_ms: int, zone: str) -> str:
    """A day in the hospital's zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)):%a %-d %b %Y}"


def iso(at_ms: int) -> str:
    """For the machine-readable half of a `time` element."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


_pages = environment()


def page(request: Request, template: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """Writes a page or a part of one.

    The template knows besides `data`: `me` (the account or None), `csrf`, `may(role, right)`, `now_ms`, `zone`,
    `hospital`, `part` (whether htmx asked for a part) and `at` (the path asked for).
    """
    desk = desk_of(request)
    session: Session | None = getattr(request.state, "session", None)
    me = session.account if session is not None and session.step == FULL else None
    pages: Environment = getattr(request.app.state, "pages", _pages)
    written = pages.get_template(template).render(
        me=me,
        csrf=guard.csrf(request) if hasattr(request.state, "token") else "",
        now_ms=desk.clock.now_ms(),
        zone=desk.settings.time_zone,
        hospital=desk.settings.hospital_name,
        part=is_part(request),
        at=request.url.path,
        **data,
    )
    return HTMLResponse(written, status_code=status, headers=HEADERS)


HEADERS = {
    "Content-Security-Policy": POLICY,
    # With "no-referrer", as elsewhere, browsers hide a form's origin, and it could not be told from another site's.
    "Referrer-Policy": "same-origin",
    "Vary": "HX-Request",
    "X-Robots-Tag": "noindex",
}


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def done(request: Request, to: str, *, said: str = "") -> Response:
    """After a write: a part of a page is told to look again, a whole page goes to `to`.

    Args:
        request: What was asked.
        to: A path of the desk.
        said: Told to the person, for parts only; plain ASCII.
    """
    if is_part(request):
        return Response(status_code=204, headers={"HX-Trigger": "desk-changed", "X-Desk-Said": said})
    return RedirectResponse(to, status_code=303)


def refusal(request: Request, status: int, said: str) -> Response:
    """A refusal as a page, or as plain words when htmx asked."""
    if request.headers.get("hx-request"):
        return Response(said, status_code=status, media_type="text/plain; charset=utf-8")
    return page(request, "refusal.html", status=status, title=HTTPStatus(status).phrase, said=said)
