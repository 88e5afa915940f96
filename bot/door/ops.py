"""For whoever runs the door: alive, ready, counted."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.boot import model as models
from bot.door import schemas
from bot.door.api import TheDoor
from bot.door.problems import Problem
from bot.errors import BrainError, StoreError, WeightsError
from bot.journal import queue

ANYWHERE: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.ProblemDocument, "description": "A problem document"}
    for status in (400, 408, 413, 415, 421)
}
"""Odd headers, a body that is too large, slow or compressed, a name that is not the door's."""

router = APIRouter(responses=ANYWHERE)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    responses={
        503: {"model": schemas.ProblemDocument, "description": "Which part does not answer, in `checks`"},
    },
)
async def readyz(door: TheDoor) -> dict[str, Any]:
    """Brain, model and journal really answer now; `notes` say what an operator should look at all the same."""
    checks: dict[str, str] = {}
    model = None
    try:
        await door.journal(door.store.check)
        checks["store"] = "ok"
    except StoreError as error:
        checks["store"] = str(error)
    try:
        door.redactor.check()
        checks["redaction"] = "ok"
    except WeightsError as error:
        checks["redaction"] = str(error)
    try:
        model = await door.brain.ready()
        checks["brain"] = "ok"
    except BrainError as error:
        checks["brain"] = str(error)
    broken = [name for name, said in checks.items() if said != "ok"]
    if broken:
        raise Problem(503, "not-ready", f"Not ready: {', '.join(broken)}.", headers={"Retry-After": "5"}, checks=checks)
    notes = await asyncio.to_thread(models.troubles)
    return {"status": "ready", "model": model, "checks": checks, "notes": notes}


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(door: TheDoor) -> Response:
    """Counts for Prometheus."""
    try:
        door.metrics.waiting.set(await door.journal(lambda: queue.waiting_count(door.store)))
    except StoreError:
        door.metrics.waiting.set(float("nan"))  # unknown is not zero
    return Response(generate_latest(door.metrics.registry), media_type=CONTENT_TYPE_LATEST)
