"""The inbox: the queues, the conversation, and what is known of it. What is done there is in `bot.desk.acts`."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk import shown
from bot.desk.context import Desk, desk_of
from bot.desk.guard import account, page
from bot.desk.render import is_part
from bot.desk.render import page as write
from bot.desk.roles import CONTACTS, READ
from bot.journal import contacts as contacts_left
from bot.journal import reading, review, staff
from bot.journal.rows import ConversationGone

AT_MOST, MOST = 50, 500
"""Conversations of a queue shown at first, and at most."""

LINES, LINES_MOST = 200, 5000
"""Lines of a conversation shown at first, and at most."""

VIEW_COUNTS_MS = 10 * 60_000
"""Within this a page that keeps itself up to date is one view for the audit."""

NAMES = {
    "danger": "Danger",
    "waiting": "Waiting for a person",
    "mine": "Mine",
    "unanswered": "Unanswered by the bot",
    "disliked": "Thumbs down",
    "review": "To review",
    "all": "All",
}


async def inbox(_request: Request) -> Response:
    """Goes to what nobody has read yet."""
    return RedirectResponse("/desk/inbox/review", status_code=303)


async def _list(request: Request, queue: str, conversation: str) -> dict[str, Any]:
    """What the list of a queue needs.

    Raises:
        HTTPException: 404, there is no such queue.
    """
    if queue not in NAMES:
        raise HTTPException(404)
    desk, me = desk_of(request), account(request).id
    most = shown.number(request.query_params.get("most"), AT_MOST, MOST)

    def read() -> dict[str, Any]:
        listed = review.queue(desk.store, queue, me=me, at_most=most + 1)
        items = listed[:most]
        ids = [item.conversation for item in items]
        return {
            "items": items,
            "more": min(most * 2, MOST) if len(listed) > most and most < MOST else 0,
            "words": reading.last_words(desk.store, ids),
            "tags": reading.tags_of(desk.store, ids),
            "people": {one.id: one.name for one in staff.everybody(desk.store)},
            "counts": review.counts(desk.store, me=me),
        }

    found = await desk.journal(read)
    return {
        **found, "queue": queue, "queues": NAMES, "counted_to": review.COUNTED_TO, "selected": conversation,
        "handle": shown.handle, "most": most,
    }  # fmt: skip


async def queue_page(request: Request) -> Response:
    """A queue, with nothing opened."""
    data = await _list(request, request.path_params["queue"], "")
    return write(request, "inbox.html", view=None, **data)


async def list_part(request: Request) -> Response:
    """The list alone, for a page that keeps itself up to date."""
    data = await _list(request, request.path_params["queue"], request.query_params.get("selected", ""))
    return write(request, "_list.html", **data)


async def conversation_page(request: Request) -> Response:
    """A conversation beside its queue; for htmx without the queue."""
    queue, conversation = request.path_params["queue"], request.path_params["conversation"]
    if queue not in NAMES:
        raise HTTPException(404)
    view = await _view(request, conversation)
    if is_part(request):
        return write(request, "_work.html", queue=queue, view=view)
    data = await _list(request, queue, conversation)
    return write(request, "inbox.html", view=view, **data)


async def talk_part(request: Request) -> Response:
    """The transcript and the facts alone, for a page that keeps itself up to date."""
    view = await _view(request, request.path_params["conversation"])
    return write(request, "_talk.html", view=view)


async def _view(request: Request, conversation: str) -> dict[str, Any]:
    desk, me, now_ms = desk_of(request), account(request), desk_of(request).clock.now_ms()
    most = shown.number(request.query_params.get("lines"), LINES, LINES_MOST)
    audited = _is_new_view(request, desk, conversation, now_ms)
    seen = await desk.journal(
        lambda: reading.look(
            desk.store, conversation, account=me, now_ms=now_ms, at_most=most, audited=audited
        )
    )  # fmt: skip
    _viewed(request, conversation, now_ms, audited)
    people = await desk.journal(lambda: [one for one in staff.everybody(desk.store) if one.active])
    known = await desk.journal(lambda: reading.known_tags(desk.store))
    return {**shown.view(conversation, seen, me, people, known, desk.settings), "most": most}


def _key(request: Request, conversation: str) -> tuple[str, str]:
    return request.state.session.id_hash, conversation


def _is_new_view(request: Request, desk: Desk, conversation: str, now_ms: int) -> bool:
    views: dict[tuple[str, str], int] = request.app.state.views
    last = views.get(_key(request, conversation), 0)
    return now_ms - last > VIEW_COUNTS_MS or "live" not in request.query_params


def _viewed(request: Request, conversation: str, now_ms: int, audited: bool) -> None:
    if not audited:
        return
    views: dict[tuple[str, str], int] = request.app.state.views
    for over in [key for key, at_ms in views.items() if now_ms - at_ms > VIEW_COUNTS_MS]:
        del views[over]
    views[_key(request, conversation)] = now_ms


async def contacts(request: Request) -> Response:
    """How the patient can be called back; each look is in the audit."""
    desk, me, now_ms = desk_of(request), account(request), desk_of(request).clock.now_ms()
    conversation = request.path_params["conversation"]
    found = await desk.journal(
        lambda: contacts_left.of(desk.store, desk.box, conversation, now_ms=now_ms, actor=me.actor)
    )
    if not found:
        raise ConversationGone("bot.desk: nothing was left, or it was erased")
    return write(request, "contacts.html", found=found, conversation=conversation, handle=shown.handle)


ROUTES = [
    page("/inbox", inbox, READ),
    page("/inbox/{queue}", queue_page, READ),
    page("/inbox/{queue}/{conversation}", conversation_page, READ),
    page("/part/list/{queue}", list_part, READ),
    page("/part/talk/{conversation}", talk_part, READ),
    page("/c/{conversation}/contacts", contacts, CONTACTS),
]
