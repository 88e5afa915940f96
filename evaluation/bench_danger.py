"""How fast danger is answered with everything but the door dead: `python -m evaluation.bench_danger`. Figures, no test.

From the POST of a message to the fixed text in the stream of events, as a widget reads it, over the real door as a
process of its own. Nobody listens where the brain should be.
"""

from __future__ import annotations

import time

from bot.records import RED
from bot.screen.rules import ALL_RULES
from evaluation.measures import percentile
from evaluation.stack import Patient, door_alone

MESSAGES = 200
AIM_P99_MS = 300


def times_ms() -> list[float]:
    """Sends red messages one after the other; gives how long each took to be answered."""
    examples = [text for rule in ALL_RULES if rule.verdict in RED for text in rule.matches]
    with door_alone() as address:
        patient = Patient(address)
        patient.begin()
        events = patient.stream()
        next(event for event in events if event.get("from") == "bot" and "seq" in event)  # the greeting
        found = []
        for number in range(MESSAGES):
            began = time.perf_counter()
            seq = patient.send(examples[number % len(examples)])
            next(event for event in events if event.get("reply_to") == seq and event.get("safety"))
            found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> None:
    """Measures and says it."""
    found = times_ms()
    print(
        f"danger with the brain dead, from POST to the text in the stream ({MESSAGES}): "
        f"p50 {percentile(found, 0.5):.0f} ms, p99 {percentile(found, 0.99):.0f} ms (aim: {AIM_P99_MS} ms or less)"
    )


if __name__ == "__main__":
    main()
