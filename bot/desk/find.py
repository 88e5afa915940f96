"""Find: search with filters as an address, kept searches, and the result to take along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup, escape
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.answer import catalogue, labels
from bot.desk import address, export
from bot.desk.context import Desk, desk_of
from bot.desk.guard import account, act, page, text
from bot.desk.render import HEADERS, done
from bot.desk.render import page as write
from bot.desk.roles import EXPORT, READ, REVIEW, may
from bot.journal import audit, search, terms, views
from bot.journal.search import Counted, Cursor, Filters, Hit
from bot.journal.staff import Account
from bot.settings import ROOT

SHOWN = 50
"""Messages on one page."""

EXCERPT = 280
"""Characters of a line that are shown around what was found."""

OUTCOMES = {
    "answer": "answered",
    "no_answer": "no reviewed answer yet",
    "clarify": "readings offered",
    "fallback": "not understood",
    "handoff": "handed to a person",
    "safety": "danger or personal advice",
    "withheld": "kept back unread",
    "staff": "left to a person",
    "failed": "brain out of reach",
    "waiting": "waits for an answer",
}
"""What became of a message, in words."""

CHOICES: dict[str, dict[str, str]] = {
    "in": {
        "people": "what patients and staff wrote", "patient": "what patients wrote", "staff": "what staff wrote",
        "bot": "the bot's answers", "all": "all of it",
    },
    "feedback": {"up": "thumb up", "down": "thumb down", "any": "any thumb", "comment": "with a word", "none": "none"},
    "danger": {
        "red": "any danger", "emergency": "emergency", "self_harm": "self-harm", "check": "unclear",
        "personal_advice": "personal advice", "none": "none seen",
    },
    "person": {
        "asked": "asked for", "came": "asked for and came", "waiting": "asked for, nobody came yet",
        "none": "not asked for",
    },
    "marked": {
        "flagged": "flagged", "right": "marked as right", "relabel": "re-labelled",
        "new_question": "should be a new question",
    },
    "kind": {
        "text": "typed", "choice": "a pressed button", "comment": "danger beside a thumb",
        "note": "danger beside a number",
    },
    "reviewed": {"yes": "read by staff", "no": "not read"},
}  # fmt: skip
LANGUAGES = {
    "en": "English", "zh": "Chinese", "ru": "Russian", "ar": "Arabic", "es": "Spanish", "vi": "Vietnamese",
    "de": "German", "fr": "French", "it": "Italian", "ja": "Japanese", "ko": "Korean", "pt": "Portuguese",
    "tr": "Turkish", "nl": "Dutch", "pl": "Polish", "th": "Thai", "und": "not known",
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def without_answer(day: date) -> tuple[str, ...]:
    """Labels that are understood and have no answer on a day: their texts say so, or they are kept from patients.

    Topics that came with Marrow say that there is no reviewed answer until they get a source; those that trainers
    made are answers from the first day.

    Args:
        day: The day in the hospital's zone.
    """
    known = catalogue.present(ROOT)
    open_ = (*labels.TOPICS, *labels.OUT_OF_SCOPE)
    missing = [label for label in open_ if label not in known.by_label or known.by_label[label].provenance is None]
    return tuple(sorted({*missing, *known.held_back(day)}))


def base(desk: Desk) -> Filters:
    """A search for everything at this hospital."""
    return Filters(zone=desk.settings.time_zone, unanswered=without_answer(desk.today))


def marked(words: str, query: str) -> Markup:
    """Words with what was looked for marked, cut around the first place; escaped."""
    places = terms.marks(words, terms.read(query)) if query else []
    start = max(0, places[0][0] - EXCERPT // 3) if places and len(words) > EXCERPT else 0
    end = min(len(words), start + EXCERPT)
    made, at = Markup("… " if start else ""), start
    for first, last in places:
        if first >= end:
            break
        made += escape(words[at:first]) + Markup("<mark>") + escape(words[first:last]) + Markup("</mark>")
        at = last
    return made + escape(words[at:end]) + (" …" if end < len(words) else "")


def said(hit: Hit, filters: Filters) -> list[tuple[str, str]]:
    """Which answer to a message is shown with it: the one in which the words were found, or else the first."""
    looked_for = terms.read(filters.text or "")
    senders = search.SAID_BY[filters.said_by]
    for sender, words in hit.answers:
        if sender in senders and terms.marks(words, looked_for):
            return [(sender, words)]
    return list(hit.answers[:1])


async def find(request: Request) -> Response:
    """The search, its result, and the kept searches."""
    desk, me = desk_of(request), account(request)
    asked = address.read(request.query_params.multi_items(), base(desk))
    filters = asked.filters

    def look() -> tuple[Counted, list[Hit], list[views.View]]:
        by_conversation = asked.show == address.CONVERSATIONS
        counted, hits = search.look(
            desk.store, filters, by_conversation=by_conversation, after=asked.after, at_most=SHOWN + 1
        )
        if hits:
            _note(desk, me, "search", filters, {"show": asked.show, "messages": counted.messages})
        return counted, hits, views.known(desk.store, me.id)

    counted, hits, kept = await desk.journal(look)
    following = None
    if len(hits) > SHOWN:
        hits = hits[:SHOWN]
        last = hits[-1]
        following = address.of(filters, show=asked.show, after=Cursor(last.at_ms, last.conversation, last.seq))
    other = address.MESSAGES if asked.show == address.CONVERSATIONS else address.CONVERSATIONS
    return write(
        request, "find.html", asked=asked, filters=filters, counted=counted, hits=hits, kept=kept, following=following,
        beginning=address.of(filters, show=asked.show), other=address.of(filters, show=other),
        query=address.write(filters, show=asked.show), chips=_chips(filters, asked.show), choices=CHOICES,
        outcomes=OUTCOMES, languages=LANGUAGES, labels=catalogue.present(ROOT).labels, weekdays=WEEKDAYS, marked=marked,
        said=said, may_export=may(me.role, EXPORT), may_share=may(me.role, REVIEW), most_name=80,
    )  # fmt: skip


def _chips(filters: Filters, show: str) -> list[tuple[str, str]]:
    """Each filter in words, with the address of the search without it."""
    pairs = parse_qsl(address.write(filters, show=show))
    found = []
    for place, (name, value) in enumerate(pairs):
        if name in ("q", "show", "in"):
            continue
        words = {
            "label": value, "outcome": OUTCOMES.get(value, value), "language": LANGUAGES.get(value, value),
            "sure_from": f"at least {value} % sure", "sure_to": f"at most {value} % sure", "tag": f"tag: {value}",
            "page": f"page: {value}", "from": f"from {value}", "to": f"to {value}", "hour": f"{value}:00 to {value}:59",
            "weekday": WEEKDAYS[int(value) - 1] if name == "weekday" else "",
        }.get(name) or f"{_TITLES.get(name, name)}: {CHOICES[name][value]}"  # fmt: skip
        rest = [pair for number, pair in enumerate(pairs) if number != place]
        found.append((words, address.of(address.read(rest, Filters(zone=filters.zone)).filters, show=show)))
    return found


_TITLES = {"person": "a person", "danger": "danger", "feedback": "feedback", "marked": "staff", "kind": "sent by",
           "reviewed": "review"}  # fmt: skip


def _note(desk: Desk, me: Account, action: str, filters: Filters, detail: dict[str, Any]) -> None:
    """Writes who saw the result of a search into the audit: the filters, not the words, which may be a patient's."""
    without_words = address.write(replace(filters, text=""))
    with desk.store.write() as connection:
        audit.append(
            connection, at_ms=desk.clock.now_ms(), actor=me.actor, action=action, subject=audit.subject_of("search"),
            detail={**detail, "search": without_words, "words": bool(filters.text)},
        )  # fmt: skip


