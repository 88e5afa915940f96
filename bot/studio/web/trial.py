"""The private link: the real widget talks to a candidate, through this door, which passes everything on.

Only what the widget needs is passed on, and no cookie: who holds the link gets no further into the desk by it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.desk.guard import OPEN, act, page
from bot.desk.render import page as write
from bot.desk.roles import TEACH
from bot.studio.trial import Trial
from bot.studio.web.context import web_of

FILES = ("widget.js", "widget.css", "tokens.css")
PASSED = ("api/v1/", "widget/")
_ON = ("accept", "authorization", "content-type", "last-event-id", "accept-language", "if-none-match")
_BACK = ("content-type", "cache-control", "etag", "retry-after", "content-security-policy")
MOST_BYTES = 65_536


async def start(request: Request) -> Response:
    """Starts a candidate to be talked to."""
    web, name = web_of(request), request.path_params["name"]
    candidate = await web.do(lambda: web.candidates.one(name))
    await web.do(lambda: web.trials.start(web.candidates.file(candidate)))
    return RedirectResponse(f"/studio/models/{name}", status_code=303)


async def stop(request: Request) -> Response:
    """Ends it."""
    web, name = web_of(request), request.path_params["name"]
    await web.do(web.trials.close)
    return RedirectResponse(f"/studio/models/{name}", status_code=303)


def _trial(request: Request) -> Trial:
    found = web_of(request).trials.of(request.path_params["token"])
    if found is None:
        raise HTTPException(404, "This link is no longer good. Ask for a new one.")
    return found


async def room(request: Request) -> Response:
    """The page with the widget; it waits until the candidate is ready."""
    trial = _trial(request)
    try:
        ready = (await web_of(request).way.get(f"http://127.0.0.1:{trial.port}/readyz")).status_code == 200
    except httpx.HTTPError:
        ready = False
    return write(request, "studio_trial.html", name=trial.name, ready=ready)


async def passed(request: Request) -> Response:
    """Passes a request of the widget on, and the answer back as it comes."""
    trial, path = _trial(request), request.path_params["path"]
    if not (path in FILES or path.startswith(PASSED)) or ".." in path:
        raise HTTPException(404)
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise HTTPException(413)
    way = web_of(request).way
    asked = way.build_request(
        request.method, f"http://127.0.0.1:{trial.port}/{path}", params=request.query_params, content=body,
        headers={name: request.headers[name] for name in _ON if name in request.headers}, timeout=None,
    )  # fmt: skip
    try:
        got = await way.send(asked, stream=True)
    except httpx.HTTPError:
        raise HTTPException(503, "The candidate does not answer. Wait some seconds and load the page again.") from None

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in got.aiter_bytes():
                yield piece
        except httpx.HTTPError:
            return
        finally:
            await got.aclose()

    back = {name: got.headers[name] for name in _BACK if name in got.headers}
    return StreamingResponse(pieces(), status_code=got.status_code, headers=back)


ROUTES = [
    act("/models/{name}/try", start, TEACH, name="try"),
    act("/models/{name}/try/stop", stop, TEACH, name="try_stop"),
    page("/try/{token}/", room, OPEN, name="trial"),
]
LINK = Route("/try/{token}/{path:path}", passed, methods=["GET", "POST", "DELETE"])
"""For whoever holds the link: the token is the right. The candidate's own door guards what is behind it."""
