"""Makes the tagger's model from annotated messages: `python -m bot.redact.train`, some minutes.

The messages are invented: `taught/*.jsonl` and the two development sets of the evaluation, lines of
`{"text", "secrets": [{"kind", "value"}], "keep": [value]}`. Variants of them, with each other's secrets, without capitals
or punctuation, were tried: read by a model that had learnt from them too, another writer's messages leaked more.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycrfsuite

from bot.errors import MarrowError
from bot.redact.folded import fold
from bot.redact.model import digest
from bot.redact.redactor import Redactor, forget_all
from bot.redact.tagger import CODE, CODES, MODEL, told
from bot.redact.tokens import tokens
from bot.settings import ROOT

HERE = Path(__file__).parent
TAUGHT = HERE / "taught"
SETS = ROOT / "evaluation" / "sets" / "leaks"
ITERATIONS = 50
Line = dict[str, Any]


def sources() -> list[Path]:
    """The files that the model is made of."""
    return [*sorted(TAUGHT.glob("*.jsonl")), *sorted(SETS.glob("dev*.jsonl"))]


def read(path: Path) -> list[Line]:
    """The messages of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def places(text: str, value: str) -> list[tuple[int, int]]:
    """Where a value stands in a text: as words of their own where there are such, else wherever."""
    found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text)]
    return found or [match.span() for match in re.finditer(re.escape(value), text)]


@dataclass(frozen=True)
class Example:
    """A message as the trainer has it.

    Attributes:
        told: What is told of each token.
        labels: `B-name`, `I-name`, ... or `O` for each token.
    """

    told: list[list[str]]
    labels: list[str]


def example(redactor: Redactor, line: Line) -> Example:
    """Reads one message with the rules and labels its tokens.

    Args:
        redactor: Its rules are asked, not its tagger.
        line: The message.
    """
    text = line["text"]
    folded = fold(text)
    pieces = tokens(folded.text)
    labels = ["O"] * len(pieces)
    at = [folded.place(piece.start, piece.end) for piece in pieces]
    for secret in line["secrets"]:
        kind = CODE if secret["kind"] in CODES else secret["kind"]
        for start, end in places(text, secret["value"]):
            within = [place for place, (low, high) in enumerate(at) if low < end and start < high]
            for place in within:
                labels[place] = f"{'B' if place == within[0] else 'I'}-{kind}"
    found, dropped = redactor.findings(folded.text)
    given = told(folded.text, pieces, found, dropped)
    forget_all()
    return Example(given, labels)


def examples(redactor: Redactor, lines: Sequence[Line]) -> list[Example]:
    """The messages of one file.

    Args:
        redactor: Its rules are asked, not its tagger.
        lines: The messages.
    """
    return [example(redactor, line) for line in lines]


def train(learnt: Iterable[Example], model: Path, *, iterations: int = ITERATIONS) -> None:
    """Writes a model.

    Args:
        learnt: What it learns from.
        model: The file.
        iterations: Steps of L-BFGS at most.
    """
    trainer = pycrfsuite.Trainer(
        verbose=False,
        params={
            "c1": 0.1,
            "c2": 0.1,
            "max_iterations": iterations,
            "feature.minfreq": 2,
            "feature.possible_transitions": True,
        },
    )
    for one in learnt:
        if one.labels:
            trainer.append(pycrfsuite.ItemSequence(one.told), one.labels)
    trainer.train(str(model))


def made_from() -> dict[str, str]:
    """The SHA-256 of what decides the model: the messages, and how a text is taken apart and told of."""
    files = [*sources(), HERE / "tokens.py", HERE / "features.py"]
    return {path.relative_to(ROOT).as_posix(): digest(path) for path in files}


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the model and says of what."""
    parser = argparse.ArgumentParser(prog="python -m bot.redact.train", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL, help=f"the file to write (default: {MODEL.name})")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        redactor = Redactor(None)
        learnt = [one for path in sources() for one in examples(redactor, read(path))]
    except (MarrowError, OSError, ValueError) as error:
        print(f"bot.redact.train: {error}", file=sys.stderr)
        return 1
    print(f"{len(learnt)} messages read in {time.monotonic() - began:.0f} s", flush=True)
    train(learnt, given.model)
    made = {"sha256": digest(given.model), "from": made_from()}
    given.model.with_suffix(".json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{given.model}: {given.model.stat().st_size / 1e6:.1f} MB in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
