"""Patients who watch what they see and when, and the real processes that are hurt while they do."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.boot import model
from bot.boot.throwaway import free_ports
from bot.settings import PREFIX, ROOT
from evaluation.stack import Stack, running

SILENCE_MOST_S = 5.0
"""No patient may see nothing for longer, from the acknowledgement on."""

TMPFS_MB = 48
FALLBACK = "fallback"


@dataclass
class Watched:
    """A patient at a widget: sends, again until it is acknowledged, and reads the stream, again when it breaks.

    Times are of the monotonic clock. `seen` is what the stream brought, `notices` when it said that answers are late,
    `lost` when it broke: the widget says then that the connection was lost.
    """

    address: str
    name: str = "p"
    path: str = ""
    acknowledged: dict[str, int] = field(default_factory=dict)
    acknowledged_at: dict[int, float] = field(default_factory=dict)
    refusals: list[tuple[float, float, httpx.Response]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    seen_at: dict[int, float] = field(default_factory=dict)
    notices: list[tuple[float, str]] = field(default_factory=list)
    lost: list[list[float]] = field(default_factory=list)
    sent: int = 0

    def begin(self) -> Watched:
        self.http = httpx.Client(base_url=self.address, timeout=10, trust_env=False)
        ends = time.monotonic() + 60
        while (got := self.http.post("/api/v1/conversations", json={"consent": True})).status_code == 503:
            assert time.monotonic() < ends, f"{self.name}: no conversation was begun; {got.text}"
            time.sleep(0.2)
        begun = got.json()
        self.path = f"/api/v1/conversations/{begun['conversation']}"
        self.http.headers["Authorization"] = f"Bearer {begun['token']}"
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.until(lambda: self.seen)
        return self

    def end(self) -> None:
        self._over = True
        self.http.close()

    def until(self, what: Callable[[], object], within_s: float = 60) -> None:
        ends = time.monotonic() + within_s
        while not what():
            assert time.monotonic() < ends, f"{self.name}: it never came; seen {self.seen[-4:]}"
            time.sleep(0.02)

    def _read(self) -> None:
        while not self._over:
            try:
                after = {"after": self.seen[-1]["seq"] if self.seen else 0}
                headers = {"Accept": "text/event-stream"}
                url = f"{self.path}/events"
                with self.http.stream("GET", url, params=after, headers=headers, timeout=20) as response:
                    response.raise_for_status()
                    if self.lost and self.lost[-1][1] == float("inf"):
                        self.lost[-1][1] = time.monotonic()
                    self._hear(response)
            except (httpx.HTTPError, RuntimeError):
                pass
            if not self.lost or self.lost[-1][1] < float("inf"):
                self.lost.append([time.monotonic(), float("inf")])
            time.sleep(0.1)

    def _hear(self, response: httpx.Response) -> None:
        name = ""
        for line in response.iter_lines():
            now = time.monotonic()
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data = json.loads(line[5:])
                if name == "message":
                    self.seen.append(data)
                    self.seen_at[data["seq"]] = now
                elif name == "notice":
                    self.notices.append((now, data["text"]))

    def post(self, text: str, client_id: str | None = None) -> httpx.Response:
        body = {"client_id": client_id or f"{self.name}-{self.sent}", "text": text}
        return self.http.post(f"{self.path}/messages", json=body)

    def taken(self, text: str, client_id: str, within_s: float = 60) -> httpx.Response:
        """Posts until the journal has time for it: on a machine that stalls, who comes last is asked to come again."""
        ends = time.monotonic() + within_s
        while (response := self.post(text, client_id)).status_code == 503 and time.monotonic() < ends:
            time.sleep(0.2)
        return response

    def send(self, text: str, client_id: str | None = None, within_s: float = 60) -> int:
        """Sends until it is acknowledged; gives its number."""
        self.sent += 1
        client_id = client_id or f"{self.name}-{self.sent}"
        ends = time.monotonic() + within_s
        while True:
            begun = time.monotonic()
            with suppress(httpx.HTTPError):
                response = self.post(text, client_id)
                if response.status_code in (200, 202):
                    break
                assert response.status_code == 503, response.text
                self.refusals.append((begun, time.monotonic(), response))
            assert time.monotonic() < ends, f"{self.name}: {client_id} was never taken"
            time.sleep(0.2)
        seq = int(response.json()["seq"])
        assert self.acknowledged.setdefault(client_id, seq) == seq
        self.acknowledged_at.setdefault(seq, time.monotonic())
        return seq

    def answers(self, seq: int) -> list[dict[str, Any]]:
        return [event for event in list(self.seen) if event["from"] == "bot" and event.get("reply_to") == seq]

    def ask(self, text: str, within_s: float = 60) -> dict[str, Any]:
        seq = self.send(text)
        self.until(lambda: self.answers(seq), within_s)
        return self.answers(seq)[0]

    def settle(self, within_s: float = 60) -> None:
        """Waits until all that was acknowledged is answered, and a little longer for what must not come twice."""
        self.until(lambda: all(self.answers(seq) for seq in self.acknowledged.values()), within_s)
        time.sleep(1)

    def silences_s(self) -> list[float]:
        """For each acknowledged message how long nothing was seen: no answer, no line, no notice, no lost connection."""
        found = []
        for seq, at in self.acknowledged_at.items():
            told = [self.seen_at[event["seq"]] for event in self.seen if event.get("reply_to") == seq]
            told += [self.seen_at[e["seq"]] for e in self.seen if e["from"] == "system" and e["seq"] > seq]
            told += [when for when, text in self.notices if text and when > at]
            told += [max(start, at) for start, end in self.lost if end > at]
            found.append(min((max(0.0, when - at) for when in told), default=float("inf")))
        return found

    def check(self) -> None:
        """All that was promised: once, in order, answered once, told in time; the stream had no hole and no double."""
        listed = self.http.get(f"{self.path}/events", headers={"Accept": "application/json"}).json()
        assert [event["seq"] for event in listed] == list(range(1, len(listed) + 1))
        self.until(lambda: len(self.seen) >= len(listed))
        assert [(e["seq"], e["text"]) for e in self.seen] == [(e["seq"], e["text"]) for e in listed]
        assert {e["client_id"]: e["seq"] for e in listed if e["from"] == "patient"} == self.acknowledged
        assert list(self.acknowledged.values()) == sorted(self.acknowledged.values())
        replies = [e["reply_to"] for e in listed if e["from"] == "bot" and "reply_to" in e]
        assert sorted(replies) == sorted(self.acknowledged.values()), "an answer is missing or doubled"
        ordinary = [e["reply_to"] for e in listed if e["from"] == "bot" and "reply_to" in e and "safety" not in e]
        assert ordinary == sorted(ordinary), "answers came out of order"
        assert max(self.silences_s(), default=0) <= SILENCE_MOST_S, f"{self.name}: silences {self.silences_s()}"


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    """Makes watched patients with a conversation each."""
    made: list[Watched] = []

    def start(address: str, name: str = "p") -> Watched:
        made.append(Watched(address, name).begin())
        return made[-1]

    yield start
    for one in made:
        one.end()


@dataclass
class DoorProcess:
    """A real door process that can be killed and started again."""

    variables: dict[str, str]
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.variables[PREFIX + 'DOOR_PORT']}"

    def start(self) -> DoorProcess:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.door"], cwd=ROOT, env=kept | self.variables, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert "listening" in said, f"the door did not start; it ended with {self.process.poll()} and said {said!r}"
        ends = time.monotonic() + 60
        while "still loading" in httpx.get(f"{self.address}/readyz", timeout=30, trust_env=False).text:
            assert time.monotonic() < ends, "redaction does not come up"
            time.sleep(0.2)
        return self

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Callable[..., DoorProcess]]:
    """Starts doors with settings, and variables, of the test's own."""
    made: list[DoorProcess] = []

    def start(variables: dict[str, str] | None = None, **settings: Any) -> DoorProcess:
        given = {
            "door_port": free_ports(1)[0],
            "secret_key": "s" * 40,
            "brain_token": scripted_brain.BRAIN_TOKEN,
            "contact_key": base64.urlsafe_b64encode(b"k" * 32).decode(),
            "database_url": f"sqlite:///{tmp_path}/journal.sqlite3",
            "contact_phone": "+1 555 0100",
            "messages_per_minute": 1000,
            "brain_backoff_ms": 100,
            **settings,
        }
        environment = {PREFIX + key.upper(): str(value) for key, value in given.items()}
        made.append(DoorProcess(environment | (variables or {})))
        return made[-1].start()

    yield start
    for one in made:
        one.kill()


