"""The patient API, as DESIGN.md fixes it and docs/api.md describes it.

Longer than 300 lines because each route says what it promises and refuses; they are read beside one another.
"""

from __future__ import annotations

import logging
import math
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from bot.answer.contacts import office_hours
from bot.answer.safety import emergency_number
from bot.callers import address_of
from bot.door import pages, schemas, show, texts, too_many
from bot.door.context import Door, door_of
from bot.door.live import Stream, stream
from bot.door.negotiate import preferred
from bot.door.problems import Problem, gone, limit
from bot.door.rates import REQUEST_WAITS_S
from bot.door.signing import Session
from bot.errors import StoreError
from bot.journal import conversations, inbox, queue, talk, timeline, wishes
from bot.journal.clock import iso
from bot.typed import for_brain

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
_LARGEST = 2**31 - 1

_PROBLEM: dict[str, Any] = {"model": schemas.ProblemDocument, "content": {"application/problem+json": {}}}


_ANYWHERE = (400, 403, 408, 413, 415, 421, 429, 503)
"""Odd headers or another origin, a body that is too large, slow or compressed, another name, a flood, no journal."""


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": "A problem document", **_PROBLEM} for status in sorted({*statuses, *_ANYWHERE})}


router = APIRouter(prefix="/api/v1")
TheDoor = Annotated[Door, Depends(door_of)]


