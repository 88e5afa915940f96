"""Makes the tagger's model from annotated messages: `python -m bot.redact.train`, some minutes.

The messages are invented: `taught/*.jsonl` and the two development sets of the evaluation, lines of
`{"text", "secrets": [{"kind", "value"}], "keep": [value]}`. Each is read once as written and once in a variant that is
made from it: with the secrets of other messages, without capitals, or without punctuation.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycrfsuite

from bot.errors import MarrowError
from bot.redact.folded import fold
from bot.redact.redactor import Redactor, forget_all
from bot.redact.tagger import CODE, CODES, MODEL, digest, told
from bot.redact.tokens import tokens
from bot.settings import ROOT

HERE = Path(__file__).parent
TAUGHT = HERE / "taught"
SETS = ROOT / "evaluation" / "sets" / "leaks"
ITERATIONS = 50
SEED = 20240
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


def variants(lines: Sequence[Line], *, seed: int = SEED) -> Iterator[Line]:
    """One variant of each message that has secrets, and of every third that has none. The same for the same lines.

    Args:
        lines: Messages of one file: secrets are swapped among those whose first letters are of one kind.
        seed: For the choice.
    """
    choice = random.Random(seed)
    pool: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        for secret in line["secrets"]:
            pool.setdefault((secret["kind"], _family(secret["value"])), []).append(secret["value"])
    for number, line in enumerate(lines):
        text, secrets = line["text"], line["secrets"]
        if not secrets and number % 3:
            continue
        swapped = {
            secret["value"]: choice.choice(pool[secret["kind"], _family(secret["value"])])
            for secret in secrets
            if choice.random() < 0.8
        }
        pieces: list[tuple[str, str | None]] = []
        end = 0
        for start, until, one in sorted(
            ((*place, secret) for secret in secrets for place in places(text, secret["value"])),
            key=lambda found: (found[0], -found[1]),
        ):
            if start < end:
                continue
            pieces += [(text[end:start], None), (swapped.get(one["value"], one["value"]), one["kind"])]
            end = until
        pieces.append((text[end:], None))
        manner = choice.random()
        if manner < 0.25:
            pieces = [(piece.lower(), kind) for piece, kind in pieces]
        elif manner < 0.4:
            pieces = [(piece if kind else re.sub(r"[,.;:!?](?=\s|$)", "", piece), kind) for piece, kind in pieces]
        yield {
            "text": "".join(piece for piece, _ in pieces),
            "secrets": [{"kind": kind, "value": piece} for piece, kind in pieces if kind],
        }


def _family(value: str) -> str:
    """Whose secrets may stand for one another: of one alphabet."""
    letter = next((character for character in value if character.isalpha()), "0")
    return "latin" if letter < "\u0370" or "\u1e00" <= letter < "\u1fff" else f"{ord(letter) >> 8:x}"[:1]


def examples(redactor: Redactor, lines: Sequence[Line]) -> list[Example]:
    """The messages of one file, each followed by its variant.

    Args:
        redactor: Its rules are asked, not its tagger.
        lines: The messages.
    """
    return [example(redactor, line) for line in (*lines, *variants(lines))]


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
    files = [*sources(), HERE / "tokens.py", HERE / "features.py", HERE / "train.py"]
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
