"""Texts at hand in a talk: the catalogue's answers and kept replies, with their placeholders filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.answer import catalogue, placeholders
from bot.desk import shown
from bot.desk.context import Desk, desk_of
from bot.desk.guard import account, act, page, text
from bot.desk.render import done
from bot.desk.render import page as write
from bot.desk.roles import MANAGE, READ, REVIEW, TALK, may
from bot.errors import AnswerError
from bot.journal import canned, reading
from bot.journal.staff import Account
from bot.settings import ROOT

MOST = 9
"""So many are offered at once: one key each."""


def _catalogue() -> catalogue.Catalogue:
    return catalogue.present(ROOT)


@dataclass(frozen=True)
class Offered:
    """A text to put into the reply: what it is called, where it comes from, and its words."""

    title: str
    kind: str
    text: str


def _values(desk: Desk, me: Account) -> dict[str, object]:
    now = datetime.fromtimestamp(desk.clock.now_ms() / 1000, UTC)
    return {**placeholders.values(desk.settings, _catalogue().facts, now), "my.name": lambda: me.first_name}


def names() -> dict[str, str]:
    """Every placeholder that a kept reply may use, with what it becomes."""
    return {"my.name": "Your first name.", **placeholders.NAMES}


def _filled(words: str, values: dict[str, object]) -> str:
    try:
        return placeholders.fill(words, values)  # type: ignore[arg-type]
    except AnswerError:
        return words


def offered(desk: Desk, me: Account, query: str) -> list[Offered]:
    """Kept replies first, then answers, whose title or words hold every word of the query."""
    values, known = _values(desk, me), _catalogue()
    held = known.held_back(desk.today)
    found = [
        Offered(one.title, "kept" if one.owner is None else "my own", one.text) for one in canned.of(desk.store, me)
    ]
    found += [
        Offered(known.by_label[label].question or label, label, known.by_label[label].text)
        for label in known.labels
        if label not in held and not known.by_label[label].safety
    ]
    wanted = re.findall(r"\w+", query.lower())
    fits = [one for one in found if all(word in f"{one.title} {one.kind} {one.text}".lower() for word in wanted)]
    fits.sort(key=lambda one: not all(word in f"{one.title} {one.kind}".lower() for word in wanted))
    return [Offered(one.title, one.kind, _filled(one.text, values)) for one in fits[:MOST]]


async def answers(request: Request) -> Response:
    """What fits the words of `q`; as a part for the palette, or as a page."""
    desk, me, query = desk_of(request), account(request), request.query_params.get("q", "")[:200]
    found = await desk.journal(lambda: offered(desk, me, query))
    return write(request, "answers.html", found=found, q=query)


async def teach_form(request: Request) -> Response:
    """The form that says what a message should have been read as; as a part for the sheet, or as a page."""
    desk, me, now_ms = desk_of(request), account(request), desk_of(request).clock.now_ms()
    conversation = request.path_params["conversation"]
    seq = shown.number(request.path_params["seq"], 0, 2**31 - 1)
    seen = await desk.journal(
        lambda: reading.look(desk.store, conversation, account=me, now_ms=now_ms, at_most=10**6, audited=True)
    )
    view = shown.view(conversation, seen, me, [], [], desk.settings)
    line = next((one for one in view["lines"] if one.line.seq == seq and one.teachable), None)
    if line is None:
        raise HTTPException(404)
    readings = [line.understood["label"]] if line.understood.get("label") else []
    readings += [one["label"] for one in line.others]
    known = _catalogue()
    questions = {label: known.by_label[label].question for label in known.labels}
    return write(
        request, "teach.html", view=view, one=line, readings=readings[:9], labels=known.labels, questions=questions
    )  # fmt: skip


async def kept(request: Request) -> Response:
    """The kept replies, to be changed."""
    desk, me = desk_of(request), account(request)
    found = await desk.journal(lambda: canned.of(desk.store, me))
    return write(request, "kept.html", found=found, names=names(), said="", draft=None)


async def keep(request: Request) -> Response:
    """Keeps a reply, new or changed."""
    desk, me, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    title, words = text(form, "title", 80), text(form, "text", desk.settings.message_max_characters)
    number, shared = _which(form.get("id")), _shared(form.get("shared") is not None, me)
    unknown = sorted(set(placeholders.PATTERN.findall(words)) - {*names(), *placeholders.names(_catalogue().facts)})
    said = ""
    if not title or not words:
        said = "Give it a title and some words."
    elif unknown:
        said = f"There is no placeholder {{{unknown[0]}}}; those there are stand below."
    if said:
        found = await desk.journal(lambda: canned.of(desk.store, me))
        draft = canned.Canned(number or 0, title, words, None if shared else me.id)
        return write(request, "kept.html", status=422, found=found, names=names(), said=said, draft=draft)
    await desk.journal(
        lambda: canned.save(desk.store, me, number, title, words, shared=shared, now_ms=now_ms)
    )  # fmt: skip
    return done(request, "/desk/kept")


async def unkeep(request: Request) -> Response:
    """Takes a kept reply away."""
    desk, me, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    number, shared = _which(form.get("id")) or 0, _shared(form.get("shared") is not None, me)
    await desk.journal(lambda: canned.remove(desk.store, me, number, shared=shared, now_ms=now_ms))
    return done(request, "/desk/kept")


def _which(given: object) -> int | None:
    return shown.number(str(given), 0, 2**31 - 1) if given else None


def _shared(wanted: bool, me: Account) -> bool:
    if wanted and not may(me.role, MANAGE):
        raise HTTPException(403, "Shared replies are for admins to change; keep one of your own.")
    return wanted


ROUTES = [
    page("/answers", answers, READ),
    page("/teach/{conversation}/{seq}", teach_form, REVIEW),
    page("/kept", kept, TALK),
    act("/kept", keep, TALK),
    act("/kept/remove", unkeep, TALK),
]