async def _session(
    request: Request,
    conversation: str,
    authorization: Annotated[str | None, Header(description="`Bearer` and the token")] = None,
) -> Session:
    """Opens a conversation with its token. What goes wrong says nothing about which conversations there are."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem(
            401,
            "token-needed",
            "Send the conversation's token: `Authorization: Bearer TOKEN`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    door = await door_of(request)
    session = door.signer.session(token.strip(), now_ms=door.clock.now_ms())
    if session is None or not secrets.compare_digest(session.conversation.encode(), conversation.encode()):
        raise gone()
    if not await door.turns.come(session.conversation):
        raise too_many.requests(door.settings.requests_per_second, REQUEST_WAITS_S)
    return session


Opened = Annotated[Session, Depends(_session)]


@router.post("/conversations", status_code=201, response_model=schemas.Begun, responses=_problems(422))
async def begin(body: schemas.Begin, request: Request, door: TheDoor) -> schemas.Begun:
    """Begins a conversation. Nothing is stored without consent; `text` is screened and answered if it is danger."""
    if not body.consent:
        raise Problem(403, "consent-needed", 'Nothing was stored. Ask the patient, then send `"consent": true`.')
    now_ms = door.clock.now_ms()
    wait_s = door.beginnings.wait_s(address_of(request), now_ms)
    if wait_s:
        raise too_many.conversations(door.settings.conversations_per_minute, wait_s)
    session = Session(secrets.token_urlsafe(18), now_ms + door.settings.session_days * DAY_MS)
    await door.journal_claimed(
        lambda claim: conversations.begin(
            door.store,
            session.conversation,
            now_ms=now_ms,
            expires_at_ms=session.expires_at_ms,
            language=body.language,
            time_zone=body.time_zone,
            claim=claim,
            page=body.page,
        ),
        job_of=lambda job: job,
    )
    return schemas.Begun(
        conversation=session.conversation, token=door.signer.token(session), expires_at=iso(session.expires_at_ms)
    )


@router.post(
    "/conversations/{conversation}/messages",
    status_code=202,
    response_model=schemas.Acknowledged,
    responses={
        200: {"model": schemas.Acknowledged, "description": "This `client_id` was taken before"},
        **_problems(401, 404, 409, 422),
    },
)
async def say(body: schemas.Say, request: Request, session: Opened, door: TheDoor) -> Response:
    """Takes a message: acknowledged when it is on the disk, answered through the events."""
    with door.metrics.written_seconds.time():
        message = await _incoming(request, door, session.conversation, body)
        now_ms = door.clock.now_ms()
        recorded = await door.journal_claimed(
            lambda claim: inbox.record(
                door.store,
                session.conversation,
                message,
                now_ms=now_ms,
                messages_per_minute=door.settings.messages_per_minute,
                greeting=texts.greeting(door.settings),
                claim=claim,
            ),
            job_of=lambda recorded: recorded.job,
        )
    said: dict[str, Any] = {"seq": recorded.seq}
    if message.hidden:
        said["hidden"] = list(message.hidden)
    if not recorded.new:
        door.metrics.repeated.inc()
        return JSONResponse(said, status_code=200)
    door.metrics.acknowledged.labels(message.kind).inc()
    if message.safety is not None:
        door.metrics.danger.labels(message.safety.safety).inc()
        door.metrics.answered.labels("safety").inc()
    elif message.withheld is not None:
        door.metrics.answered.labels("withheld").inc()
    door.hub.wake(session.conversation)
    return JSONResponse(said, status_code=202)


async def _incoming(request: Request, door: Door, conversation: str, body: schemas.Say) -> inbox.Incoming:
    if body.choice is not None:
        named = door.signer.chosen(conversation, body.choice)
        button = None
        if named is not None:
            button = await door.journal(lambda: timeline.button(door.store, conversation, *named))
        if button is None:
            raise Problem(
                422, "no-such-choice", "This choice was not made for this conversation; send one of its own, or `text`."
            )
        return inbox.Incoming(body.client_id, "choice", button.label, button.payload)
    # A refusal below this line carries the safety text all the same: `bot.door.problems` screens what is refused.
    typed = body.text or ""
    most = door.settings.message_max_characters
    words = for_brain(typed)
    if max(len(typed), len(words)) > most:
        raise Problem(
            422,
            "message-too-long",
            f"A message may have {most:,} characters at most, got {max(len(typed), len(words)):,}.",
            limit=limit("message_max_characters", most, "characters"),
        )
    if not words:
        raise Problem(422, "empty-message", "There is nothing readable in this message; write some words.")
    # The raw words go no further than here; a refusal need not screen them again.
    seen = request.state.seen = door.danger(words)
    if seen.reply is None:
        wait_s = door.characters.wait_s(conversation)
        if wait_s:
            raise too_many.characters(door.settings.characters_per_minute, math.ceil(wait_s))
        door.characters.owe(conversation, len(words))
    kept = await door.redact(typed, danger=seen.reply is not None)
    return inbox.Incoming(
        body.client_id,
        "text",
        kept.text,
        for_brain(kept.text),
        safety=seen.reply,
        verdict=seen.verdict,
        rule=seen.rule,
        without_brain=seen.without_brain,
        hidden=kept.hidden,
        withheld=texts.withheld(door.settings, door.clock.now_ms()) if kept.withheld else None,
    )


async def _events(door: Door, conversation: str, after: int) -> list[dict[str, Any]]:
    kept = await door.journal(lambda: timeline.after(door.store, conversation, after))
    return [show.event(line, conversation, door.signer) for line in kept]


async def _tell_trouble(door: Door, conversation: str) -> None:
    """Tells who polls, and so hears no notice of the stream, that their answer cannot be written yet."""
    if door.hub.troubled:
        before_ms = door.clock.now_ms() - door.settings.holding_after_ms
        if await door.journal(lambda: queue.is_overdue(door.store, conversation, before_ms)):
            raise Problem(503, "store-unavailable", texts.TROUBLE, headers={"Retry-After": "2"})


@router.get(
    "/conversations/{conversation}/events",
    responses={
        200: {
            "description": "Events after `after`: a stream that never ends, or the list so far",
            "model": list[schemas.Event],
            "content": {"text/event-stream": {}},
        },
        **_problems(401, 404, 406, 422),
    },
)
async def events(
    request: Request,
    session: Opened,
    door: TheDoor,
    after: Annotated[int, Query(ge=0, le=_LARGEST)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
    accept: Annotated[str, Header()] = "*/*",
) -> Response:
    """Gives the events: a stream that resumes after `after` or `Last-Event-ID`, or the list so far."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit():
        after = max(after, min(int(last_event_id[:10]), _LARGEST))
    offered = ("text/event-stream", "application/json")
    form = preferred(accept, offered)
    found = await _events(door, session.conversation, after)

    async def delivered(given: list[dict[str, Any]]) -> None:
        """Staff see that their words have reached the patient's browser."""
        if not any(event["from"] == "staff" for event in given):
            return
        seq, now_ms = given[-1]["seq"], door.clock.now_ms()
        try:
            if await door.journal(lambda: talk.delivered(door.store, session.conversation, seq, now_ms=now_ms)):
                door.hub.tell(session.conversation)
        except StoreError as error:
            log.warning("%s", error)  # the patient reads on; only the mark at the desk is missing

    if form == "application/json":
        await _tell_trouble(door, session.conversation)
        await delivered(found)
        return JSONResponse(found)
    ends_in_s = (session.expires_at_ms - door.clock.now_ms()) / 1000
    listener = door.hub.listen(session.conversation, address_of(request))
    lines = stream(
        door.hub,
        door.metrics,
        listener,
        after,
        lambda seen: _events(door, session.conversation, seen),
        ends_in_s,
        delivered,
    )
    return Stream(lines, door.hub, listener)


async def _aside(door: Door, text: str | None) -> wishes.Aside | None:
    """What a patient typed beside messages: screened as typed, kept redacted."""
    words = for_brain(text or "")
    if text is None or not words:
        return None
    seen = door.danger(words)
    kept = await door.redact(text, danger=seen.without_brain is not None)
    danger = seen.without_brain
    return wishes.Aside(kept.text, kept.hidden, danger, danger.safety if danger else seen.verdict)


