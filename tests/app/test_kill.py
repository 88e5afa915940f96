"""kill -9 of each process: what was acknowledged is answered once and in order, and nobody is met with silence."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from evaluation.stack import Patient, Stack, running

pytestmark = pytest.mark.slow

RESTART_WITHIN_S = 120  # loading the model on a busy machine
PROCESSES = ("door", "brain", "actions")


def kill(stack: Stack, name: str) -> int:
    """Kills a process outright; gives its number."""
    pid = stack.process_id(name)
    os.kill(pid, signal.SIGKILL)
    return pid


def wait_until_back(stack: Stack, name: str, killed: int) -> None:
    """Waits until the supervisor has started it again and the whole bot is ready."""
    ends = time.monotonic() + RESTART_WITHIN_S
    while time.monotonic() < ends:
        with contextlib.suppress(Exception):
            ready = httpx.get(f"{stack.address}/readyz", timeout=5, trust_env=False).status_code == 200
            if ready and stack.process_id(name) != killed:
                return
        time.sleep(0.2)
    raise AssertionError(f"{name} did not come back\n{stack.log(name)[-2000:]}")


@pytest.fixture
def whole(stack: Stack) -> Iterator[Stack]:
    """The stack with its three processes; each test gets it whole and leaves it whole."""
    wait_until_back(stack, "brain", 0)
    yield stack
    wait_until_back(stack, "brain", 0)


@pytest.fixture
def talker(whole: Stack) -> Patient:
    """A patient who has begun and was greeted."""
    made = Patient(whole.address)
    made.begin()
    made.ask("What is CAR-T therapy?")
    return made


def events(patient: Patient) -> list[dict[str, Any]]:
    """The events, also while the door is just starting."""
    ends = time.monotonic() + RESTART_WITHIN_S
    while True:
        try:
            return patient.events()
        except httpx.HTTPError:
            assert time.monotonic() < ends, "the door did not come back"
            time.sleep(0.1)


def answers(patient: Patient, *seqs: int) -> list[tuple[int, str]]:
    """Waits until each message is answered, and a little longer; gives all answers in the order they are shown."""

    def shown() -> list[tuple[int, str]]:
        return [
            (event["reply_to"], event["answer"]["label"])
            for event in events(patient)
            if event["from"] == "bot" and event.get("reply_to") in seqs
        ]

    ends = time.monotonic() + RESTART_WITHIN_S
    while {seq for seq, _ in shown()} != set(seqs):
        assert time.monotonic() < ends, f"not all of {seqs} were answered: {shown()}"
        time.sleep(0.1)
    time.sleep(1.5)  # a second answer would come about now
    return shown()


def test_when_the_brain_is_killed_between_two_messages_then_the_second_is_answered_in_its_context(
    whole: Stack, talker: Patient
) -> None:
    killed = kill(whole, "brain")

    seq = talker.send("how long does it take?")

    assert answers(talker, seq) == [(seq, "faq/cart_duration")]
    assert whole.process_id("brain") != killed


def test_when_the_brain_is_killed_in_the_middle_of_a_message_then_the_answer_still_comes_once(
    whole: Stack, talker: Patient
) -> None:
    brain = whole.process_id("brain")
    os.kill(brain, signal.SIGSTOP)  # so that the kill surely meets a message in flight
    seq = talker.send("how long does it take?")
    time.sleep(0.7)
    assert not [event for event in talker.events(seq) if event["from"] == "bot"]

    os.kill(brain, signal.SIGKILL)

    assert answers(talker, seq) == [(seq, "faq/cart_duration")]


def test_when_the_brain_is_dead_then_danger_is_answered_at_once(whole: Stack, talker: Patient) -> None:
    kill(whole, "brain")
    began = time.monotonic()

    seq = talker.send("My father has a fever of 39.5 and is confused since this morning")
    (reply,) = talker.replies(seq, within_s=10)

    assert reply["safety"] == "emergency"
    assert time.monotonic() - began < 5
    assert answers(talker, seq) == [(seq, "safety/emergency")]


def test_when_the_door_is_killed_then_what_it_acknowledged_is_answered_once_and_in_order(
    whole: Stack, talker: Patient
) -> None:
    brain = whole.process_id("brain")
    os.kill(brain, signal.SIGSTOP)  # so that all of them wait when the door dies
    try:
        sent = [
            talker.send(question)
            for question in ("how long does it take?", "What is a bone marrow transplant?", "how long does it take?")
        ]
        before = talker.events()
        kill(whole, "door")
    finally:
        os.kill(brain, signal.SIGCONT)

    assert answers(talker, *sent) == list(
        zip(sent, ["faq/cart_duration", "faq/bmt_what_is", "faq/bmt_duration"], strict=True)
    )
    after = events(talker)
    assert after[: len(before)] == before
    assert [event["seq"] for event in after] == list(range(1, len(after) + 1))


def descendants(pid: int) -> list[int]:
    """A process and all that came from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_when_the_bot_is_stopped_then_no_process_port_or_file_of_it_is_left(
    model_file: Path, stack_settings: dict[str, Any]
) -> None:
    with running(model_file, **stack_settings) as started:
        pids = descendants(started.supervisor.pid)
        assert {started.process_id(name) for name in PROCESSES} < set(pids)

    assert [pid for pid in pids if is_alive(pid)] == []
    assert not started.folder.exists()
    for port in (started.settings.door_port, started.settings.brain_port, started.settings.actions_port):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
