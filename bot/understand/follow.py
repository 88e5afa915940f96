"""A running brain takes the model that the studio promotes, without a pause: loaded beside the old one, then swapped.

It looks at the stamp of the folder that its model came from. The new file is held to its SHA-256, loaded in a thread
and warmed by a message; only then does the next patient's message meet it. What is under way ends with the old one.
Whatever goes wrong, the old one stays. Chosen over Rasa's model server, which loads in the loop that answers patients
and has nothing to serve it when the door is down, and over a second process, which needs twice the memory.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints

from bot.boot import model
from bot.errors import ModelError
from bot.settings import ROOT

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
AGAIN_AFTER_S = 60.0  # a file that could not be loaded is tried again
WARMING_MESSAGE = "how long does the treatment take"


def folder_of(arguments: list[str]) -> Path | None:
    """The folder of the model that this process was started with; None when it was started without one."""
    for flag, value in pairwise(arguments):
        if flag in ("--model", "-m"):
            return Path(value).resolve().parent
    return None


def loaded(file: Path, sha256: str, old: Agent) -> Agent:
    """Loads a model into an agent of its own, with the ways of the old one.

    Raises:
        ModelError: The file is another one, or holds no model.
    """
    if model.file_digest(file) != sha256:
        raise ModelError(f"follow: {file.name} is not the file that was promoted; the model in use stays")
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    new = Agent(
        generator=endpoints.nlg,
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        lock_store=old.lock_store,
        action_endpoint=old.action_endpoint,
    )
    new.load_model(file)
    if not new.is_ready():
        raise ModelError(f"follow: {file.name} holds no model that can be loaded; the model in use stays")
    return new


class Follower:
    """Keeps an app's agent on the promoted model.

    Args:
        app: Rasa's Sanic app, with `ctx.agent`.
        folder: The models.
    """

    def __init__(self, app: Any, folder: Path) -> None:
        self._app, self._folder = app, folder
        self._refused: tuple[str, float] = ("", 0.0)

    async def look(self) -> bool:
        """Looks once; True when another model was taken."""
        agent = getattr(self._app.ctx, "agent", None)
        wanted = await asyncio.to_thread(model.promoted, self._folder)
        if wanted is None or agent is None or not agent.is_ready():
            return False
        file, sha256 = wanted
        now_s = asyncio.get_running_loop().time()
        if agent.processor.model_filename == file.name or (self._refused[0] == sha256 and now_s < self._refused[1]):
            return False
        try:
            new = await asyncio.to_thread(loaded, file, sha256, agent)
            await new.parse_message(WARMING_MESSAGE)
        except Exception as error:  # of any part of a model; a patient must not notice
            logger.error("follow: %s is not taken: %r", file.name, error)
            self._refused = (sha256, now_s + AGAIN_AFTER_S)
            return False
        self._app.ctx.agent = new
        logger.warning("follow: the model is %s now", file.name)
        return True

    async def run(self) -> None:
        """Looks until the process ends."""
        while True:
            try:
                await self.look()
            except OSError as error:
                logger.error("follow: %r", error)
            await asyncio.sleep(LOOK_EVERY_S)


def follow(app: Any) -> None:
    """Starts to follow, where the process was started with a model."""
    folder = folder_of(sys.argv)
    if folder is not None:
        app.add_task(Follower(app, folder).run())
