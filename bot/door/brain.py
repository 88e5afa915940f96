"""Asks the brain, over HTTP on this machine. Whatever is not a turn with replies is a failure."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from bot.errors import BrainError, SettingsError
from bot.journal.rows import Job
from bot.records import BrainTurn
from bot.settings import Settings

READY_TIMEOUT_S = 2.0
ANSWER_MAX_BYTES = 1_000_000
"""A turn has a few kilobytes; more is a fault, and must not fill the door's memory."""


class Brain:
    """The client of the brain's private channel.

    Args:
        settings: Where the brain listens, its token, and how long to wait.

    Raises:
        SettingsError: There is no token.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.brain_token:
            raise SettingsError("MARROW_BRAIN_TOKEN: empty; `./marrow run` makes one, or give door and brain the same")
        self._timeout_s = settings.brain_timeout_ms / 1000
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{settings.brain_port}/webhooks/door",
            headers={"Authorization": f"Bearer {settings.brain_token}"},
            timeout=self._timeout_s,
            limits=httpx.Limits(max_connections=settings.brain_parallel + 4, keepalive_expiry=30),
            trust_env=False,  # a proxy of the environment must never see a patient's words
        )

    async def ask(self, job: Job, *, timeout_ms: int | None = None) -> BrainTurn:
        """Sends one message and gives the brain's turn.

        Args:
            job: The message with the dialogue's memory.
            timeout_ms: How long to wait; the setting when None.

        Raises:
            BrainError: No answer in time, or none that can be shown; it may be asked again.
        """
        body: dict[str, Any] = {"conversation": job.conversation, "seq": job.seq, "state": job.state}
        body["text" if job.kind == "text" else "choice"] = job.sent
        if job.language:
            body["language"] = job.language
        if job.time_zone:
            body["time_zone"] = job.time_zone
        wait_s = self._timeout_s if timeout_ms is None else timeout_ms / 1000
        try:
            async with asyncio.timeout(wait_s):  # httpx counts each step alone; this is the whole
                async with self._client.stream("POST", "/messages", json=body) as response:
                    if response.status_code != 200:
                        raise BrainError(f"bot.door: the brain answered HTTP {response.status_code}; see its log")
                    written = bytearray()
                    async for piece in response.aiter_bytes():
                        written += piece
                        if len(written) > ANSWER_MAX_BYTES:
                            raise BrainError(f"bot.door: the brain's answer is above {ANSWER_MAX_BYTES} bytes")
            return BrainTurn.from_json(json.loads(written))
        except TimeoutError as error:
            raise BrainError(f"bot.door: the brain gave no answer within {wait_s:g} s; see its log") from error
        except httpx.HTTPError as error:
            raise BrainError(
                f"bot.door: the brain cannot be reached ({type(error).__name__}); is it running?"
            ) from error
        except (ValueError, RecursionError) as error:
            raise BrainError("bot.door: the brain's answer is no JSON; see its log") from error

    async def ready(self) -> str:
        """The id of the model that the brain has loaded.

        Raises:
            BrainError: No model is loaded, or the brain does not answer.
        """
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                response = await self._client.get("/ready")
            if response.status_code != 200:
                raise BrainError(f"bot.door: the brain has no model ready (HTTP {response.status_code})")
            return str(response.json()["model"])
        except (TimeoutError, httpx.HTTPError) as error:
            raise BrainError(
                f"bot.door: the brain cannot be reached ({type(error).__name__}); is it running?"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise BrainError("bot.door: the brain names no model; is it of the same version?") from error

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
