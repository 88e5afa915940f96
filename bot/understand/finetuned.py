"""What reads danger out of a whole sentence: MiniLM's upper layers, learned anew for that one question.

A regression over the published vectors weighs what they happen to hold; a few layers that were themselves taught tell
"no fever since" from "fever since". They are taught by `python -m bot.understand.finetune`, which needs PyTorch and
half an hour, so their weights come with the release, and training a model here uses them as they are.

There are two readers. Each has learned one half of the messages (`learned_by`), so that of any message one says what it
thinks of something it has never seen: by that the weights of `bot.understand.danger` are learned. Of what a patient
writes both speak.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.errors import WeightsError
from bot.understand import layers
from bot.understand.encoders import MiniLMEncoder, Vectors, encoder

FILE = Path(__file__).with_name("finetuned.npz")
MADE = FILE.with_suffix(".json")  # says which weights were reviewed, and of what they were made
READERS = 2
HEADS, HIDDEN = 4, 128
SILENT = -8.0  # log-odds of a text without a word


def learned_by(text: str) -> int:
    """The reader that has learned a message, or would have: it is drawn by the lower-cased text alone."""
    return hashlib.sha256(text.lower().encode()).digest()[0] % READERS


@dataclass(frozen=True)
class Pool:
    """From the states of the tokens to the odds: what `HEADS` looks at them find, beside their mean, through one layer.

    Attributes:
        look: Shape (units, heads).
        hidden: Shape (units x (heads + 1), HIDDEN); the mean's units first.
        hidden_bias: Shape (HIDDEN,).
        out: Shape (HIDDEN,).
        out_bias: Shape ().
    """

    look: Vectors
    hidden: Vectors
    hidden_bias: Vectors
    out: Vectors
    out_bias: Vectors

    def odds(self, tokens: Vectors) -> float:
        """Log-odds of danger of one text, from the states of its tokens, shape (tokens, units)."""
        looks = tokens @ self.look
        looks = np.exp(looks - looks.max(axis=0))
        found = (looks / looks.sum(axis=0)).T @ tokens
        pooled = np.concatenate([tokens.mean(axis=0), found.ravel()])
        return float(np.maximum(pooled @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias)


@cache
def digest(file: Path = FILE) -> str:
    """SHA-256 of the weights, which names what is kept of them too."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


class Readers:
    """An encoder whose vectors are the log-odds of danger by each reader, shape (texts, READERS)."""

    dimensions = READERS

    def __init__(self, file: Path = FILE) -> None:
        """Loads them over the lower layers of the encoder that is loaded already.

        Raises:
            WeightsError: The file is missing, or is not the one of the release.
        """
        import onnxruntime

        base = encoder("minilm")
        assert isinstance(base, MiniLMEncoder)
        self._base = base
        upper = layers.upper(base.model)
        roles = layers.names(upper)
        try:
            expected, found = json.loads(MADE.read_text(encoding="utf-8"))["sha256"], digest(file)
            if found != expected:
                raise ValueError(f"its SHA-256 is {found}, expected {expected}")
            with np.load(file, allow_pickle=False) as held:
                weights = [{role: held[f"{reader}.{role}"] for role in roles} for reader in range(READERS)]
                self._pools = [
                    Pool(*(held[f"{reader}.pool.{field.name}"].astype(np.float32) for field in fields(Pool)))
                    for reader in range(READERS)
                ]
            models = [layers.replaced(upper, roles, one) for one in weights]
        except (OSError, EOFError, BadZipFile, ValueError, KeyError) as error:
            raise WeightsError(
                f"finetuned: {file.name} cannot be read ({error!r}); get it again with the release, or make it: "
                "python -m bot.understand.finetune"
            ) from error
        self._sessions = [
            onnxruntime.InferenceSession(model, base.options, providers=["CPUExecutionProvider"]) for model in models
        ]
        self._inputs = [entry.name for entry in self._sessions[0].get_inputs()]

    def encode(self, texts: list[str]) -> Vectors:
        """Log-odds of danger by each reader; see `Encoder.encode`."""
        odds: Vectors = np.full((len(texts), READERS), SILENT, dtype=np.float32)
        for row, text in enumerate(texts):
            if not text.strip():
                continue
            feed = self._base.lower(text)
            feed = {name: feed[name] for name in self._inputs}
            for reader, (session, pool) in enumerate(zip(self._sessions, self._pools)):
                odds[row, reader] = pool.odds(session.run([layers.TOKENS], feed)[0][0])
        return odds


__all__ = ["FILE", "HEADS", "HIDDEN", "MADE", "READERS", "Pool", "Readers", "digest", "learned_by"]
