"""Errors as RFC 9457 problem documents: the same shape for every refusal, with the limit that was hit."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.callers import address_of
from bot.door.metrics import Metrics
from bot.door.rates import PerMinute, Turns
from bot.door.refused import counted, danger_in
from bot.errors import StoreError
from bot.journal.rows import ClientIdReused, ConversationGone, NoSuchLine, TooManyMessages
from bot.settings import Settings

if TYPE_CHECKING:  # it holds what refuses by itself, such as the streams
    from bot.door.context import Door

log = logging.getLogger(__name__)

STORE_RETRY_S = 5
"""What a client is told to wait, in seconds, when the journal refuses."""

TITLES = {
    "bad-request": "The request cannot be read",
    "body-too-large": "The request is too large",
    "body-too-slow": "The request came too slowly",
    "client-id-reused": "This client_id was used for another message",
    "consent-needed": "Consent is needed",
    "empty-message": "The message is empty",
    "head-too-large": "The request's head is too large",
    "head-too-slow": "The request's head came too slowly",
    "host-not-allowed": "The door is not known by this name",
    "internal": "Something went wrong here",
    "invalid": "The request does not fit",
    "message-too-long": "The message is too long",
    "method-not-allowed": "This address does not do that",
    "no-such-choice": "This button is not known",
    "no-such-conversation": "No such conversation",
    "not-acceptable": "No form of this answer fits",
    "not-found": "Nothing here",
    "not-ready": "Not ready",
    "origin-not-allowed": "This web page may not carry the widget",
    "store-unavailable": "Messages cannot be taken at the moment",
    "token-needed": "A token is needed",
    "too-many-conversations": "Too many new conversations",
    "too-many-messages": "Too many messages",
    "too-many-refusals": "Too many requests in vain",
    "too-many-requests": "Too many requests",
    "too-many-streams": "Too many open event streams",
    "unsupported-media-type": "The body is not JSON",
}
"""Every problem by its slug, with its title. `docs/api.md` says more, and a test holds it to this list."""

SCREENING_SHARE = 0.1
SCREENING_AT_ONCE_S = 0.5
SCREENING_WAITS_S = 5.0
"""Screening of refused words, by address: so much of the door's one thread in the long run, so much at once, and so
long it is waited for. Where a proxy hides the addresses they count together; then the short form of screening comes
(bot.door.refused)."""

COUNTED = ("consent-needed", "no-such-conversation", "token-needed")
"""Refusals of posts by people of whom the door knows nothing; they are limited by address."""


class Problem(HTTPException):
    """A refusal with its reason.

    Args:
        status: HTTP status.
        slug: One of `TITLES`.
        detail: What was wrong and what to do next, as a patient's helper reads it.
        headers: Extra headers.
        extra: Extra members of the document, such as `limit`.
    """

    def __init__(
        self, status: int, slug: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(status_code=status, detail=detail, headers=dict(headers or {}))
        self.slug = slug
        self.extra = extra


def limit(name: str, value: int, unit: str) -> dict[str, Any]:
    """The member that names a limit: its setting, its value and the unit."""
    return {"name": name, "value": value, "unit": unit}


def too_many(slug: str, detail: str, wait_s: int, hit: dict[str, Any]) -> Problem:
    """Said when a limit over time is hit: when to come again, and which limit it was."""
    return Problem(429, slug, detail, headers={"Retry-After": str(wait_s)}, limit=hit)


def document(instance: str, problem: Problem) -> JSONResponse:
    """Writes a problem as a response.

    Args:
        instance: The path that was asked for.
        problem: What is wrong.
    """
    return JSONResponse(
        body_of(instance, problem),
        status_code=problem.status_code,
        headers=problem.headers,
        media_type="application/problem+json",
    )


def body_of(instance: str, problem: Problem) -> dict[str, Any]:
    """The members of a problem document.

    Args:
        instance: The path that was asked for.
        problem: What is wrong.
    """
    return {
        "type": f"urn:marrow:problem:{problem.slug}",
        "title": TITLES[problem.slug],
        "status": problem.status_code,
        "detail": problem.detail,
        "instance": instance,
        **problem.extra,
    }


def gone() -> Problem:
    """The one answer for a wrong token, an expired one, and a conversation that is not (or no longer) there."""
    return Problem(
        404, "no-such-conversation", "There is no such conversation, or this token does not open it; begin a new one."
    )


def _of_http(error: HTTPException) -> Problem:
    if isinstance(error, Problem):
        return error
    headers = error.headers or {}
    if error.status_code == 404:
        return Problem(404, "not-found", "There is nothing at this address; the API is described in docs/api.md.")
    if error.status_code == 405:
        allowed = headers.get("Allow") or headers.get("allow") or "another method"
        return Problem(405, "method-not-allowed", f"Use {allowed} here.", headers=headers)
    if error.status_code >= 500:
        return Problem(error.status_code, "internal", "Try again; if it goes on, tell the hospital.")
    detail = error.detail or HTTPStatus(error.status_code).phrase
    return Problem(error.status_code, "bad-request", f"{detail}.", headers=headers)


def _of_validation(request: Request, error: RequestValidationError) -> Problem:
    if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
        return Problem(415, "unsupported-media-type", "Send the body as `Content-Type: application/json`.")
    # The value itself is left out: it may be a patient's words, and problems get logged by clients.
    errors = [
        {"at": "/".join(str(part) for part in item["loc"]), "message": item["msg"], "kind": item["type"]}
        for item in error.errors()
    ]
    if any(item["kind"] == "json_invalid" for item in errors):
        return Problem(400, "bad-request", "The body is no valid JSON; send an object in UTF-8.")
    places = ", ".join(item["at"] for item in errors)
    return Problem(422, "invalid", f"These do not fit: {places}; see `errors`.", errors=errors)


def _of_limit(error: TooManyMessages, settings: Settings) -> Problem:
    most = settings.messages_per_minute
    wait_s = max(1, math.ceil(error.retry_after_ms / 1000))
    detail = f"A conversation may send {most} messages a minute; the next one is taken in {wait_s} s."
    return too_many("too-many-messages", detail, wait_s, limit("messages_per_minute", most, "messages per minute"))


def _too_many_refusals(most: int, wait_s: int) -> Problem:
    detail = f"Of one address {most} refused posts a minute are looked at; try again in {wait_s} s."
    return too_many("too-many-refusals", detail, wait_s, limit("refusals_per_minute", most, "posts per minute"))


def store_unavailable() -> Problem:
    """Said while the journal refuses: nothing was acknowledged, so the client sends it again."""
    return Problem(
        503,
        "store-unavailable",
        f"Nothing was taken, so nothing is lost: send it again in {STORE_RETRY_S} s.",
        headers={"Retry-After": str(STORE_RETRY_S)},
    )


class Refuser:
    """Answers what is refused: counts it, screens its words for danger, and writes the problem document.

    Args:
        settings: Limits.
        metrics: Counts refusals.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._refusals = PerMinute(settings.refusals_per_minute)
        self._screenings = Turns(SCREENING_SHARE, SCREENING_AT_ONCE_S, SCREENING_WAITS_S)

    async def respond(self, request: Request, problem: Problem) -> Response:
        """Gives the answer to a refused request."""
        door: Door = request.app.state.door
        address = address_of(request)
        if request.method == "POST" and problem.slug in COUNTED:
            wait_s = self._refusals.wait_s(address, door.clock.now_ms())
            if wait_s:
                problem = _too_many_refusals(self._settings.refusals_per_minute, wait_s)
        if hasattr(request.state, "seen"):
            danger = counted(request.state.seen.reply, door)
        else:
            danger = await danger_in(getattr(request.state, "body", b""), address, self._screenings, door)
        if danger is not None:
            problem.extra["safety"] = {"verdict": danger.safety, "text": danger.text}
        self._metrics.refused.labels(problem.slug).inc()
        request.state.problem = problem.slug  # for the access log
        return document(request.url.path, problem)


