"""`./marrow evaluate`: the own held-back sets through the trained model, and public data through the same component."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rasa.utils.log_utils import configure_structlog

from bot.boot import model
from bot.errors import MarrowError
from bot.settings import ROOT
from bot.understand.parse import Parser
from evaluation.measures import Figures, Row, by_label, confusions, figures

SETS = ROOT / "evaluation" / "sets"


def read_set(file: Path) -> list[tuple[str, str]]:
    """Reads a set: lines of `{"text", "label"}`."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(line["text"], line["label"]) for line in lines]


async def measure(parser: Parser, examples: Sequence[tuple[str, str]]) -> tuple[list[Row], list[float]]:
    """Understands every message of a set.

    Returns:
        The rows, and the time of each in milliseconds.
    """
    rows, times_ms = [], []
    for text, label in examples:
        began = time.perf_counter()
        got = await parser.parse(text)
        times_ms.append((time.perf_counter() - began) * 1000)
        ranking = [one["label"] for one in got["ranking"]]
        first_three = tuple(dict.fromkeys([got["label"], *ranking]))[:3]
        rows.append(Row(text, label, got["label"], first_three, got["outcome"]))
    return rows, times_ms


def table(named: dict[str, Figures]) -> str:
    """The figures of several sets as a Markdown table."""
    lines = [
        "| set | in scope | right | right in 3 | answered | wrong among answered | out of scope | caught |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in named.items():
        lines.append(
            f"| {name} | {one.count} | {one.right:.1%} | {one.right_in_three:.1%} | {one.answered:.1%} | "
            f"{one.wrong_among_answered:.1%} | {one.out_of_scope_count} | {one.out_of_scope_caught:.1%} |"
        )
    return "\n".join(lines)


def _model() -> Path:
    file = model.current()
    if file is None:
        raise MarrowError("evaluate: there is no trained model; run ./marrow train")
    return file


def _own(details: bool) -> None:
    file = _model()
    parser = Parser(file)
    named: dict[str, Figures] = {}
    for path in sorted(SETS.glob("questions_*.jsonl")):
        rows, times_ms = asyncio.run(measure(parser, read_set(path)))
        named[path.stem] = figures(rows)
        print(f"{path.stem}: parse p50 {np.median(times_ms):.1f} ms, p95 {np.quantile(times_ms, 0.95):.1f} ms")
        if details:
            for label, (count, right) in list(by_label(rows).items())[:12]:
                print(f"  {label}: {right:.0%} of {count}")
            for truth, got, count in confusions(rows):
                print(f"  {count} x {truth} understood as {got}")
    print(f"\nmodel {file.name}\n\n{table(named)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures what was asked for; the own sets when nothing was."""
    parser = argparse.ArgumentParser(prog="./marrow evaluate", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=["safety", "languages", "collisions"], help="these sets in place of the questions"
    )
    parser.add_argument("--dev", action="store_true", help="of the sets those alone that may be read, in part")
    parser.add_argument("--hint3", type=Path, metavar="DIR", help="folder of HINT3 v1's CSV files")
    parser.add_argument("--clinc150", type=Path, metavar="FILE", help="CLINC150's data_full.json")
    parser.add_argument("--details", action="store_true", help="weakest labels and commonest mistakes too")
    parser.add_argument("--public-only", action="store_true", help="leave out the own sets")
    given = parser.parse_args(arguments)
    configure_structlog(logging.ERROR)  # Rasa logs every message otherwise
    try:
        if given.what == "safety":
            from evaluation import safety

            safety.main(_model(), given.details, safety.OPEN_SETS if given.dev else safety.SETS_OF_IT)
        elif given.what == "languages":
            from evaluation import languages

            languages.main(_model(), given.details, languages.OPEN_SETS if given.dev else languages.SETS_OF_IT)
        elif given.what == "collisions":
            from evaluation import collisions

            return collisions.main(_model())
        elif not given.public_only:
            _own(given.details)
        if given.hint3 or given.clinc150:
            from evaluation.public import clinc150, hint3  # Rasa's training parts are slow to import
        if given.hint3:
            print(
                "\n| HINT3 | accuracy | AUROC | best MCC | MCC at threshold | training s |\n|---|---|---|---|---|---|"
            )
            for row in hint3(given.hint3):
                print(
                    f"| {row['set']} | {row['accuracy']:.1%} | {row['auroc']:.3f} | {row['best_mcc']:.3f} | "
                    f"{row['mcc_at_threshold']:.3f} | {row['train_seconds']:.1f} ({row['train']} examples) |"
                )
        if given.clinc150:
            row = clinc150(given.clinc150)
            print(
                f"\nCLINC150: accuracy {row['accuracy']:.1%}, in-scope recall {row['in_scope_recall']:.1%}, "
                f"out-of-scope recall {row['out_of_scope_recall']:.1%} at {row['threshold']:.3f}; "
                f"training {row['train_seconds']:.0f} s ({row['train']} examples)"
            )
    except MarrowError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
