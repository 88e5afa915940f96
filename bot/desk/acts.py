"""What staff do with a conversation. Each is one form; the journal decides whether it may be, and writes the audit."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.answer import catalogue
from bot.desk import texts
from bot.desk.context import Desk, desk_of
from bot.desk.guard import account, act, text
from bot.desk.inbox import NAMES
from bot.desk.render import done
from bot.desk.roles import MANAGE, REVIEW, TALK, may
from bot.journal import marks, review, talk, teachings
from bot.journal.staff import Account
from bot.settings import ROOT

_TAG = re.compile(r"[\w][\w .+-]{0,39}")
NOTE_MOST = 4000

Step = Callable[[Desk, str, Account, FormData, int], Any]


def _act(step: Step, said: str = "") -> Any:
    """An endpoint that does one thing with the conversation of its path, and tells the pages that show it."""

    async def endpoint(request: Request) -> Response:
        desk, me, form = desk_of(request), account(request), await request.form()
        conversation, now_ms = request.path_params["conversation"], desk.clock.now_ms()
        await desk.journal(lambda: step(desk, conversation, me, form, now_ms))
        desk.ways.wake(conversation)
        queue = str(form.get("queue") or "all")
        return done(request, f"/desk/inbox/{queue if queue in NAMES else 'all'}/{conversation}", said=said)

    return endpoint


def _number(form: FormData, name: str) -> int:
    value = str(form.get(name, ""))
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise HTTPException(422, f"{name}: a whole number is needed.")
    return int(value)


def _take(desk: Desk, conversation: str, me: Account, _form: FormData, now_ms: int) -> None:
    talk.take(desk.store, conversation, me, texts.JOINED, now_ms=now_ms)


def _release(desk: Desk, conversation: str, me: Account, _form: FormData, now_ms: int) -> None:
    talk.release(desk.store, conversation, me, texts.LEFT, now_ms=now_ms, any_of=may(me.role, MANAGE))


def _reply(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    words = text(form, "text", desk.settings.message_max_characters)
    if not words:
        raise HTTPException(422, "There is nothing to send yet.")
    client_id = re.sub(r"[^A-Za-z0-9-]", "", str(form.get("client_id", "")))[:60] or f"{now_ms}"
    talk.say(desk.store, conversation, me, words, f"staff-{client_id}"[:64], now_ms=now_ms)
    desk.ways.staff_typing(conversation, None)


def _settle(desk: Desk, conversation: str, me: Account, _form: FormData, now_ms: int) -> None:
    talk.settle(desk.store, conversation, me, now_ms=now_ms)


def _assign(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    to = _number(form, "to") if form.get("to") else None
    marks.assign(desk.store, conversation, me, to, now_ms=now_ms)


def _tag(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    word = " ".join(text(form, "tag", 40).lower().split())
    if not _TAG.fullmatch(word):
        raise HTTPException(422, "A tag is 1 to 40 letters, digits, spaces, dots, plus signs or dashes.")
    marks.tag(desk.store, conversation, me, word, form.get("off") is None, now_ms=now_ms)


def _note(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    words = text(form, "text", NOTE_MOST)
    if not words:
        raise HTTPException(422, "The note is empty.")
    marks.note(desk.store, conversation, me, words, now_ms=now_ms)


def _unnote(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    marks.unnote(desk.store, conversation, me, _number(form, "note"), now_ms=now_ms)


def _flag(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    marks.flag(desk.store, conversation, me, _number(form, "seq"), now_ms=now_ms)


def _read(desk: Desk, conversation: str, _me: Account, form: FormData, now_ms: int) -> None:
    review.reviewed(desk.store, conversation, _number(form, "seq"), now_ms=now_ms, by=_me)


def _unread(desk: Desk, conversation: str, _me: Account, form: FormData, now_ms: int) -> None:
    review.unread(desk.store, conversation, _number(form, "seq"), now_ms=now_ms, by=_me)


def _teach(desk: Desk, conversation: str, me: Account, form: FormData, now_ms: int) -> None:
    verdict, label = text(form, "verdict", 16), text(form, "label", 64)
    if verdict not in (*teachings.VERDICTS, "none"):
        raise HTTPException(422, f"verdict: one of {', '.join(teachings.VERDICTS)} or none.")
    if verdict == teachings.RELABEL and label not in catalogue.present(ROOT).by_label:
        raise HTTPException(422, "Choose the label that it should have been.")
    teachings.teach(
        desk.store, conversation, me, _number(form, "seq"), None if verdict == "none" else verdict,
        label=label if verdict == teachings.RELABEL else None, note=text(form, "note", 500) or None, now_ms=now_ms,
    )  # fmt: skip


async def typing(request: Request) -> Response:
    """Says to the patient that a member of staff is writing; only by the one who has taken the conversation over."""
    desk, me, conversation = desk_of(request), account(request), request.path_params["conversation"]
    form = await request.form()
    listed = await desk.journal(lambda: review.one(desk.store, conversation))
    if listed is not None and listed.taken_by == me.id:
        desk.ways.staff_typing(conversation, me.first_name if form.get("on") == "1" else None)
    return Response(status_code=204)


ROUTES = [
    act("/c/{conversation}/take", _act(_take, "You are talking to the patient now."), TALK, name="take"),
    act("/c/{conversation}/release", _act(_release, "Marrow answers again."), TALK, name="release"),
    act("/c/{conversation}/reply", _act(_reply), TALK, name="reply"),
    act("/c/{conversation}/typing", typing, TALK),
    act("/c/{conversation}/settle", _act(_settle, "No longer waiting."), TALK, name="settle"),
    act("/c/{conversation}/assign", _act(_assign), REVIEW, name="assign"),
    act("/c/{conversation}/tag", _act(_tag), REVIEW, name="tag"),
    act("/c/{conversation}/note", _act(_note, "Note added."), REVIEW, name="note"),
    act("/c/{conversation}/unnote", _act(_unnote), REVIEW, name="unnote"),
    act("/c/{conversation}/flag", _act(_flag), REVIEW, name="flag"),
    act("/c/{conversation}/teach", _act(_teach, "Noted for the trainers."), REVIEW, name="teach"),
    act("/c/{conversation}/read", _act(_read, "Marked as read."), REVIEW, name="read"),
    act("/c/{conversation}/unread", _act(_unread, "Marked as unread."), REVIEW, name="unread"),
]
