"""A door on a real port with a real journal; only the clock and the brain are ours."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from bot.boot.made_secrets import made
from bot.desk import vault
from bot.door import brain as brain_module
from bot.door import forward, threads
from bot.door.app import build, create_app
from bot.door.context import Door
from bot.door.origins import trusted_proxies
from bot.door.pages import STATIC
from bot.door.serve import Server, bind
from bot.journal import store as store_module
from bot.journal.clock import Clock
from bot.redact import shared_redactor
from bot.settings import Settings

SECRET = "a secret key of the tests, long enough for every use"
CONTACT_KEY = made()["MARROW_CONTACT_KEY"]


def _load(path: Path) -> Any:
    # Test folders are no packages, so that files of the same name can stand in several of them.
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HERE = Path(__file__).parent
scripted_brain = _load(HERE / "scripted_brain.py")
BRAIN_TOKEN, FakeBrain, turn = scripted_brain.BRAIN_TOKEN, scripted_brain.FakeBrain, scripted_brain.turn


class SetClock(Clock):
    """The machine's clock, moved as far as a test says."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


@dataclass
class Patient:
    """A browser with one conversation."""

    http: httpx.Client
    conversation: str
    token: str
    sent: int = 0

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.conversation}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, what: str, **body: Any) -> httpx.Response:
        return self.http.post(f"{self.path}/{what}", headers=self.headers, json=body)

    def say(self, text: str, client_id: str | None = None) -> httpx.Response:
        self.sent += 1
        return self.post("messages", client_id=client_id or f"c{self.sent}", text=text)

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        response = self.http.get(
            f"{self.path}/events", params={"after": after}, headers=self.headers | {"Accept": "application/json"}
        )
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()
        return found

    def wait(self, done: Callable[[list[dict[str, Any]]], bool], timeout_s: float = 20) -> list[dict[str, Any]]:
        """Reads the events until they fit."""
        ends = time.monotonic() + timeout_s
        while not done(events := self.events()):
            assert time.monotonic() < ends, f"never came; got {events}"
            time.sleep(0.03)
        return events

    def answer_to(self, seq: int, timeout_s: float = 20) -> dict[str, Any]:
        """The first line of the bot that answers `seq`."""

        def answers(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [event for event in events if event["from"] == "bot" and event.get("reply_to") == seq]

        return answers(self.wait(lambda events: bool(answers(events)), timeout_s))[0]

    def greeted(self) -> Patient:
        self.wait(bool)
        return self


@dataclass
class Served:
    """A running door."""

    door: Door
    http: httpx.Client
    clock: SetClock
    brain: FakeBrain
    stop: Callable[[], None]

    def begin(self, **body: Any) -> Patient:
        response = self.http.post("/api/v1/conversations", json={"consent": True, **body})
        assert response.status_code == 201, response.text
        begun = response.json()
        return Patient(self.http, begun["conversation"], begun["token"])


@dataclass
class Doors:
    """Starts doors and stops them after the test."""

    folder: Path
    brain: FakeBrain
    running: list[Callable[[], None]] = field(default_factory=list)

    def settings(self, **changed: Any) -> Settings:
        base = Settings(
            hospital_name="Test hospital",
            contact_phone="+1 555 0100",
            contact_email="ask@hospital.example",
            office_hours="Mon-Fri 08:30-17:00",
            brain_port=self.brain.port,
            secret_key=SECRET,
            contact_key=CONTACT_KEY,
            brain_token=BRAIN_TOKEN,
            database_url=f"sqlite:///{self.folder}/journal.sqlite3",
            brain_backoff_ms=50,
            brain_timeout_ms=20_000,
            holding_after_ms=60_000,  # a machine that stalls adds no line that a test has not asked for
            requests_per_second=1000,  # a test asks for its answer faster than a patient can look
            allowed_origins="https://hospital.example",
        )
        return replace(base, **changed)

    def start(self, *, real_files: bool = False, **changed: Any) -> Served:
        clock = SetClock()
        door = build(self.settings(**changed), clock=clock)
        static = self.folder / "static"
        (static / "demo").mkdir(parents=True, exist_ok=True)
        (static / "widget.js").write_text("let widget = 1; // the widget\n" * 100)
        (static / "tokens.css").write_text(":root{}")
        (static / "demo" / "index.html").write_text("<!doctype html><title>demo</title>")
        bound = bind("127.0.0.1", 0)
        server = Server(
            create_app(door, STATIC if real_files else static),
            door.hub,
            trusted_proxies=trusted_proxies(door.settings.trusted_proxies),
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        ends = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the door did not start"
            assert time.monotonic() < ends, "the door did not start in time"
            time.sleep(0.01)
        port = bound.getsockname()[1]
        http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)

        def stop() -> None:
            if thread.is_alive():
                http.close()
                server.end_streams()
                server.should_exit = True
                thread.join(5)

        self.running.append(stop)
        return Served(door, http, clock, self.brain, stop)


@pytest.fixture
def brain() -> Iterator[FakeBrain]:
    """A brain that answers at once."""
    made = FakeBrain()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real Argon2id with the least work: what it costs is no part of these tests."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(vault, "PasswordHasher", lambda: quick)


@pytest.fixture(scope="session")
def redaction() -> None:
    """Loaded once for all tests; a door of its own would listen before that."""
    shared_redactor().redact("hello")


@pytest.fixture
def doors(
    tmp_path: Path, brain: FakeBrain, empty_journal: Path, redaction: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Doors]:
    """Makes doors with settings of the test's own.

    They wait longer than a patient would: a machine that stalls for two seconds is no fault of what a test is about.
    A test of such a wait sets its own.
    """
    monkeypatch.setattr(threads, "WITHIN_S", 14)
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 12_000)
    monkeypatch.setattr(store_module, "REFUSED_TIMEOUT_MS", 12_000)
    monkeypatch.setattr(forward, "SHORT_TIMEOUT_MS", 14_000)
    monkeypatch.setattr(brain_module, "READY_TIMEOUT_S", 14)
    shutil.copy(empty_journal, tmp_path / "journal.sqlite3")
    made = Doors(tmp_path, brain)
    yield made
    for stop in reversed(made.running):
        stop()


@pytest.fixture
def locked(doors: Doors) -> Callable[[], AbstractContextManager[None]]:
    """Locks the journal of the test's doors, which then are told so after a moment."""

    @contextmanager
    def lock() -> Iterator[None]:
        path = doors.folder / "journal.sqlite3"
        with (
            closing(sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)) as blocker,
            pytest.MonkeyPatch.context() as briefly,
        ):
            blocker.execute("BEGIN EXCLUSIVE")
            briefly.setattr(store_module, "BUSY_TIMEOUT_MS", 200)
            yield

    return lock


@pytest.fixture
def served(doors: Doors) -> Served:
    """A door with ordinary settings."""
    return doors.start()


@pytest.fixture
def patient(served: Served) -> Patient:
    """A patient who was greeted."""
    return served.begin().greeted()


@pytest.fixture
def brain_turn() -> Callable[..., dict[str, Any]]:
    """Makes a brain's answer."""
    return turn
