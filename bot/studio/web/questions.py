"""Questions: the list, one of them with examples, answer and history, a new one, and what the check says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.answer import catalogue, placeholders, review
from bot.answer.facts import load_sources
from bot.desk.guard import act, page, text
from bot.desk.render import POLICY
from bot.desk.render import page as write
from bot.desk.roles import TEACH
from bot.errors import MarrowError
from bot.studio import history, inbox, standing
from bot.studio import preview as previews
from bot.studio.form import Issue
from bot.studio.inbox import Item
from bot.studio.question import Question, cleaned
from bot.studio.questions import Blocked, Overtaken
from bot.studio.web.context import Web, keys_of, person, web_of

PROPOSED = 8
"""Waiting messages proposed for a question, the nearest."""

NEAR_ENOUGH = 0.5
FEWEST_LETTERS = 3
"""A shorter text is near to nothing, or to all."""

REVIEW_DAYS = 182


async def listed(request: Request) -> Response:
    """Every question."""
    web = web_of(request)
    found = await web.do(web.studio.questions)
    used = await web.do(lambda: standing.used(web.desk.store, now_ms=web.desk.clock.now_ms()))
    pairs = await web.do(web.candidates.live_confusion)
    words = request.query_params.get("q", "")[:100].lower().split()
    chosen = [one for one in found if all(word in f"{one.label} {one.question} {one.text}".lower() for word in words)]
    today = web.studio.today()
    states = {one.label: review.effective(one.label, one.state, one.review_by, today) for one in chosen}
    return write(
        request, "studio_questions.html", questions=chosen, used=used, states=states, q=" ".join(words),
        confused=standing.confusions(pairs), days=standing.DAYS, unused=standing.Use(),
    )  # fmt: skip


async def one(request: Request) -> Response:
    """One question; `key` names messages of the inbox that are to become examples."""
    web, label = web_of(request), request.path_params["label"]
    question = await web.do(lambda: web.studio.question(label))
    items = await web.do(lambda: _items(web, keys_of(request.query_params)))
    return await _page(request, question, question, added=[item.text for item in items], keys=[i.key for i in items])


async def new(request: Request) -> Response:
    """The form of a new question; `key` names messages of the inbox that are to become its first examples."""
    web = web_of(request)
    items = await web.do(lambda: _items(web, keys_of(request.query_params)))
    draft = Question(
        "topic/", next=("contact_human",), review_by=(web.studio.today() + timedelta(REVIEW_DAYS)).isoformat(),
        owner=person(request).name,
    )  # fmt: skip
    return await _page(request, draft, None, added=[item.text for item in items], keys=[item.key for item in items])


def _items(web: Web, keys: Sequence[str]) -> list[Item]:
    waiting = inbox.waiting(web.desk.store, now_ms=web.desk.clock.now_ms(), days=365)
    by_text = {item.text.casefold(): item for item in reversed(waiting) if item.key in set(keys)}
    every = {item.key for item in waiting if item.key in set(keys)}
    return [*by_text.values(), *(i for i in waiting if i.key in every and i not in by_text.values())]


def _proposed(web: Web, texts: Sequence[str], ticked: Sequence[str] = ()) -> list[Item]:
    """Waiting messages that are near to texts, after those that are ticked already."""
    waiting = {item.text: item for item in inbox.waiting(web.desk.store, now_ms=web.desk.clock.now_ms())}
    chosen = [waiting[one] for one in dict.fromkeys(ticked) if one in waiting]
    known = {one.casefold() for one in (*texts, *ticked)}
    among = [one for one in waiting if one.casefold() not in known]
    if not among or not texts:
        return chosen
    near = web.comparer.ask("near", texts=list(texts)[-40:], among=among)
    return [*chosen, *(waiting[among[one["at"]]] for one in near[:PROPOSED] if one["nearness"] >= NEAR_ENOUGH)]


async def _near(web: Web, texts: Sequence[str], ticked: Sequence[str] = ()) -> dict[str, Any]:
    """What the templates need of the proposals; they are a help, and the page is there without them."""
    try:
        found, said = await web.do(lambda: _proposed(web, texts, ticked)), ""
    except (MarrowError, ValueError) as error:
        found, said = [], f"Near messages cannot be looked for now: {str(error).partition(': ')[2] or error}"
    return {"near": found, "ticked": list(ticked), "near_said": said}


async def near(request: Request) -> Response:
    """Waiting messages near to the name and the examples that are being typed."""
    web, form = web_of(request), await request.form()
    name = text(form, "label", 64).partition("/")[2].replace("_", " ")
    words = [name, text(form, "question", 300), *text(form, "added", 14_000).splitlines()]
    ticked = [str(one)[:500] for one in form.getlist("near")][: 4 * PROPOSED]
    texts = [one for one in map(cleaned, words) if len(one) >= FEWEST_LETTERS]
    return write(request, "studio_near.html", **await _near(web, texts, ticked))


async def _page(
    request: Request, wanted: Question, there: Question | None, *, added: Sequence[str] = (), keys: Sequence[str] = (),
    issues: Sequence[Issue] = (), reason: str = "", good: str = "", said: str = "", status: int = 200,
) -> Response:  # fmt: skip
    web = web_of(request)
    texts = list(dict.fromkeys(added))
    changes = await web.do(lambda: history.of(web.desk.store, wanted.label, at_most=30)) if there else []
    proposed = await _near(web, texts)
    shown = await web.do(lambda: _shown(web, wanted, there))
    sources = await web.do(lambda: load_sources(web.studio.files.root))
    labels = await web.do(lambda: [(one.label, one.question) for one in web.studio.questions() if one.question])
    response = write(
        request, "studio_question.html", status=status, question=wanted, there=there, added=texts, keys=list(keys),
        issues=issues, reason=reason, changes=changes, sources=sources, labels=labels, **proposed, **shown,
        good=good or ("Saved." if "saved" in request.query_params else ""), said=said, states=review.STATES,
        names=placeholders.NAMES,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


def _shown(web: Web, wanted: Question, there: Question | None) -> dict[str, Any]:
    """What the templates need of an answer's preview."""
    now = datetime.fromtimestamp(web.desk.clock.now_ms() / 1000, UTC)
    shown = previews.preview(
        web.studio.completed(wanted, there), catalogue.present(web.studio.files.root), web.desk.settings, now
    )  # fmt: skip
    return {"preview": shown, "events": json.dumps(shown.events, ensure_ascii=False)}


