"""Conversation tests: what was kept, and keeping one more from the desk."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk import shown
from bot.desk.guard import act, page, text
from bot.desk.render import page as write
from bot.desk.roles import TEACH
from bot.journal.rows import ConversationGone
from bot.studio import keeping as service
from bot.studio.web.context import person, web_of

SAID = {"kept": "Kept.", "removed": "Removed."}
"""What the page says after a change, by what its address names."""


async def tests(request: Request) -> Response:
    """The conversations that are kept as tests; `conversation` is one that may become one."""
    web, conversation = web_of(request), request.query_params.get("conversation", "")[:64]
    kept = await web.do(lambda: service.kept(web.studio.files.root))
    turns, said = [], ""
    if conversation:
        try:
            turns = await web.do(lambda: service.turns_of(web.desk.store, conversation))
        except service.CannotKeep as error:
            said = str(error).partition(": ")[2]
    return write(
        request, "studio_tests.html", kept=kept, conversation=conversation, turns=turns, said=said,
        handle=shown.handle, good=next((words for key, words in SAID.items() if key in request.query_params), ""),
    )  # fmt: skip


async def keep(request: Request) -> Response:
    """Keeps a conversation as a test."""
    web, form, by, now_ms = web_of(request), await request.form(), person(request), web_of(request).desk.clock.now_ms()
    conversation, name = text(form, "conversation", 64), text(form, "name", 80)
    if not conversation:
        raise HTTPException(422, "Say which conversation.")
    try:
        await web.do(
            lambda: service.keep(web.studio.files, web.desk.store, conversation, name, by, now_ms=now_ms)
        )  # fmt: skip
    except ConversationGone:
        raise HTTPException(404) from None
    return RedirectResponse("/studio/tests?kept=1", status_code=303)


async def remove(request: Request) -> Response:
    """Takes a kept test away."""
    web, form, by, now_ms = web_of(request), await request.form(), person(request), web_of(request).desk.clock.now_ms()
    name = text(form, "name", 80)
    await web.do(lambda: service.remove(web.studio.files, web.desk.store, name, by, now_ms=now_ms))
    return RedirectResponse("/studio/tests?removed=1", status_code=303)


ROUTES = [page("/tests", tests, TEACH), act("/tests", keep, TEACH), act("/tests/remove", remove, TEACH)]
