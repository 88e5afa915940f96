"""Encoders whose vectors come from words and a seed, real storages, the real domain and the real catalogue."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain

from bot.answer.catalogue import Catalogue, load
from bot.boot import model
from bot.settings import ROOT
from bot.understand.ensemble import Views, views_of

# A clone without .env names no number, and these tests look for one in the contacts.
os.environ.setdefault("MARROW_CONTACT_PHONE", "+1 555 0100")


class WordEncoder:
    """Gives each word a random vector of its own and a text the sum of its words', scaled to length 1."""

    def __init__(self, seed: int, dimensions: int) -> None:
        self.seed, self.dimensions = seed, dimensions
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.asked.extend(texts)
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                rows[row] += np.random.default_rng([self.seed, zlib.crc32(word.encode())]).normal(size=self.dimensions)
            length = np.linalg.norm(rows[row])
            rows[row] /= length or 1
        return rows


@pytest.fixture
def word_encoder() -> Callable[[int, int], WordEncoder]:
    return WordEncoder


@pytest.fixture
def word_views() -> Callable[[list[str]], Views]:
    encoders = {"minilm": WordEncoder(1, 96), "use": WordEncoder(2, 128)}
    return lambda texts: views_of(texts, encoders)


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    folder = tmp_path / "storage"
    folder.mkdir()
    return LocalModelStorage(folder)


@pytest.fixture(scope="session")
def execution() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="node")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load(ROOT)


@pytest.fixture(scope="session")
def domain() -> Domain:
    return Domain.from_file(str(ROOT / "domain.yml"))


@pytest.fixture(scope="session")
def model_file() -> Path:
    file = model.current()
    if file is None:
        pytest.fail("there is no trained model: run ./marrow train, then these tests again", pytrace=False)
    return file