async def preview(request: Request) -> Response:
    """How patients read the answer, as it is written: the events for the frame, and what is to be said of the words."""
    web, form, label = web_of(request), await request.form(), request.query_params.get("label", "")[:64]

    def shown() -> dict[str, Any]:
        there = next((one for one in web.studio.questions() if one.label == label), None)
        wanted = _from(form, there or Question(text(form, "label", 64)))
        return _shown(web, replace(wanted, reviewed_on=_reviewed_on(web, form, wanted)), there)

    return write(request, "studio_preview.html", **await web.do(shown))


async def widget(request: Request) -> Response:
    """The frame in which the widget's own script shows the answer that is being written."""
    response = write(request, "studio_widget.html")
    response.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _reviewed_on(web: Web, form: FormData, wanted: Question) -> str:
    return web.studio.today().isoformat() if "reviewed" in form else wanted.reviewed_on


def _from(form: FormData, there: Question) -> Question:
    """The question as a form wants it; what the form does not hold stays."""
    taken = {str(one) for one in form.getlist("remove")}
    examples = [one for place, one in enumerate(there.examples) if str(place) not in taken]
    more = [*text(form, "added", 14_000).splitlines(), *(str(one)[:500] for one in form.getlist("near"))]
    examples += [one for one in dict.fromkeys(map(cleaned, more)) if one and one not in examples]
    fields: dict[str, Any] = {name: text(form, name, 4000 if name == "text" else 300) for name in (
        "text", "question", "source", "owner", "review_by", "state", "state_reason",
    ) if name in form}  # fmt: skip
    if "next_shown" in form:
        there = replace(there, next=tuple(str(one) for one in form.getlist("next") if one)[:6])
    return replace(there, examples=tuple(examples), **fields)


