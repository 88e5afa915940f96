"""The whole bot as real processes, with the model in use and a throw-away journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.boot import model
from evaluation.stack import Patient, Stack, running

SETTINGS: dict[str, Any] = {
    "hospital_name": "Test hospital",
    "contact_phone": "+1 555 0100",
    "contact_email": "ask@hospital.example",
    "office_hours": "Mon-Fri 08:30-17:00",
    "time_zone": "Asia/Shanghai",
    "messages_per_minute": 1000,
}


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The model in use; `./marrow test` has trained it before."""
    found = model.current()
    assert found, "there is no trained model: run ./marrow train"
    return found


@pytest.fixture(scope="session")
def stack_settings() -> dict[str, Any]:
    """What every stack of these tests is started with."""
    return dict(SETTINGS)


@pytest.fixture(scope="module")
def stack(model_file: Path, stack_settings: dict[str, Any]) -> Iterator[Stack]:
    """One running bot for a whole file of tests."""
    # generous with the brain, because a killed one needs as long as a loaded machine takes to load its model
    with running(model_file, **stack_settings, brain_attempts=60, brain_backoff_ms=500) as started:
        yield started


@pytest.fixture
def patient(stack: Stack) -> Patient:
    """A patient with a new conversation."""
    made = Patient(stack.address)
    made.begin()
    return made


class Journal:
    """Reads the journal behind the door's back."""

    def __init__(self, stack: Stack) -> None:
        self._file = stack.folder / "journal.sqlite3"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def understood(self, patient: Patient, seq: int) -> dict[str, Any]:
        rows = self.rows(
            "SELECT understood FROM messages WHERE conversation_id = ? AND seq = ?",
            patient.conversation.rsplit("/", 1)[1],
            seq,
        )
        found: dict[str, Any] = json.loads(rows[0][0])
        return found


@pytest.fixture
def journal(stack: Stack) -> Journal:
    """The stack's journal."""
    return Journal(stack)
