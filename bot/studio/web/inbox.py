"""The trainers' inbox: groups of messages that were not answered, and what becomes of them."""

from __future__ import annotations

import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk import shown
from bot.desk.guard import act, page, text
from bot.desk.render import page as write
from bot.desk.roles import TEACH
from bot.studio import inbox as service
from bot.studio.inbox import Group, Item
from bot.studio.web.context import Web, keys_of, person, web_of

GROUPS, GROUPS_MOST = 20, 200
"""Groups shown at first, and at most."""

DAYS, DAYS_MOST = 30, 365
KEPT_S = 300
"""So long groups of the same messages are kept: making them takes seconds."""

_groups: dict[tuple[str, ...], tuple[float, list[Group]]] = {}


def _grouped(web: Web, items: list[Item]) -> list[Group]:
    name = (str(web.comparer.model().name), *(f"{item.key}/{item.label}/{','.join(item.why)}" for item in items))
    kept = _groups.get(name)
    if kept is None or kept[0] < time.monotonic():
        _groups.clear()
        kept = _groups[name] = (time.monotonic() + KEPT_S, service.grouped(items, web.comparer))
    return kept[1]


async def inbox(request: Request) -> Response:
    """What waits, grouped by meaning."""
    web, now_ms = web_of(request), web_of(request).desk.clock.now_ms()
    days = shown.number(request.query_params.get("days"), DAYS, DAYS_MOST)
    most = shown.number(request.query_params.get("most"), GROUPS, GROUPS_MOST)
    items = await web.do(lambda: service.waiting(web.desk.store, now_ms=now_ms, days=days))
    groups = await web.do(lambda: _grouped(web, items))
    labels = await web.do(lambda: [one.label for one in web.studio.questions()])
    discarded = keys_of(request.query_params)
    away = await web.do(lambda: service.discarded(web.desk.store))
    return write(
        request, "studio_inbox.html", groups=groups[:most], more=len(groups) - most, most=most, days=days,
        messages=len(items), why=service.WHY, labels=labels, discarded=discarded, handle=shown.handle,
        full=len(items) >= service.MOST, away=away, away_full=len(away) >= service.DISCARDED_MOST,
    )  # fmt: skip


async def discard(request: Request) -> Response:
    """Puts messages away; the page that follows offers to take it back."""
    web, form, now_ms = web_of(request), await request.form(), web_of(request).desk.clock.now_ms()
    keys, by = keys_of(form), person(request)
    if not keys:
        raise HTTPException(422, "Choose at least one message.")
    done = await web.do(
        lambda: service.settle(web.desk.store, keys, service.DISCARDED, by, now_ms=now_ms)
    )  # fmt: skip
    return RedirectResponse("/studio/inbox?" + "&".join(f"key={key}" for key in done), status_code=303)


async def reopen(request: Request) -> Response:
    """Takes messages back that were put away."""
    web, form, now_ms = web_of(request), await request.form(), web_of(request).desk.clock.now_ms()
    keys, by = keys_of(form), person(request)
    await web.do(lambda: service.reopen(web.desk.store, keys, by, now_ms=now_ms))
    return RedirectResponse("/studio/inbox", status_code=303)


async def choose(request: Request) -> Response:
    """Goes on with a group: to a question that there is, or to a new one."""
    form = await request.form()
    keys, label = keys_of(form), text(form, "label", 64)
    if not keys:
        raise HTTPException(422, "Choose at least one message.")
    named = "&".join(f"key={key}" for key in keys)
    return RedirectResponse(f"/studio/q/{label}?{named}" if label else f"/studio/new?{named}", status_code=303)


ROUTES = [
    page("/inbox", inbox, TEACH),
    act("/inbox", choose, TEACH),
    act("/inbox/discard", discard, TEACH),
    act("/inbox/reopen", reopen, TEACH),
]
