"""Load on this machine, bounded: 1,000 open widgets with 20 messages a second, and throughput against plain Rasa.

The plain bot is the one that `rasa init` makes, trained once in a folder that is thrown away, asked over Rasa's own
REST channel. Both bots run alone, one after the other, and get the same number of conversations at the same time.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.boot import model
from bot.boot.environments import BRAIN
from bot.boot.throwaway import free_ports
from bot.errors import MarrowError
from evaluation.measures import percentile
from evaluation.stack import running

WIDGETS, PER_SECOND, LASTS_S, REPLY_WITHIN_S = 1000, 20, 30, 15
AIM_P95_S, AIM_ERRORS = 1.5, 0.001
AT_ONCE, EACH = 8, 40
START_WITHIN_S, TRAIN_WITHIN_S = 120, 600
QUESTIONS = ("how long does car-t take", "what is a bone marrow transplant", "how much does it cost", "hello")
PLAIN_QUESTIONS = ("hello", "i am feeling very sad", "are you a bot?", "goodbye")

Ask = Callable[[str], Awaitable[object]]


@dataclass
class Widget:
    """One open chat: a conversation and its stream of events."""

    http: httpx.AsyncClient
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    answered: dict[int, asyncio.Event] = field(default_factory=dict)
    greeted: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    async def begin(self) -> None:
        """Begins a conversation; again when the door asks for that, as a widget does."""
        while (response := await self.http.post("/api/v1/conversations", json={"consent": True})).status_code == 503:
            await asyncio.sleep(1)
        begun = response.raise_for_status().json()
        self.path = f"/api/v1/conversations/{begun['conversation']}"
        self.headers = {"Authorization": f"Bearer {begun['token']}"}

    async def listen(self) -> None:
        """Reads the stream until cancelled."""
        headers = self.headers | {"Accept": "text/event-stream"}
        try:
            async with self.http.stream("GET", f"{self.path}/events", headers=headers, timeout=None) as response:
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        event = json.loads(line[5:])
                        if event["from"] == "bot" and "seq" in event:
                            self.greeted.set()
                            if "reply_to" in event:
                                self.answered.setdefault(event["reply_to"], asyncio.Event()).set()
        except httpx.HTTPError:
            self.broken = True

    async def ask(self, text: str) -> float:
        """Sends a message and waits for its answer in the stream; gives how long that took, in s.

        Raises:
            httpx.HTTPError: It was not taken.
            TimeoutError: No answer came in time.
        """
        began = time.perf_counter()
        body = {"client_id": os.urandom(8).hex(), "text": text}
        sent = (await self.http.post(f"{self.path}/messages", headers=self.headers, json=body)).raise_for_status()
        answered = self.answered.setdefault(sent.json()["seq"], asyncio.Event())
        async with asyncio.timeout(REPLY_WITHIN_S):
            await answered.wait()
        return time.perf_counter() - began


def _client(address: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    return httpx.AsyncClient(base_url=address, timeout=REPLY_WITHIN_S, limits=limits, trust_env=False)


async def _open_widgets(address: str) -> tuple[list[float], int, int]:
    """Gives the times in s, how many messages failed, and how many streams broke."""
    async with _client(address) as http, asyncio.TaskGroup() as group:
        widgets = [Widget(http) for _ in range(WIDGETS)]
        listening = []
        for start in range(0, WIDGETS, 20):
            some = widgets[start : start + 20]
            await asyncio.gather(*(widget.begin() for widget in some))
            listening += [group.create_task(widget.listen()) for widget in some]
            async with asyncio.timeout(START_WITHIN_S):
                await asyncio.gather(*(widget.greeted.wait() for widget in some))
        asked = []
        began = time.perf_counter()
        for number in range(PER_SECOND * LASTS_S):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            widget = widgets[number * 7919 % WIDGETS]
            asked.append(asyncio.create_task(widget.ask(QUESTIONS[number % len(QUESTIONS)])))
        done = await asyncio.gather(*asked, return_exceptions=True)
        for task in listening:
            task.cancel()
    times = [one for one in done if isinstance(one, float)]
    return times, len(done) - len(times), sum(widget.broken for widget in widgets)


async def _throughput(
    begin: Callable[[], Awaitable[Callable[[str], Awaitable[object]]]], texts: tuple[str, ...]
) -> float:
    """Messages a second of several conversations, each of which waits for its answer before it asks again."""
    asks = [await begin() for _ in range(AT_ONCE)]

    async def talk(ask: Ask, count: int) -> None:
        for number in range(count):
            await ask(texts[number % len(texts)])

    await asyncio.gather(*(talk(ask, 3) for ask in asks))  # what is loaded late
    began = time.perf_counter()
    await asyncio.gather(*(talk(ask, EACH) for ask in asks))
    return AT_ONCE * EACH / (time.perf_counter() - began)


async def _ours(address: str) -> float:
    async with _client(address) as http, asyncio.TaskGroup() as group:
        listening = []

        async def begin() -> Ask:
            widget = Widget(http)
            await widget.begin()
            listening.append(group.create_task(widget.listen()))
            await widget.greeted.wait()
            return widget.ask

        rate = await _throughput(begin, QUESTIONS)
        for task in listening:
            task.cancel()
        return rate


async def _plain(address: str) -> float:
    async with _client(address) as http:

        async def begin() -> Ask:
            sender = os.urandom(8).hex()

            async def ask(text: str) -> object:
                body = {"sender": sender, "message": text}
                return (await http.post("/webhooks/rest/webhook", json=body)).raise_for_status()

            return ask

        return await _throughput(begin, PLAIN_QUESTIONS)


def _plain_rate() -> float:
    """Makes, trains and asks the bot of `rasa init`.

    Raises:
        MarrowError: It did not start.
    """
    rasa = str(BRAIN.command("rasa"))
    environment = model.brain_environment()
    with tempfile.TemporaryDirectory(prefix="marrow-plain-") as name:
        subprocess.run(
            [rasa, "init", "--no-prompt", "--init-dir", name],
            cwd=name, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=TRAIN_WITHIN_S, check=True,
        )  # fmt: skip
        (Path(name) / "credentials.yml").write_text("rest:\n")
        port = free_ports(1)[0]
        command = [rasa, "run", "--interface", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(
            command, cwd=name, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            address = f"http://127.0.0.1:{port}"
            ends = time.monotonic() + START_WITHIN_S
            while True:
                try:
                    body = {"sender": "first", "message": "hello"}
                    reply = httpx.post(f"{address}/webhooks/rest/webhook", json=body, timeout=30, trust_env=False)
                    if reply.status_code == 200 and reply.json():
                        break
                except httpx.HTTPError:
                    pass
                if time.monotonic() > ends or server.poll() is not None:
                    raise MarrowError("bench: the bot of `rasa init` did not start")
                time.sleep(0.5)
            return asyncio.run(_plain(address))
        finally:
            server.terminate()
            server.wait(20)


def main(model_file: Path) -> None:
    """Measures and says it."""
    with running(model_file, messages_per_minute=100_000) as stack:
        ours = asyncio.run(_ours(stack.address))
        times, failed, broken = asyncio.run(_open_widgets(stack.address))
    asked = PER_SECOND * LASTS_S
    print(
        f"{WIDGETS} open widgets, {PER_SECOND} messages a second for {LASTS_S} s: p50 {percentile(times, 0.5):.2f} s, "
        f"p95 {percentile(times, 0.95):.2f} s, {failed} of {asked} failed, {broken} streams broke "
        f"(floor: {AIM_P95_S} s, {AIM_ERRORS:.1%})"
    )
    plain = _plain_rate()
    print(
        f"throughput with {AT_ONCE} conversations at a time: {ours:.1f} messages a second, the bot of `rasa init` "
        f"{plain:.1f}: {ours / plain:.1f} x (floor: 3 x)"
    )


if __name__ == "__main__":
    found = model.current()
    assert found, "there is no trained model: run ./marrow train"
    main(found)
