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
import bot.studio.web.app
from bot.answer.contacts import office_hours
from bot.desk.alerts import Alerts
from bot.desk.context import Desk
from bot.desk.notify import channels
from bot.desk.vault import Vault
from bot.door import api, ops, pages, problems
from bot.door.brain import Brain
from bot.door.context import Door
from bot.door.danger import screened
from bot.door.edge import Cors, Edge
from bot.door.forward import Forwarder
from bot.door.guard import Guard
from bot.door.limits import BodyLimit
from bot.door.live import Hub
from bot.door.metrics import Metrics
from bot.door.origins import allowed_hosts, allowed_origins, trusted_proxies
from bot.door.rates import REQUEST_WAITS_S, REQUESTS_AT_ONCE, PerMinute, Turns
from bot.door.retention import keep_to_retention
from bot.door.signing import Signer
from bot.door.waits import Waits
from bot.errors import StoreError
from bot.journal import queue
from bot.journal.clock import Clock
from bot.journal.migrate import migrate
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.redact import shared_redactor
from bot.settings import Settings

log = logging.getLogger(__name__)

OPEN_AGAIN_S = 1.0


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
        WeightsError: The model that finds names is not the one that was reviewed.
    """
    # Read here once, so that a wrong setting is met at the start and not by a patient.
    office_hours(settings)
    allowed_origins(settings.allowed_origins)
    allowed_hosts(settings.allowed_hosts)
    trusted_proxies(settings.trusted_proxies)
    channels(settings)
    clock = clock or Clock()
    store, brain, hub, metrics = Store(settings.database_url), Brain(settings), Hub(settings), Metrics()
    danger = screened(settings)
    return Door(
        settings=settings,
        clock=clock,
        danger=danger,
        store=store,
        signer=Signer(settings.secret_key),
        brain=brain,
        hub=hub,
        metrics=metrics,
        beginnings=PerMinute(settings.conversations_per_minute),
        turns=Turns(settings.requests_per_second, REQUESTS_AT_ONCE, REQUEST_WAITS_S),
        characters=Turns(settings.characters_per_minute / 60, settings.characters_per_minute, wait_most_s=0),
        forwarder=Forwarder(settings, store, clock, brain, hub, metrics, owner_name(settings), danger),
        waits=Waits(store),
        redactor=shared_redactor(),
        box=Box(settings.contact_key),
    )


def prepare(door: Door) -> None:
    """Migrates the journal and takes up what this door's former life left in flight.

    Raises:
        StoreError: The journal cannot be written.
    """
    revision = migrate(door.store, seal=door.box.seal)
    door.store.scrub()  # a migration may have encrypted what stood there plainly
    freed = queue.release_own(door.store, door.forwarder.owner)
    log.info("bot.door: journal at revision %s; %d conversations taken up again", revision, freed)


async def _opened(door: Door) -> bool:
    """Prepares the journal and begins to forward; False while it refuses."""
    try:
        await asyncio.to_thread(prepare, door)
    except StoreError as error:
        log.error("%s", error)
        return False
    door.forwarder.start()
    return True


async def _open(door: Door) -> None:
    """Tries until the journal lets itself be opened. Meanwhile posts are refused, and danger in them is answered."""
    while True:
        try:
            if await _opened(door):
                return
        except Exception:
            log.exception("bot.door: the journal could not be opened; it is tried again")
        await asyncio.sleep(OPEN_AGAIN_S)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    door: Door = app.state.door
    opening = None
    if not await _opened(door):
        opening = asyncio.create_task(_open(door), name="journal")
    looking = asyncio.create_task(door.hub.look(door.store), name="hub")
    keeping = asyncio.create_task(keep_to_retention(door), name="retention")
    app.state.alerts.start()
    try:
        yield
    finally:
        looking.cancel()
        keeping.cancel()
        if opening is not None:
            opening.cancel()
        door.hub.close()
        await app.state.alerts.stop()
        app.state.studio.state.studio.close()
        await door.forwarder.stop()
        await door.brain.close()
        door.close()
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
    refuse = problems.install(app, settings, metrics).respond
    origins, hosts = allowed_origins(settings.allowed_origins), allowed_hosts(settings.allowed_hosts)
    app.include_router(api.router)
    app.include_router(ops.router)
    app.router.routes.extend(pages.routes(static))
    if door is not None:
        desk = _desk(door)
        app.router.routes.append(Route("/desk", _to_desk, methods=["GET"]))
        app.mount("/desk", bot.desk.app.create(desk))
        app.state.alerts = Alerts(desk)
        app.state.studio = bot.studio.web.app.create(desk)
        app.router.routes.append(Route("/studio", _to_studio, methods=["GET"]))
        app.mount("/studio", app.state.studio)
    # The last one added is the outermost: a refused body still tells the browser that its page may read the refusal.
    behind_proxy = bool(settings.trusted_proxies.strip())
    app.add_middleware(Guard, origins=origins, hosts=hosts, behind_proxy=behind_proxy, refuse=refuse)
    app.add_middleware(BodyLimit, most=settings.body_max_bytes, refuse=refuse)
    app.add_middleware(
        Cors,
        allow_origins=origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "Cache-Control"],
        expose_headers=["Retry-After"],
        max_age=3600,
    )
    return app


async def _to_desk(_request: Request) -> Response:
    return RedirectResponse("/desk/inbox", status_code=307)


async def _to_studio(_request: Request) -> Response:
    return RedirectResponse("/studio/inbox", status_code=307)


def _desk(door: Door) -> Desk:
    vault = Vault(door.settings.secret_key)
    return Desk(door.settings, door.store, door.clock, door.journal, door.hub, vault, door.box)


def create_app(door: Door, static: Path = pages.STATIC) -> Edge:
    """Makes the whole ASGI app of a door.

    Args:
        door: The parts, from `build`.
        static: Folder of the widget's files.
    """
    return Edge(create_api(door.settings, door, static))
