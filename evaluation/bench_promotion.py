"""`python -m evaluation.bench_promotion MODEL [CANDIDATE]`: patients write ten messages a second, a model is promoted.

The whole bot on free ports with a throw-away journal and a folder of models of its own. Meanwhile the candidate (the
same model under another name when none is given) is promoted, and later taken back. Each message must get exactly one
turn of replies; the longest pause between two answers, whoever got them, is what patients would notice.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import httpx

from bot.boot import model
from bot.errors import MarrowError
from evaluation.measures import percentile
from evaluation.stack import Patient, Stack, running

A_SECOND = 10
SECONDS = 45
PROMOTED_AFTER_S, TAKEN_BACK_AFTER_S = 10.0, 28.0
PATIENTS = 20
DRAINED_WITHIN_S = 120  # an overloaded machine answers late, which is not losing
QUESTIONS = ("how long does car-t take", "what is a bone marrow transplant", "hello", "which kinds are there", "thanks")


def loaded(stack: Stack) -> str:
    """The file of the model that the brain answers with."""
    settings = stack.settings
    got = httpx.get(
        f"http://127.0.0.1:{settings.brain_port}/webhooks/door/ready",
        headers={"Authorization": f"Bearer {settings.brain_token}"}, timeout=20, trust_env=False,
    )  # fmt: skip
    return str(got.json().get("file"))


def wait_for(stack: Stack, file: str, within_s: float = 60) -> float:
    """Seconds until the brain answers with a model.

    Raises:
        MarrowError: It does not in time.
    """
    began = time.monotonic()
    while time.monotonic() - began < within_s:
        with contextlib.suppress(httpx.HTTPError):
            if loaded(stack) == file:
                return time.monotonic() - began
        time.sleep(0.1)
    raise MarrowError(f"bench: the brain did not take {file} within {within_s:g} s; see {stack.log('brain')[-500:]}")


def measure(model_file: Path, candidate: Path | None = None) -> dict[str, object]:
    """Promotes and takes back under load; gives what patients met."""
    with tempfile.TemporaryDirectory(prefix="marrow-promotion-") as name:
        folder = Path(name)
        first, second = folder / "marrow-1-first.tar.gz", folder / "marrow-2-second.tar.gz"
        shutil.copy(model_file, first)
        shutil.copy(candidate or model_file, second)
        model.promote(first, model.file_digest(first), by="bench", fingerprint="first", folder=folder)
        with running(first, messages_per_minute=100_000, conversations_per_minute=100_000) as stack:
            return _under_load(stack, first, second, folder)


def _under_load(stack: Stack, first: Path, second: Path, folder: Path) -> dict[str, object]:
    patients = [Patient(stack.address) for _ in range(PATIENTS)]
    for patient in patients:
        patient.begin()
        patient.ask("hello")
    sent: list[tuple[Patient, int, float]] = []
    errors: list[str] = []
    guards = [threading.Lock() for _ in patients]
    began = time.monotonic()

    def send(number: int) -> None:
        place = number % PATIENTS
        time.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        try:
            with guards[place]:
                at = time.monotonic()
                sent.append((patients[place], patients[place].send(QUESTIONS[number % len(QUESTIONS)]), at))
        except httpx.HTTPError as error:
            errors.append(repr(error))

    answered: dict[tuple[int, int], float] = {}
    over = threading.Event()

    def look(place: int) -> None:
        reader = Patient(stack.address, conversation=patients[place].conversation)
        reader.client.headers["Authorization"] = patients[place].client.headers["Authorization"]
        while not over.is_set():
            for event in reader.stream():
                if event["from"] == "bot" and event.get("reply_to"):
                    answered.setdefault((place, event["reply_to"]), time.monotonic())
                if over.is_set():
                    return

    readers = [threading.Thread(target=look, args=(place,), daemon=True) for place in range(PATIENTS)]
    for reader in readers:
        reader.start()
    took: dict[str, float] = {}

    def change() -> None:
        for what, file, after_s in (("promotion", second, PROMOTED_AFTER_S), ("rollback", first, TAKEN_BACK_AFTER_S)):
            time.sleep(max(0.0, began + after_s - time.monotonic()))
            model.promote(file, model.file_digest(file), by="bench", fingerprint=what, folder=folder)
            took[what] = wait_for(stack, file.name)

    changing = threading.Thread(target=change)
    changing.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(A_SECOND * SECONDS)))
    changing.join(120)
    end = time.monotonic() + DRAINED_WITHIN_S
    place_of = {id(patient): place for place, patient in enumerate(patients)}
    wanted = {(place_of[id(patient)], seq) for patient, seq, _ in sent}
    while not wanted <= set(answered) and time.monotonic() < end:
        time.sleep(0.1)
    over.set()
    waits, lost, doubled = [], 0, 0
    for patient, seq, at in sent:
        when = answered.get((place_of[id(patient)], seq))
        lost += when is None
        waits += [] if when is None else [when - at]
    for patient in patients:
        turns = [event for event in patient.events() if event["from"] == "bot" and event.get("reply_to")]
        texts = [(event["reply_to"], event["text"]) for event in turns]
        doubled += len(texts) - len(set(texts))
    times = sorted(answered.values())
    pause = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    return {
        "messages": len(sent), "lost": lost, "answered_twice": doubled, "errors": len(errors),
        "promotion_s": round(took.get("promotion", -1), 1), "rollback_s": round(took.get("rollback", -1), 1),
        "longest_pause_ms": round(pause * 1000), "p50_ms": round(percentile(waits, 0.5) * 1000),
        "p95_ms": round(percentile(waits, 0.95) * 1000), "slowest_ms": round(max(waits, default=0) * 1000),
    }  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Measures; 1 when a message was lost, answered twice or refused, or patients waited for two seconds."""
    found = measure(Path(arguments[0]), Path(arguments[1]) if len(arguments) > 1 else None)
    print(json.dumps(found))
    good = not (found["lost"] or found["answered_twice"] or found["errors"])
    return 0 if good and int(str(found["longest_pause_ms"])) <= 2000 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
