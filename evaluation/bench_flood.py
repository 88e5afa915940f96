"""How much a flood slows everybody else, and how fast what is too large is refused. Figures, no test.

The floods and the quiet minute before them are measured in one run, over the whole bot with the limits it comes with.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.settings import Settings
from evaluation.measures import percentile
from evaluation.stack import Patient, Stack, running

FLOODERS = 8
PATIENTS = 20
MESSAGES = 60
REFUSALS = 50
AIM_RATIO = 2
AIM_REFUSAL_MS = 50
LIMITS = ("requests_per_second", "characters_per_minute", "conversations_per_minute")
WORDS = "we live near the hospital and have a question about the costs of it all "
QUESTIONS = ("how long does car-t take", "what is a bone marrow transplant", "how much does it cost")

Flooder = Callable[[httpx.Client], httpx.Response]


def main(model_file: Path) -> None:
    """Measures and says it."""
    in_use = {name: getattr(Settings(), name) for name in LIMITS}
    with running(model_file, **in_use) as stack:
        for name, milliseconds in refusals_ms(stack).items():
            print(
                f"refused: {name} ({REFUSALS}): p50 {percentile(milliseconds, 0.5):.0f} ms, "
                f"p95 {percentile(milliseconds, 0.95):.0f} ms (aim: {AIM_REFUSAL_MS} ms or less)"
            )
        patients = [begun(stack.address) for _ in range(PATIENTS)]
        answers_ms(patients)  # loads what is loaded late
        for name, flooder in floods(stack.address).items():
            quiet = percentile(answers_ms(patients), 0.95)
            with flooded(flooder) as counted:
                loud = percentile(answers_ms(patients), 0.95)
            print(
                f"others' p95 under a flood of {name}, {FLOODERS} at once ({MESSAGES} messages): {loud:.0f} ms against "
                f"{quiet:.0f} ms without: {loud / quiet:.2f} x (aim: {AIM_RATIO}; the flood had {counted[0]} answers)"
            )


def begun(address: str) -> Patient:
    """A patient who was greeted."""
    patient = Patient(address)
    patient.begin()
    while not patient.events():
        time.sleep(0.02)
    return patient


def answers_ms(patients: list[Patient]) -> list[float]:
    """One question after the other, by turns; how long each took until its answer could be read."""
    found = []
    for number in range(MESSAGES):
        patient = patients[number % len(patients)]
        began = time.perf_counter()
        patient.replies(patient.send(QUESTIONS[number % len(QUESTIONS)]))
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(0.15)  # all of them together stay within their own limits
    return found


def floods(address: str) -> dict[str, Flooder]:
    """Ways to flood: each gives one answer."""
    mine, other = begun(address), begun(address)
    headers, other_headers = ({"Authorization": each.client.headers["Authorization"]} for each in (mine, other))
    long = {"text": (WORDS * 30)[:2000]}

    def message(client: httpx.Client) -> httpx.Response:
        body = {"client_id": f"f{time.perf_counter_ns()}", "text": QUESTIONS[0]}
        return client.post(f"{mine.conversation}/messages", headers=headers, json=body)

    def long_message(client: httpx.Client) -> httpx.Response:
        body = {"client_id": f"f{time.perf_counter_ns()}", **long}
        return client.post(f"{other.conversation}/messages", headers=other_headers, json=body)

    def transcript(client: httpx.Client) -> httpx.Response:
        return client.get(f"{mine.conversation}/transcript", headers=headers)

    def refused(client: httpx.Client) -> httpx.Response:
        return client.post(f"{address}/api/v1/conversations", json={"consent": False, **long})

    return {
        "questions in one conversation": message,
        "texts of 2,000 characters in one conversation": long_message,
        "one conversation's transcript": transcript,
        "posts of 2,000 characters without a token": refused,
    }


@contextmanager
def flooded(flooder: Flooder) -> Iterator[list[int]]:
    """Floods as fast as answers come, in threads, until the block ends."""
    over, counted = threading.Event(), [0]

    def flood() -> None:
        with httpx.Client(timeout=30, trust_env=False) as client:
            while not over.is_set():
                flooder(client)
                counted[0] += 1

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(FLOODERS)]
    for thread in threads:
        thread.start()
    time.sleep(2)  # past what may come at once
    try:
        yield counted
    finally:
        over.set()
        for thread in threads:
            thread.join(30)


def refusals_ms(stack: Stack) -> dict[str, list[float]]:
    """How long it takes to be told that something is too large."""
    found = {}
    for name, text in {
        "a body above 16 KB": WORDS * 300,
        "a message above 2,000 characters": (WORDS * 40)[:2001],
    }.items():
        times = []
        for number in range(REFUSALS):
            if number % 25 == 0:
                patient = begun(stack.address)
            body = json.dumps({"client_id": f"c{number}", "text": text}).encode()
            began = time.perf_counter()
            response = patient.client.post(
                f"{patient.conversation}/messages", content=body, headers={"Content-Type": "application/json"}
            )
            times.append((time.perf_counter() - began) * 1000)
            assert response.status_code in (413, 422)
            time.sleep(0.3)  # one address may have a tenth of the thread for what is refused
        found[name] = times
    return found
