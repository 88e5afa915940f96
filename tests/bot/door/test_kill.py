"""kill -9 of the door and of the brain at random moments: nothing acknowledged is lost, doubled or out of order."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
CONVERSATIONS, MESSAGES, KILLS = 5, 30, 7


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Process:
    """A process that can be killed and started again."""

    def __init__(self, *command, environment, ready=""):
        self.command, self.environment, self.ready = command, environment, ready
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, *self.command], cwd=ROOT, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if self.ready:
            assert self.process.stdout.readline().startswith(self.ready)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def processes(tmp_path):
    door_port, brain_port = free_port(), free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MARROW_", "PYTHONDONT"))}
    environment |= {
        "PYTHONPYCACHEPREFIX": str(tmp_path / "cache"),  # so that the door is up again fast
        "MARROW_DOOR_PORT": str(door_port),
        "MARROW_BRAIN_PORT": str(brain_port),
        "MARROW_SECRET_KEY": "s" * 40,
        "MARROW_CONTACT_KEY": "dGhlIHRlc3RzIG93biBrZXkgb2YgMzIgYnl0ZXMuLi4=",
        "MARROW_BRAIN_TOKEN": "token",
        "MARROW_DATABASE_URL": f"sqlite:///{tmp_path}/journal.sqlite3",
        "MARROW_MESSAGES_PER_MINUTE": "1000000",
        "MARROW_BRAIN_ATTEMPTS": "1000",
        "MARROW_BRAIN_BACKOFF_MS": "30",
        "MARROW_HOLDING_AFTER_MS": "600000",
    }
    brain = Process(str(Path(__file__).with_name("fake_brain.py")), str(brain_port), "token", environment=environment)
    door = Process("-m", "bot.door", environment=environment, ready="door: listening")
    yield door, brain, f"http://127.0.0.1:{door_port}"
    door.kill()
    brain.kill()


class Patient(threading.Thread):
    """Sends its messages one after another, each again until it is acknowledged; now and then twice for nothing."""

    def __init__(self, url, name, seed):
        super().__init__(daemon=True)
        self.http = httpx.Client(base_url=url, timeout=5, trust_env=False)
        self.name, self.random = name, random.Random(seed)
        begun = self.http.post("/api/v1/conversations", json={"consent": True}).json()
        self.path = f"/api/v1/conversations/{begun['conversation']}"
        self.headers = {"Authorization": f"Bearer {begun['token']}"}
        self.acknowledged = {}

    def run(self):
        for number in range(MESSAGES):
            body = {"client_id": f"{self.name}-{number}", "text": f"{self.name} {number}"}
            for _ in range(1 + (self.random.random() < 0.2)):
                self._send(body)
            time.sleep(self.random.uniform(0, 0.25))

    def _send(self, body):
        while True:
            try:
                response = self.http.post(f"{self.path}/messages", headers=self.headers, json=body)
            except httpx.HTTPError:
                time.sleep(0.02)
                continue
            if response.status_code == 503:
                continue
            assert response.status_code in (200, 202), response.text
            seq = response.json()["seq"]
            assert self.acknowledged.setdefault(body["client_id"], seq) == seq
            return

    def events(self):
        response = self.http.get(f"{self.path}/events", headers=self.headers | {"Accept": "application/json"})
        response.raise_for_status()
        return response.json()


@pytest.mark.slow
def test_when_door_and_brain_are_killed_at_random_then_every_message_is_answered_once_and_in_order(processes):
    door, brain, url = processes
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    moments = random.Random(seed)
    patients = [Patient(url, f"p{number}", seed + number) for number in range(CONVERSATIONS)]
    for patient in patients:
        patient.start()
    for number in range(KILLS):
        time.sleep(moments.uniform(0.05, 0.7))
        door.kill()
        if number % 2:
            brain.kill()
            brain.start()
        door.start()
        time.sleep(moments.uniform(0.05, 0.3))
        if number % 3 == 0:
            brain.kill()
            time.sleep(moments.uniform(0, 0.3))
            brain.start()
    for patient in patients:
        patient.join(60)
        assert not patient.is_alive()
    for patient in patients:
        ends = time.monotonic() + 60
        while len(patient.events()) < 1 + 2 * MESSAGES and time.monotonic() < ends:
            time.sleep(0.1)
        events = patient.events()
        assert [event["seq"] for event in events] == list(range(1, 2 + 2 * MESSAGES))
        said = {event["client_id"]: event["seq"] for event in events if event["from"] == "patient"}
        assert said == patient.acknowledged
        assert list(said) == [f"{patient.name}-{number}" for number in range(MESSAGES)]
        answers = [(event["reply_to"], event["text"]) for event in events if "reply_to" in event]
        assert answers == [
            (said[f"{patient.name}-{number}"], f"{number + 1}: answer to {patient.name} {number}")
            for number in range(MESSAGES)
        ]