def install(app: FastAPI, settings: Settings, metrics: Metrics) -> Refuser:
    """Makes every error of the app a problem document; gives what does so, for what stands before the app."""
    refuser = Refuser(settings, metrics)
    respond = refuser.respond

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return await respond(request, _of_http(error))

    async def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await respond(request, _of_validation(request, error))

    async def journal(request: Request, error: Exception) -> Response:
        match error:
            case TooManyMessages():
                return await respond(request, _of_limit(error, settings))
            case ClientIdReused():
                detail = "A message with this client_id and other words was taken before; use a new one."
                return await respond(request, Problem(409, "client-id-reused", detail))
            case NoSuchLine():
                detail = "`seq` is no line that can be rated; name one from the bot or from staff."
                return await respond(request, Problem(422, "invalid", detail))
            case _:
                return await respond(request, gone())

    async def store(request: Request, error: Exception) -> Response:
        metrics.store_failures.inc()
        log.error("%s", error)
        return await respond(request, store_unavailable())

    async def unexpected(request: Request, _error: Exception) -> Response:
        request.scope["app"] = app  # where the desk or the studio failed, theirs stands there
        return await respond(request, Problem(500, "internal", "Try again; if it goes on, tell the hospital."))

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)
    for kind in (TooManyMessages, ClientIdReused, NoSuchLine, ConversationGone):
        app.add_exception_handler(kind, journal)
    app.add_exception_handler(StoreError, store)
    app.add_exception_handler(Exception, unexpected)
    return refuser