async def take_along(request: Request) -> Response:
    """The whole result as a file. Written into the audit before the first line of it leaves."""
    desk, me, form = desk_of(request), account(request), await request.form()
    filters = address.read(parse_qsl(str(form.get("query", ""))), base(desk)).filters
    kind = "csv" if form.get("form") != "jsonl" else "jsonl"

    def note() -> None:
        found = search.count(desk.store, filters)
        _note(desk, me, "export", filters, {"form": kind, "messages": found.messages})

    await desk.journal(note)
    written = export.as_csv if kind == "csv" else export.as_jsonl
    lines: Iterator[str] = written(search.everything(desk.store, filters))
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="marrow-messages.{kind}"'}
    return StreamingResponse(iterate_in_threadpool(lines), media_type=media, headers=headers)


async def keep(request: Request) -> Response:
    """Keeps a search under a name."""
    desk, me, form = desk_of(request), account(request), await request.form()
    name = " ".join(text(form, "name", 80).split())
    asked = address.read(parse_qsl(text(form, "query", 2000)), base(desk))
    written = address.write(asked.filters, show=asked.show)
    back = f"{address.PATH}?{written}" if written else address.PATH
    if name:
        shared = bool(form.get("shared")) and may(me.role, REVIEW)
        now_ms = desk.clock.now_ms()
        await desk.journal(lambda: views.keep(desk.store, me, name, written, shared=shared, now_ms=now_ms))
    return RedirectResponse(back, status_code=303)


async def remove(request: Request) -> Response:
    """Removes one's own kept search."""
    desk, me, form = desk_of(request), account(request), await request.form()
    number, now_ms = str(form.get("id", "")), desk.clock.now_ms()
    if number.isascii() and number.isdigit() and len(number) < 10:
        await desk.journal(lambda: views.remove(desk.store, me, int(number), now_ms=now_ms))
    return done(request, address.PATH)


ROUTES = [
    page("/find", find, READ),
    act("/find/export", take_along, EXPORT, name="export"),
    act("/find/keep", keep, READ, name="keep_view"),
    act("/find/remove", remove, READ, name="remove_view"),
]
