"""kill -9 of door, brain and actions at random moments, under the real supervisor, while patients talk."""

from __future__ import annotations

import os
import random
import signal
import threading
import time

import httpx
import pytest

from bot.errors import MarrowError

pytestmark = pytest.mark.slow

PATIENTS, ROUNDS = 10, 20
KILLS = ("door", "actions", "door", "brain", "door", "actions", "door", "door", "brain")
QUESTIONS = ("how long does CAR-T take?", "What is a bone marrow transplant?", "i want to talk to a person")
DANGER = "I have a fever of 39.5 and I am confused"


def test_when_processes_are_killed_at_random_then_all_of_200_messages_are_answered_once_in_order_and_nobody_is_left(
    stack, watch, seed
):
    moments = random.Random(seed)
    patients = [watch(stack.address, f"p{number}") for number in range(PATIENTS)]
    failed = []

    def talk(patient, own):
        try:
            for number in range(ROUNDS):
                text = DANGER if number % 7 == 3 else own.choice(QUESTIONS)
                if own.random() < 0.2:  # twice for nothing
                    patient.sent += 1
                    patient.send(text, f"{patient.name}-{patient.sent}", 120)
                    patient.send(text, f"{patient.name}-{patient.sent - 1}", 120)
                else:
                    patient.send(text, within_s=120)
                if own.random() < 0.7:  # the others write on before the answer comes
                    patient.until(lambda: all(patient.answers(seq) for seq in patient.acknowledged.values()), 120)
                time.sleep(own.uniform(0, 1.5))
        except BaseException as error:
            failed.append((patient.name, error))

    threads = [
        threading.Thread(target=talk, args=(patient, random.Random(seed + number)))
        for number, patient in enumerate(patients)
    ]
    for thread in threads:
        thread.start()
    killed = []
    for name in KILLS:
        time.sleep(moments.uniform(0.5, 5))
        alive(stack)  # a door that dies before it listens shows nothing new
        try:
            os.kill(stack.process_id(name), signal.SIGKILL)
            killed.append(name)
        except MarrowError:
            continue  # it is dead already
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive()
    assert failed == []
    for patient in patients:
        patient.settle(120)
        patient.check()
        assert len(patient.acknowledged) == ROUNDS
    silences = sorted(silence for patient in patients for silence in patient.silences_s())
    lost = max(end - start for patient in patients for start, end in patient.lost if end < float("inf"))
    print(
        f"{len(silences)} messages, killed {' '.join(killed)}: longest silence {silences[-1]:.1f} s, "
        f"longest without a door {lost:.1f} s"
    )
    assert killed.count("door") >= 3
    assert "brain" in killed


def test_when_the_actions_hang_or_are_dead_then_the_contacts_are_given_and_nobody_waits_for_them(stack, watch):
    patient = watch(stack.address)
    ready(stack)
    hung = stack.process_id("actions")
    os.kill(hung, signal.SIGSTOP)
    try:
        hanging = patient.ask("i want to talk to a person", 15)
    finally:
        os.kill(hung, signal.SIGKILL)
    dead = patient.ask("please call me back", 15)

    for answer in (hanging, dead):
        assert answer["answer"]["label"] == "contact_human"
        assert "+1 555 0100" in answer["text"]
    patient.until(lambda: patient.ask("please call me back").get("handoff", {}).get("kind") == "call_back")
    patient.settle()
    patient.check()


def alive(stack, within_s=60):
    """Waits until the door listens."""
    ends = time.monotonic() + within_s
    while True:
        try:
            return httpx.get(f"{stack.address}/healthz", timeout=5, trust_env=False)
        except httpx.HTTPError:
            assert time.monotonic() < ends, "the door did not come back"
            time.sleep(0.05)


def ready(stack, within_s=90):
    """Waits until all three are there again."""
    ends = time.monotonic() + within_s
    while True:
        try:
            if httpx.get(f"{stack.address}/readyz", timeout=5, trust_env=False).status_code == 200:
                return httpx.get(f"{stack.address}/readyz", timeout=5, trust_env=False).json()
        except httpx.HTTPError:
            pass
        assert time.monotonic() < ends, "the bot did not get ready"
        time.sleep(0.2)
