"""Makes the readers' weights from the training data: `python -m bot.understand.finetune`, some fifteen minutes.

It needs what the brain needs and PyTorch (docs/architecture.md says how), so it is no part of `./marrow train`: the
weights are made for a release, when many messages of `data/danger.yml` are new.

Each reader learns its half of the messages, half of them also beside something harmless. The lower layers stay as they
are, int8 products and all, so that what is learned is learned on the states that patients' messages will have.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bot.settings import ROOT
from bot.understand import finetuned
from bot.understand.beside import Beside
from bot.understand.collisions import examples_in
from bot.understand.danger import examples
from bot.understand.doubts import SAFETY_INTENTS
from bot.understand.language import language_of
from bot.understand.linear import SEED

_MIXED = 0.5  # share of the messages of danger and look-alikes that are learned beside something harmless too
# The same of the harmless examples of the intents: few of them are stories, and without these a long story without a
# question was taken for danger.
_MIXED_OTHERS = 0.3

Told = list[tuple[str, bool]]


def messages(root: Path = ROOT) -> tuple[Told, Told]:
    """What is learned, in English: the examples of the intents, and the messages of danger and look-alikes."""
    asked = [(text, intent in SAFETY_INTENTS) for text, intent in examples_in(root)]
    told = examples(root / "data" / "danger.yml")
    return [one for one in asked if language_of(one[0]) == "en"], [one for one in told if language_of(one[0]) == "en"]


def of_half(reader: int, asked: Told, told: Told) -> Told:
    """What one reader learns, some of it beside something harmless."""
    draw = random.Random(SEED + reader)
    beside = Beside([text for text, red in asked if not red], draw)
    half = [one for one in told if finetuned.learned_by(one[0]) == reader]
    others = [one for one in asked if finetuned.learned_by(one[0]) == reader]
    harmless = [one for one in others if not one[1]]
    chosen = [
        *draw.sample(half, int(_MIXED * len(half))),
        *draw.sample(harmless, int(_MIXED_OTHERS * len(harmless))),
    ]
    mixed = [(beside.one(text), red) for text, red in chosen]
    return [(text.lower(), red) for text, red in (*half, *others, *mixed)]


def main(argv: Sequence[str] | None = None) -> None:
    """Teaches both readers and writes their weights."""
    from bot.understand import teaching  # which needs PyTorch

    parser = argparse.ArgumentParser(prog="python -m bot.understand.finetune", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=finetuned.FILE, help="where the weights go")
    arguments = parser.parse_args(argv)
    asked, told = messages()
    halves = [of_half(reader, asked, told) for reader in range(finetuned.READERS)]
    with ProcessPoolExecutor(finetuned.READERS, mp_context=get_context("spawn"), initializer=_quiet) as pool:
        taught = list(pool.map(teaching.fit, range(finetuned.READERS), halves))
    np.savez(
        arguments.out, **{f"{reader}.{role}": value for reader, one in enumerate(taught) for role, value in one.items()}
    )
    about = {
        "sha256": finetuned.digest(arguments.out),
        "messages": [len(half) for half in halves],
        "danger": [sum(red for _, red in half) for half in halves],
        "pytorch": teaching.PYTORCH,
    }
    arguments.out.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _quiet() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")


if __name__ == "__main__":
    main()
