"""Puts the door together."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import bot.desk.app
from bot.answer.contacts import office_hours
from bot.desk.alerts import Alerts
from bot.desk.context import Desk
from bot.desk.vault import Vault
from bot.door import api, ops, pages, problems
from bot.door.brain import Brain
from bot.door.context import Door
from bot.door.danger import screened
from bot.door.edge import Cors, Edge
from bot.door.forward import Forwarder
from bot.door.limits import BodyLimit
from bot.door.live import Hub
from bot.door.metrics import Metrics
from bot.door.signing import Signer
from bot.door.waits import Waits
from bot.journal import queue
from bot.journal.clock import Clock
from bot.journal.migrate import migrate
from bot.journal.store import Store
from bot.settings import Settings

log = logging.getLogger(__name__)


def owner_name(settings: Settings) -> str:
    """This door's name in claims: host and port, which only one living process can have."""
    return f"{socket.gethostname()}:{settings.door_host}:{settings.door_port}"


def build(settings: Settings, *, clock: Clock | None = None) -> Door:
    """Makes the parts of a door; nothing is opened yet but the journal's file.

    Args:
        settings: Everything that can be set.
        clock: The time; the machine's when None.

    Raises:
        SettingsError: A setting cannot be used.
        StoreError: The journal cannot be made or opened.
    """
    office_hours(settings)  # read here once, so that a wrong setting is met at the start and not by a patient
    clock = clock or Clock()
    store, brain, hub, metrics = Store(settings.database_url), Brain(settings), Hub(), Metrics()
    return Door(
        settings=settings,
        clock=clock,
        danger=screened(settings),
        store=store,
        signer=Signer(settings.secret_key),
        brain=brain,
        hub=hub,
        metrics=metrics,
        forwarder=Forwarder(settings, store, clock, brain, hub, metrics, owner_name(settings)),
        waits=Waits(store),
    )


def prepare(door: Door) -> None:
    """Migrates the journal and takes up what this door's former life left in flight.

    Raises:
        StoreError: The journal cannot be written.
    """
    revision = migrate(door.store)
    freed = queue.release_own(door.store, door.forwarder.owner)
    log.info("bot.door: journal at revision %s; %d conversations taken up again", revision, freed)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    door: Door = app.state.door
    await asyncio.to_thread(prepare, door)
    door.forwarder.start()
    looking = asyncio.create_task(door.hub.look(door.store), name="hub")
    app.state.alerts.start()
    try:
        yield
    finally:
        looking.cancel()
        door.hub.close()
        await app.state.alerts.stop()
        await door.forwarder.stop()
        await door.brain.close()
        door.store.close()


def create_api(settings: Settings, door: Door | None, static: Path = pages.STATIC) -> FastAPI:
    """Makes the FastAPI app.

    Args:
        settings: Limits and origins.
        door: The parts; None only to write down the OpenAPI description.
        static: Folder of the widget's files.
    """
    app = FastAPI(
        title="Marrow: patient API",
        version="1",
        description="Errors are problem documents (RFC 9457). See docs/api.md.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_life,
        redirect_slashes=False,
    )
    app.state.door = door
    metrics = door.metrics if door else Metrics()
    problems.install(app, settings, metrics)
    app.include_router(api.router)
    app.include_router(ops.router)
    app.router.routes.extend(pages.routes(static))
    if door is not None:
        desk = _desk(door)
        app.router.routes.append(Route("/desk", _to_desk, methods=["GET"]))
        app.mount("/desk", bot.desk.app.create(desk))
        app.state.alerts = Alerts(desk)
    # The last one added is the outermost: a refused body still tells the browser that its page may read the refusal.
    app.add_middleware(BodyLimit, most=settings.body_max_bytes, metrics=metrics)
    app.add_middleware(
        Cors,
        allow_origins=[origin.strip().rstrip("/") for origin in settings.allowed_origins.split(",") if origin.strip()],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "Cache-Control"],
        expose_headers=["Retry-After"],
        max_age=3600,
    )
    return app


async def _to_desk(_request: Request) -> Response:
    return RedirectResponse("/desk/inbox", status_code=307)


def _desk(door: Door) -> Desk:
    vault = Vault(door.settings.secret_key)
    return Desk(door.settings, door.store, door.clock, door.journal, door.hub, vault)


def create_app(door: Door, static: Path = pages.STATIC) -> Edge:
    """Makes the whole ASGI app of a door.

    Args:
        door: The parts, from `build`.
        static: Folder of the widget's files.
    """
    return Edge(create_api(door.settings, door, static))
