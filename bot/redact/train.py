"""Reads the annotated messages that the tagger learns from: `python -m bot.redact.train FILE`, some minutes.

`bot.redact.teaching` makes the model of what this writes: it needs PyTorch, this needs the rules' libraries.
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
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import MarrowError
from bot.redact.encoder import encoder
from bot.redact.folded import fold
from bot.redact.model import digest
from bot.redact.network import stored
from bot.redact.redactor import Redactor, forget_all
from bot.redact.tagger import CODE, CODES, told
from bot.redact.tokens import tokens
from bot.settings import ROOT

HERE = Path(__file__).parent
TAUGHT = HERE / "taught"
SETS = ROOT / "evaluation" / "sets" / "leaks"
LEAST = 5
"""What is told less often than that in all messages together is not learned from."""
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
        states: The encoder's, of shape (tokens, `encoder.WIDTH`).
        labels: `B-name`, `I-name`, ... or `O` for each token.
    """

    told: list[list[str]]
    states: npt.NDArray[np.float16]
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
    states = encoder().states(folded.text, pieces).astype(np.float16)
    forget_all()
    return Example(given, states, labels)


def examples(redactor: Redactor, lines: Sequence[Line]) -> list[Example]:
    """The messages of one file.

    Args:
        redactor: Its rules are asked, not its tagger.
        lines: The messages.
    """
    return [example(redactor, line) for line in lines]


def write(learnt: Mapping[str, Sequence[Example]], file: Path) -> None:
    """Writes what the network learns from, as arrays (`teaching.Examples` reads them).

    Args:
        learnt: The name of a file of messages → these.
        file: Where to.
    """
    seen = Counter(name for some in learnt.values() for one in some for these in one.told for name in set(these))
    vocabulary = sorted(name for name, times in seen.items() if times >= LEAST)
    rows = {name: row for row, name in enumerate(vocabulary, 1)}
    labels = ["O", *sorted({label for some in learnt.values() for one in some for label in one.labels} - {"O"})]
    every = [one for some in learnt.values() for one in some]
    told = [
        np.array([0, *(rows[name] for name in these if name in rows)], np.int32) for one in every for these in one.told
    ]
    np.savez(
        file,
        vocabulary=stored(vocabulary),
        labels=stored(labels),
        files=stored(list(learnt)),
        made_from=stored([json.dumps(made_from())]),
        message_file=np.repeat(np.arange(len(learnt)), [len(some) for some in learnt.values()]),
        ends=np.cumsum([len(one.labels) for one in every]),
        told=np.concatenate(told),
        told_ends=np.cumsum([len(these) for these in told]),
        label=np.array([labels.index(label) for one in every for label in one.labels], np.int8),
        states=np.concatenate([one.states for one in every]),
    )


def made_from() -> dict[str, str]:
    """The SHA-256 of what decides the model: the messages, and how a text is taken apart and told of."""
    files = [*sources(), *(HERE / f"{name}.py" for name in ("tokens", "features", "encoder"))]
    return {path.relative_to(ROOT).as_posix(): digest(path) for path in files}


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the messages and writes what is learnt from."""
    parser = argparse.ArgumentParser(prog="python -m bot.redact.train", description=__doc__)
    parser.add_argument(
        "examples", type=Path, help="the file to write, about 1 GB, for `python -m bot.redact.teaching`"
    )
    given = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        redactor = Redactor(None)
        learnt = {path.relative_to(ROOT).as_posix(): examples(redactor, read(path)) for path in sources()}
        write(learnt, given.examples)
    except (MarrowError, OSError, ValueError) as error:
        print(f"bot.redact.train: {error}", file=sys.stderr)
        return 1
    print(f"{sum(map(len, learnt.values()))} messages read in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
