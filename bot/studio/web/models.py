"""Models: training with its progress, the report of a candidate, changed readings, promotion and the way back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk.guard import act, page, text
from bot.desk.render import page as write
from bot.desk.roles import TEACH
from bot.studio import replays, training
from bot.studio.candidate import REST, Candidate
from bot.studio.candidates import NotYet
from bot.studio.web.context import Web, person, web_of
from bot.studio.web.matrix import matrix

SAMPLE = 20
"""Changed readings shown of those that need no name each."""


async def models(request: Request) -> Response:
    """The live model, the job, candidates, and those to go back to."""
    web = web_of(request)
    job = await web.do(training.job)
    candidates = await web.do(web.candidates.all)
    live = await web.do(web.candidates.live)
    return write(
        request, "studio_models.html", job=job, candidates=candidates, live=live[-1][0] if live else "",
        kept=[name for name, _ in reversed(live[:-1])],
    )  # fmt: skip


async def job(request: Request) -> Response:
    """How far the training is; as a part for the page that waits."""
    found = await web_of(request).do(training.job)
    response = write(request, "studio_job.html", job=found)
    if found is None or found.state != training.RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


async def train(request: Request) -> Response:
    """Starts a training."""
    by = person(request)
    await web_of(request).do(lambda: training.start(by))
    return RedirectResponse("/studio/models", status_code=303)


async def measure(request: Request) -> Response:
    """Measures a candidate again, beside the model that is live now."""
    web, name, by = web_of(request), request.path_params["name"], person(request)
    candidate = await web.do(lambda: web.candidates.one(name))
    await web.do(lambda: training.start(by, candidate.name))
    return RedirectResponse("/studio/models", status_code=303)


async def cancel(request: Request) -> Response:
    """Ends the training."""
    await web_of(request).do(training.cancel)
    return RedirectResponse("/studio/models", status_code=303)


async def one(request: Request) -> Response:
    """The report of a candidate."""
    web, name = web_of(request), request.path_params["name"]
    candidate = await web.do(lambda: web.candidates.one(name))
    return await _report(request, candidate)


async def _report(request: Request, candidate: Candidate, said: str = "", status: int = 200) -> Response:
    web, report = web_of(request), candidate.about["report"]
    groups = await web.do(lambda: _with_words(web, candidate))
    live = await web.do(web.candidates.live)
    counted = Counter(map(tuple, report["confusion"])) if report else Counter()
    drawn = await web.do(lambda: matrix(counted)) if report else None
    return write(
        request, "studio_model.html", status=status, candidate=candidate, about=candidate.about, report=report,
        groups=[group for group in groups if group["matters"]], drawn=drawn, said=said,
        rest=[group for group in groups if not group["matters"]], reasons=candidate.reasons(), REST=REST,
        counted=sorted(counted.items(), key=lambda one: (one[0][0] == one[0][1], -one[1])), sample=SAMPLE,
        trial=web.trials.named(candidate.name), is_live=bool(live) and live[-1][0] == candidate.name,
        signed=candidate.about["signed"] or {},
    )  # fmt: skip


def _with_words(web: Web, candidate: Candidate) -> list[dict[str, Any]]:
    """Changed readings with the words as the journal has them now."""
    groups = candidate.groups
    places = [place for group in groups for several in group["places"] for place in several]
    known = replays.words(web.desk.store, places)
    found = []
    for group in groups:
        shown = [next((known[place] for place in several if place in known), None) for several in group["places"]]
        found.append({**group, "lines": [one for one in shown if one], "erased": sum(one is None for one in shown)})
    return found


async def sign(request: Request) -> Response:
    """A named person takes responsibility for changed readings."""
    web, form, name, by = web_of(request), await request.form(), request.path_params["name"], person(request)
    key = text(form, "change", 200)
    await web.do(lambda: web.candidates.sign(name, key, by))
    return RedirectResponse(f"/studio/models/{name}#changes", status_code=303)


async def promote(request: Request) -> Response:
    """Makes a candidate the live model."""
    web, name, by = web_of(request), request.path_params["name"], person(request)
    try:
        await web.do(lambda: web.candidates.promote(name, by))
    except NotYet as error:
        candidate = await web.do(lambda: web.candidates.one(name))
        return await _report(request, candidate, said="It cannot go live: " + "; ".join(error.reasons), status=409)
    return RedirectResponse("/studio/models?live=1", status_code=303)


async def rollback(request: Request) -> Response:
    """Makes an earlier model live again."""
    web, form, by = web_of(request), await request.form(), person(request)
    to = text(form, "to", 100)
    await web.do(lambda: web.candidates.rollback(by, to))
    return RedirectResponse("/studio/models?live=1", status_code=303)


ROUTES = [
    page("/models", models, TEACH),
    page("/models/job", job, TEACH),
    act("/models/train", train, TEACH),
    act("/models/cancel", cancel, TEACH),
    act("/models/rollback", rollback, TEACH),
    page("/models/{name}", one, TEACH, name="model"),
    act("/models/{name}/measure", measure, TEACH),
    act("/models/{name}/sign", sign, TEACH),
    act("/models/{name}/promote", promote, TEACH),
]
