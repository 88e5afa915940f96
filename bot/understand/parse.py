"""`./marrow parse`: understands messages by the trained model in one process, without a conversation."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

from rasa.core.agent import Agent
from rasa.engine.exceptions import GraphComponentException
from rasa.exceptions import ModelNotFound
from rasa.utils.log_utils import configure_structlog

from bot.answer.catalogue import Catalogue, build
from bot.answer.facts import load_facts, load_sources
from bot.errors import ModelError
from bot.records import Json
from bot.settings import ROOT
from bot.typed import for_brain
from bot.understand.channel import understanding_of
from bot.understand.dialogue import Turn

FIELDS = ("label", "confidence", "outcome", "ranking", "language", "entities", "screen", "readings", "labels")


class Parser:
    """A trained model with the catalogue, for whoever needs to understand messages outside the brain's server."""

    def __init__(self, model_file: Path, root: Path = ROOT) -> None:
        """Loads the model.

        Raises:
            ModelError: The file holds no model that can be loaded.
        """
        try:
            self._agent = Agent.load(str(model_file))
        except (ModelNotFound, GraphComponentException) as error:
            raise ModelError(
                f"parse: {model_file.name} cannot be loaded ({error.__cause__ or error}); run ./marrow train --force"
            ) from error
        if not self._agent.is_ready():
            raise ModelError(f"parse: {model_file.name} cannot be loaded; run ./marrow train --force")
        assert self._agent.domain is not None
        self._catalogue: Catalogue = build(self._agent.domain.responses, load_facts(root), load_sources(root))

    async def parse(self, text: str) -> Json:
        """Understands one message; see `./marrow parse` in docs/architecture.md for the fields."""
        return self.understood(text, await self.read(text), [])

    async def read(self, text: str) -> Json:
        """What the model reads in a message, whatever was said before."""
        return dict(await self._agent.parse_message(for_brain(text)))

    def understood(self, text: str, read: Json, turns: list[Turn]) -> Json:
        """What becomes of a message that was read, after some turns; fields as of `parse`."""
        understood = understanding_of(for_brain(text), read, turns, self._catalogue)
        return {"text": text, **{field: understood[field] for field in FIELDS}}


async def _main(model_file: Path) -> int:
    parser = Parser(model_file)
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        print(json.dumps(await parser.parse(text), ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    configure_structlog(logging.ERROR)  # Rasa logs messages to standard output otherwise, which holds the results
    logging.basicConfig(level=logging.ERROR)
    try:
        sys.exit(asyncio.run(_main(Path(sys.argv[1]))))
    except ModelError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
