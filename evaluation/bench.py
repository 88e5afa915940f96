"""`./marrow bench`: times of understanding, training, a message, danger, refusals, and under load. Figures, no tests.

Everything runs on 127.0.0.1, is bounded in count, and ends by itself.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bot.boot import model
from bot.boot.environments import BRAIN, ROOT
from bot.errors import MarrowError
from evaluation import bench_danger, bench_desk, bench_flood, bench_load
from evaluation.measures import percentile
from evaluation.stack import Patient, running

MESSAGES = 100
LONG_CONVERSATION = 200
QUESTIONS = (
    "how long does car-t take",
    "what is a bone marrow transplant",
    "what is the survival at CR2",
    "how much does it cost",
    "my brother is in china next month can he send his reports before",
)


def whole_message(model_file: Path) -> None:
    """One patient, one message at a time, from POST to the reply in the stream of events."""
    with running(model_file, messages_per_minute=100_000) as stack:
        patient = Patient(stack.address)
        patient.begin()
        events = patient.stream()
        times_ms = []
        for number in range(LONG_CONVERSATION):
            began = time.perf_counter()
            seq = patient.send(QUESTIONS[number % len(QUESTIONS)])
            next(event for event in events if event["from"] == "bot" and event.get("reply_to") == seq)
            times_ms.append((time.perf_counter() - began) * 1000)
        settled = times_ms[10 : 10 + MESSAGES]
        median, slow = percentile(settled, 0.5), percentile(settled, 0.95)
        print(f"whole message, unloaded ({MESSAGES}): p50 {median:.0f} ms, p95 {slow:.0f} ms")
        early, late = statistics.median(times_ms[2:12]), statistics.median(times_ms[-10:])
        print(f"latency at the 200th message against the 5th (medians of ten around each): {late / early:.2f} x")


def understanding(model_file: Path) -> None:
    """Understanding alone, and training on 1,000 examples, in the brain's environment on one thread."""
    arguments = [str(BRAIN.executable), "-m", "evaluation.bench_brain", str(model_file)]
    subprocess.run(arguments, cwd=ROOT, env=model.brain_environment(), check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures."""
    parser = argparse.ArgumentParser(prog="./marrow bench", description=__doc__)
    parser.add_argument("model", type=Path)
    given = parser.parse_args(arguments)
    try:
        understanding(given.model)
        whole_message(given.model)
        bench_danger.main()
        bench_desk.main([])
        bench_flood.main(given.model)
        bench_load.main(given.model)
    except (MarrowError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
