"""The learned finder of secrets: a linear-chain CRF over the pieces of a text. `bot.redact.train` makes its model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pycrfsuite

from bot.errors import WeightsError
from bot.redact.features import features
from bot.redact.kinds import Span
from bot.redact.model import digest
from bot.redact.tokens import Token, tokens

MODEL = Path(__file__).with_name("tagger.crf")
MADE = Path(__file__).with_name("tagger.json")
"""What the model was made of, and its SHA-256."""

CODE = "code"
"""The tagger's one kind for what is made of digits and letters: they look alike, the rules tell them apart. Fewer kinds
are learnt from more examples each, and are tagged in a third of the time."""
CODES = ("passport", "national_id", "record_number", "phone", "card", "email")


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
    """Reads texts with a model. Not for several threads at once.

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
                    "again, or make it anew with python -m bot.redact.train"
                )
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(model))
        self._kinds = {label: label.partition("-")[2] or None for label in self._tagger.labels()}

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
        try:
            self._tagger.set(pycrfsuite.ItemSequence(told(text, pieces, found, dropped)))
            labels = self._tagger.tag()
            sure = [1.0 - self._tagger.marginal("O", place) for place in range(len(pieces))]
        finally:
            self._tagger.set([["forgotten"]])  # nothing of a text stays behind
        return pieces, [Tag(self._kinds[label], label[0] == "B", hidden) for label, hidden in zip(labels, sure)]