def _of_aside(door: Door, conversation: str, aside: wishes.Aside | None) -> dict[str, Any]:
    """What the answer tells of it: what was hidden, and the text for danger."""
    shown: dict[str, Any] = {}
    if aside is not None and aside.hidden:
        shown["hidden"] = list(aside.hidden)
    if aside is not None and aside.safety is not None:
        door.metrics.danger.labels(aside.safety.safety).inc()
        door.hub.wake(conversation)
        shown["safety"] = {"verdict": aside.safety.safety, "text": aside.safety.text}
    return shown


@router.post("/conversations/{conversation}/typing", status_code=204, responses=_problems(400, 401, 404, 413, 422))
async def typing(body: schemas.Typing, session: Opened, door: TheDoor) -> Response:
    """Shows to staff that the patient is writing, for a few seconds. Nothing is stored."""
    door.hub.patient_types(session.conversation, body.on)
    return Response(status_code=204)


@router.post(
    "/conversations/{conversation}/feedback",
    status_code=201,
    response_model=schemas.Rated,
    response_model_exclude_none=True,
    responses={
        200: {"model": schemas.Rated, "description": "An earlier thumb was replaced"},
        **_problems(401, 404, 422),
    },
)
async def feedback(body: schemas.Rate, session: Opened, door: TheDoor) -> Response:
    """Keeps a thumb on a line of the bot or of staff; danger in the comment is answered like anywhere."""
    now_ms = door.clock.now_ms()
    comment = await _aside(door, body.comment)
    first = await door.journal(
        lambda: wishes.rate(door.store, session.conversation, body.seq, body.value, comment, now_ms=now_ms)
    )
    shown = {"seq": body.seq, "value": body.value, **_of_aside(door, session.conversation, comment)}
    return JSONResponse(shown, status_code=201 if first else 200)


@router.post(
    "/conversations/{conversation}/contact",
    status_code=201,
    response_model=schemas.Noted,
    response_model_exclude_none=True,
    responses=_problems(401, 404, 422),
)
async def contact(body: schemas.Reach, session: Opened, door: TheDoor) -> schemas.Noted:
    """Keeps how to call a patient back. Nothing is stored without consent."""
    if not body.consent:
        raise Problem(403, "consent-needed", 'Nothing was stored. Ask the patient, then send `"consent": true`.')
    if body.phone is None and body.email is None:
        raise Problem(422, "invalid", "Give `phone` or `email`, or both.")
    now_ms = door.clock.now_ms()
    note = await _aside(door, body.note)
    reachable = wishes.Reachable(body.name, body.phone, body.email, body.time_zone, note)
    seq = await door.journal(
        lambda: wishes.leave_contact(
            door.store,
            door.box,
            session.conversation,
            reachable,
            texts.CONTACT_NOTED,
            now_ms=now_ms,
            per_minute=door.settings.messages_per_minute,
        )
    )
    door.hub.wake(session.conversation)
    return schemas.Noted(seq=seq, **_of_aside(door, session.conversation, note))


@router.get(
    "/conversations/{conversation}/transcript",
    response_model=schemas.Transcript,
    responses={200: {"content": {"text/plain": {}}}, **_problems(401, 404, 406)},
)
async def transcript(session: Opened, door: TheDoor, accept: Annotated[str, Header()] = "*/*") -> Response:
    """Gives the whole conversation, as JSON or as plain text to keep."""
    offered = ("application/json", "text/plain")
    form = preferred(accept, offered)
    found = await _events(door, session.conversation, 0)
    name = door.settings.hospital_name
    if form == "text/plain":
        headers = {"Content-Disposition": 'attachment; filename="conversation.txt"'}
        return PlainTextResponse(show.transcript(found, name), headers=headers)
    return JSONResponse({"conversation": session.conversation, "hospital_name": name, "events": found})


@router.delete("/conversations/{conversation}", status_code=204, responses=_problems(401, 404))
async def erase(session: Opened, door: TheDoor) -> Response:
    """Erases the conversation and all that was left in it. A tombstone without name or words stays."""
    now_ms = door.clock.now_ms()
    await door.journal(lambda: conversations.erase(door.store, session.conversation, now_ms=now_ms))
    door.hub.wake(session.conversation)
    return Response(status_code=204)


@router.get("/config", response_model=schemas.Config, responses=_problems())
async def config(door: TheDoor) -> schemas.Config:
    """What the widget shows before a conversation begins, and whether somebody is there."""
    settings = door.settings
    now_ms = door.clock.now_ms()
    office, now = office_hours(settings), datetime.fromtimestamp(now_ms / 1000, UTC)
    open_now = office.is_open(now)
    return schemas.Config(
        hospital_name=settings.hospital_name,
        contact_phone=settings.contact_phone,
        contact_email=settings.contact_email,
        office_hours=settings.office_hours,
        open_now=open_now,
        opens_at=None if open_now else iso(int(office.next_opening(now).timestamp() * 1000)),
        expected_wait_min=door.waits.expected_min(now_ms) if open_now else None,
        languages=pages.languages(),
        urgent_phone=settings.urgent_phone,
        emergency_number=emergency_number(settings),
        message_max_characters=settings.message_max_characters,
    )
