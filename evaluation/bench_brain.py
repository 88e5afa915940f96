"""The part of `./marrow bench` that runs in the brain's environment."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.utils.log_utils import configure_structlog

from bot.settings import ROOT
from bot.understand.parse import Parser
from evaluation.evaluate import SETS, measure, read_set
from evaluation.public import train

EXAMPLES = 1000


def main(model_file: Path) -> None:
    """Prints the time of understanding over the sealed set, and of training on 1,000 of the own examples."""
    configure_structlog(logging.ERROR)
    parser = Parser(model_file)
    examples = read_set(SETS / "questions_sealed.jsonl")
    asyncio.run(measure(parser, examples[:20]))  # loads what is loaded late
    _, times_ms = asyncio.run(measure(parser, examples))
    print(
        f"understanding, one thread ({len(examples)} messages): p50 {np.median(times_ms):.1f} ms, "
        f"p95 {np.quantile(times_ms, 0.95):.1f} ms"
    )
    importer = RasaFileImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")])
    known = [(one.get(TEXT), one.get(INTENT)) for one in importer.get_nlu_data().intent_examples]
    chosen = random.Random(1).sample(known, EXAMPLES)
    with tempfile.TemporaryDirectory() as folder:
        trained = train(chosen, Path(folder), folds=3)
    print(f"training on {EXAMPLES} of the own examples, vectors and thresholds included: {trained.seconds:.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
