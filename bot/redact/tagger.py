"""The learned finder of secrets: a network over the pieces of a text (`network.py`). `bot.redact.teaching` makes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.errors import WeightsError
from bot.redact.encoder import encoder
from bot.redact.features import features
from bot.redact.kinds import Span
from bot.redact.model import digest
from bot.redact.network import Network
from bot.redact.tokens import Token, tokens

MODEL = Path(__file__).with_name("tagger.npz")
MADE = Path(__file__).with_name("tagger.json")
"""What the model was made of, and its SHA-256."""

CODE = "code"
"""The tagger's one kind for what is made of digits and letters: they look alike, the rules tell them apart. Fewer kinds
are learnt from more examples each."""
CODES = ("passport", "national_id", "record_number", "phone", "card", "email")


TOO_SURE = 1.4
"""How much surer the network is of a message like none that it learned from than it should be: what its odds' logarithm is
divided by. Found on messages of writers whom it had not read."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What the tagger thinks of a piece.

    Attributes:
        kind: A kind of `KINDS`, or `CODE`; None where it takes it for nothing.
        begins: True where a secret begins.
        hidden: How sure it is that the piece is part of a secret, whichever: 0 to 1.
    """

    kind: str | None
    begins: bool
    hidden: float


def told(text: str, pieces: Sequence[Token], found: Sequence[Span], dropped: Sequence[Span]) -> list[list[str]]:
    """What the tagger is told of each piece of a plain text: in training and in use the same.

    Args:
        text: The plain text.
        pieces: Its tokens.
        found: What the rules found.
        dropped: What they found where something clinical stands.
    """
    return features(text, pieces, [*found, *(replace(span, kind=f"drop-{span.kind}") for span in dropped)])


class Tagger:
    """Reads texts with a model. It keeps nothing of them.

    Args:
        model: Its file; the one of the release when None, which is held to its SHA-256.

    Raises:
        WeightsError: The file is missing or is not the one that was made.
    """

    def __init__(self, model: Path | None = None) -> None:
        if model is None:
            model = MODEL
            try:
                expected, found = json.loads(MADE.read_text(encoding="utf-8"))["sha256"], digest(model)
            except (OSError, ValueError, KeyError) as error:
                raise WeightsError(
                    f"bot.redact: {error}; take {model.name} and {MADE.name} out of the release again"
                ) from error
            if found != expected:
                raise WeightsError(
                    f"bot.redact: SHA-256 of {model.name} is {found}, expected {expected}; take it out of the release "
                    "again, or make it anew (docs/architecture.md)"
                )
        try:
            self._network = Network(model)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise WeightsError(f"bot.redact: {model.name}: {error}; take it out of the release again") from error
        self._encoder = encoder()

    @property
    def without(self) -> list[str]:
        """The files of messages that the model has not learnt from."""
        return self._network.without

    def tags(self, text: str, found: Sequence[Span], dropped: Sequence[Span]) -> tuple[list[Token], list[Tag]]:
        """Tags the pieces of a plain text. Linear in its length.

        Args:
            text: The plain text.
            found: What the rules found in it.
            dropped: What they found where something clinical stands.
        """
        pieces = tokens(text)
        if not pieces:
            return [], []
        labels, hidden = self._network.read(told(text, pieces, found, dropped), self._encoder.states(text, pieces))
        odds = np.log(np.clip(hidden, 1e-9, 1 - 1e-6)) - np.log(1 - np.clip(hidden, 1e-9, 1 - 1e-6))
        sure = 1 / (1 + np.exp(-odds / TOO_SURE))
        return pieces, [Tag(label[2:] or None, label[0] == "B", float(one)) for label, one in zip(labels, sure)]