async def save(request: Request) -> Response:
    """Changes a question that there is."""
    web, form, label = web_of(request), await request.form(), request.path_params["label"]
    there = await web.do(lambda: web.studio.question(label))
    wanted = _from(form, there)
    wanted = replace(wanted, reviewed_on=_reviewed_on(web, form, wanted))
    return await _save(request, form, wanted, there)


async def add(request: Request) -> Response:
    """Adds a new question."""
    form = await request.form()
    wanted = _from(form, Question(text(form, "label", 64)))
    if wanted.label in {one.label for one in await web_of(request).do(web_of(request).studio.questions)}:
        said = f"There is a question {wanted.label} already."
        return await _page(request, wanted, None, added=wanted.examples, keys=keys_of(form), said=said, status=422)
    return await _save(request, form, wanted, None)


async def _save(request: Request, form: FormData, wanted: Question, there: Question | None) -> Response:
    web, by, reason, keys = web_of(request), person(request), text(form, "reason", 500), keys_of(form)
    version = text(form, "version", 16) if there is not None else ""
    added = [one for one in wanted.examples if there is None or one not in there.examples]
    try:
        await web.do(lambda: web.studio.save(wanted, by, reason=reason, version=version))
    except Blocked as blocked:
        return await _page(
            request, wanted, there, added=added, keys=keys, issues=blocked.issues, reason=reason, status=422
        )  # fmt: skip
    except Overtaken as error:
        return await _page(request, wanted, there, added=added, keys=keys, said=str(error)[8:], status=409)
    taught = {one.casefold() for one in wanted.examples}
    now_ms = web.desk.clock.now_ms()

    def settle() -> None:
        waiting = inbox.waiting(web.desk.store, now_ms=now_ms, days=365)
        used = [item.key for item in waiting if item.key in set(keys) or item.text.casefold() in taught]
        if used:
            inbox.settle(web.desk.store, used, inbox.USED, by, now_ms=now_ms, label=wanted.label)

    await web.do(settle)
    return RedirectResponse(f"/studio/q/{wanted.label}?saved=1", status_code=303)


async def retire(request: Request) -> Response:
    """Withdraws an answer."""
    web, form, label = web_of(request), await request.form(), text(await request.form(), "label", 64)
    reason, by = text(form, "reason", 300), person(request)
    question = await web.do(lambda: web.studio.question(label))
    try:
        await web.do(lambda: web.studio.retire(label, reason, by))
    except Blocked as blocked:
        return await _page(request, question, question, issues=blocked.issues, status=422)
    return RedirectResponse(f"/studio/q/{label}?saved=1", status_code=303)


async def undo(request: Request) -> Response:
    """Takes a change back."""
    web, by, number = web_of(request), person(request), request.path_params["change"]
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise HTTPException(404)
    change = await web.do(lambda: web.studio.undo(int(number), by))
    there = any(one.label == change.label for one in await web.do(web.studio.questions))
    return RedirectResponse(f"/studio/q/{change.label}?saved=1" if there else "/studio/questions", status_code=303)


ROUTES = [
    page("/questions", listed, TEACH),
    page("/new", new, TEACH),
    act("/new", add, TEACH),
    act("/near", near, TEACH),
    act("/preview", preview, TEACH),
    page("/preview/widget", widget, TEACH),
    act("/retire", retire, TEACH),
    act("/undo/{change}", undo, TEACH),
    page("/q/{label:path}", one, TEACH, name="question"),
    act("/q/{label:path}", save, TEACH),
]