_spec = importlib.util.spec_from_file_location("scripted_brain", ROOT / "tests/bot/door/scripted_brain.py")
assert _spec
assert _spec.loader
scripted_brain = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scripted_brain)


@pytest.fixture
def brain() -> Iterator[Any]:
    """A brain that answers at once until a test says otherwise."""
    made = scripted_brain.FakeBrain()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def small_disk() -> Iterator[Path]:
    """A disk of a few megabytes; an ordinary folder where only root may mount one."""
    with tempfile.TemporaryDirectory(prefix="marrow-disk-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "tmpfs", name]
        mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        yield Path(name)
        if mounted:
            subprocess.run(["umount", "-l", name], check=True)


@pytest.fixture(scope="session")
def stack(small_disk: Path) -> Iterator[Stack]:
    """The whole bot under its supervisor, with journal and logs on the small disk; every fault test shares it."""
    found = model.current()
    assert found, "there is no trained model: run ./marrow train"
    with running(found, small_disk, messages_per_minute=1000, contact_phone="+1 555 0100") as started:
        yield started


@pytest.fixture(scope="session")
def seed() -> int:
    """Chosen anew each run, and told; give it as FAULTS_SEED to see a failure again."""
    chosen = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"FAULTS_SEED={chosen}")
    return chosen
