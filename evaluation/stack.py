"""The whole bot on free ports with a throw-away journal, for replays, tests and measurements."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.boot import serve, throwaway
from bot.errors import BrainError, MarrowError
from bot.settings import PREFIX, ROOT, Settings, read

START_WITHIN_S = 120
REPLY_WITHIN_S = 60
BUSY_WITHIN_S = 30


@dataclass
class Stack:
    """A running bot.

    Attributes:
        settings: What it was started with.
        supervisor: The process over door, brain and actions.
        folder: Its journal and logs; gone when it is stopped.
    """

    settings: Settings
    supervisor: subprocess.Popen[bytes]
    folder: Path

    @property
    def address(self) -> str:
        """The door's address."""
        return f"http://127.0.0.1:{self.settings.door_port}"

    def process_id(self, name: str) -> int:
        """The process of `door`, `brain` or `actions`, found by its parent and its command.

        Raises:
            MarrowError: It is not running.
        """
        mark = {"door": "bot.door", "actions": " actions ", "brain": "--credentials"}[name]
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if parent == self.supervisor.pid and mark in command:
                    return int(entry.name)
        raise MarrowError(f"stack: {name} is not running; see {self.folder}/log/{name}.log")

    def log(self, name: str) -> str:
        """What a process has logged so far."""
        file = self.folder / "log" / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""


def _variables(folder: Path, overrides: dict[str, Any]) -> dict[str, str]:
    """The environment of a bot that one script fills as many patients do; bench_flood sets the limits as in use."""
    wide = {"requests_per_second": 10**6, "characters_per_minute": 10**7, "conversations_per_minute": 10**6}
    return throwaway.variables(folder, **(wide | overrides))


@contextlib.contextmanager
def door_alone(**overrides: Any) -> Iterator[str]:
    """Starts the real door with nobody behind it, as when brain and actions are dead; gives its address.

    Args:
        **overrides: Settings by field name.

    Raises:
        MarrowError: It did not start; the text ends with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="marrow-door-") as name:
        variables = _variables(Path(name), overrides)
        command = [sys.executable, "-m", "bot.door"]
        door = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            assert door.stdout
            assert door.stderr
            if b"listening" not in door.stdout.readline():
                raise MarrowError(f"stack: the door did not start: {door.stderr.read().decode(errors='replace')}")
            threading.Thread(target=door.stderr.read, daemon=True).start()  # a full pipe would stop it
            address = f"http://127.0.0.1:{variables[PREFIX + 'DOOR_PORT']}"
            while "still loading" in httpx.get(f"{address}/readyz", timeout=60, trust_env=False).text:
                time.sleep(0.1)  # texts are kept from now on
            yield address
        finally:
            door.terminate()
            door.wait()


@contextlib.contextmanager
def running(model_file: Path, parent: Path | None = None, **overrides: Any) -> Iterator[Stack]:
    """Starts the bot and stops it at the end.

    Args:
        model_file: The trained model.
        parent: Where its folder is made; the system's place for temporary files when None.
        **overrides: Settings by field name, such as `messages_per_minute=1000`.

    Raises:
        MarrowError: It was not ready in time; the text ends with the last lines of its logs.
    """
    with tempfile.TemporaryDirectory(prefix="marrow-stack-", dir=parent) as name:
        folder = Path(name)
        variables = _variables(folder, overrides)
        outer = {key: os.environ.get(key) for key in variables}
        os.environ.update(variables)  # the processes inherit them, and the environment wins over .env
        try:
            settings = read()
            place = serve.Place(run=folder / "run", logs=folder / "log")
            supervisor = serve.start(settings, model_file, place)
        finally:
            for key, value in outer.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value
        stack = Stack(settings, supervisor, folder)
        try:
            if not serve.wait_until_ready(stack.address, supervisor, START_WITHIN_S):
                tail = "\n".join(f"{part}: {stack.log(part)[-1500:]}" for part in ("door", "brain", "actions"))
                raise MarrowError(f"stack: not ready after {START_WITHIN_S} s\n{tail}")
            yield stack
        finally:
            serve.stop(supervisor)


@dataclass
class Patient:
    """One patient's conversation over the public API.

    Attributes:
        address: The door's address.
        language: Language asked for.
        time_zone: Where the patient is, an IANA name; empty: not said.
    """

    address: str
    language: str = "en"
    time_zone: str = ""
    conversation: str = ""
    seq: int = 0
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))
    _sent: int = 0

    def begin(self) -> None:
        """Starts the conversation."""
        asked = {"consent": True, "language": self.language} | ({"time_zone": self.time_zone} if self.time_zone else {})
        body = self.request("POST", f"{self.address}/api/v1/conversations", json=asked).json()
        self.conversation = f"{self.address}/api/v1/conversations/{body['conversation']}"
        self.client.headers["Authorization"] = f"Bearer {body['token']}"

    def send(self, text: str | None = None, choice: str | None = None) -> int:
        """Sends a message or presses a button, again while the journal is busy; gives its number."""
        self._sent += 1
        body = {"client_id": f"{self._sent}-{os.urandom(6).hex()}"}
        body |= {"text": text} if text is not None else {"choice": str(choice)}
        return int(self.request("POST", f"{self.conversation}/messages", json=body).json()["seq"])

    def request(self, method: str, address: str, **more: Any) -> httpx.Response:
        """An answer; asks again while the journal is busy, as the widget does."""
        end = time.monotonic() + BUSY_WITHIN_S
        while (got := self.client.request(method, address, **more)).status_code == 503 and time.monotonic() < end:
            time.sleep(int(got.headers.get("Retry-After", "1")))
        got.raise_for_status()
        return got

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """The events so far."""
        accept = {"Accept": "application/json"}
        body = self.request("GET", f"{self.conversation}/events", params={"after": after}, headers=accept).json()
        return list(body["events"] if isinstance(body, dict) else body)

    def stream(self) -> Iterator[dict[str, Any]]:
        """The events as they come, as a widget reads them; ends with the connection."""
        accept = {"Accept": "text/event-stream"}
        with self.client.stream("GET", f"{self.conversation}/events", headers=accept, timeout=30) as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def replies(self, seq: int, within_s: float = REPLY_WITHIN_S) -> list[dict[str, Any]]:
        """Waits for the bot's replies to a message; they are written together, so the first brings them all.

        Raises:
            BrainError: None came in time.
        """
        end = time.monotonic() + within_s
        pause_s = 0.01
        while time.monotonic() < end:
            found = [event for event in self.events(seq) if event["from"] == "bot" and event.get("reply_to") == seq]
            if found:
                return found
            time.sleep(pause_s)
            pause_s = min(0.2, pause_s * 1.5)
        raise BrainError(f"replay: message {seq} had no reply within {within_s:.0f} s")

    def ask(self, text: str) -> list[dict[str, Any]]:
        """Sends a message and waits for its replies."""
        return self.replies(self.send(text))
