"""A brain that talks nonsense, and clocks that jump: real door processes, a brain that a test scripts."""

from __future__ import annotations

import glob
import os
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HOUR_S = 3600
FAKETIME = sorted(glob.glob("/usr/lib/*/faketime/libfaketime.so.1"))


def cut(handler):
    """Promises a body and closes the connection in the middle of it."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"replies": [{"text": "hal')
    handler.wfile.flush()
    handler.close_connection = True


def endless(handler):
    """Sends for as long as somebody reads."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**12))
    handler.end_headers()
    while True:
        handler.wfile.write(b'"' + b"x" * 65536)


def drop(handler):
    """Closes the connection without a word."""
    handler.close_connection = True
    handler.connection.close()


def peak_mb(running):
    """The most memory that a door has ever had."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def reply(**changed):
    return {"replies": [{"text": "t", "label": "l", **changed}], "understood": {}, "state": {}}


GARBAGE = {
    "empty list": [],
    "null": None,
    "no JSON": b"{]",
    "no UTF-8": b"\xff\xfe{",
    "a string": "hello",
    "deep": b"[" * 100_000,
    "no replies": {"replies": [], "understood": {}, "state": {}},
    "replies of numbers": {"replies": [1, 2], "understood": {}, "state": {}},
    "an empty bubble": reply(text=" "),
    "text that is a list": reply(text=["t"]),
    "half a character": b'{"replies": [{"text": "\\ud800", "label": "l"}], "understood": {}, "state": {}}',
    "a hand-off that is a word": reply(handoff="contacts"),
    "buttons of nonsense": reply(buttons=[{"x": 1}]),
    "safety that is a list": reply(safety=["emergency"]),
    "state that is a number": {"replies": [{"text": "t", "label": "l"}], "understood": {}, "state": 3},
    "huge": b" " * 3_000_000,
    "cut": cut,
    "endless": endless,
    "dropped": drop,
}


def test_when_the_brain_answers_garbage_then_each_message_gets_one_whole_answer_or_the_honest_text(door, brain, watch):
    running = door(brain_port=brain.port, brain_attempts=3)
    patient = watch(running.address)
    patient.ask("a first one", 15)  # all that is loaded with the first message is there
    before_mb = peak_mb(running)
    plain = brain.answer
    for number, (name, garbage) in enumerate(GARBAGE.items()):
        once = iter([garbage])
        brain.answer = lambda body, once=once: next(once, None) or plain(body)
        if garbage in ([], None):
            brain.answer = lambda body, left=[garbage]: left.pop() if left else plain(body)
        assert patient.ask(f"question {number}", 15)["text"] == f"answer to question {number}", name
    for status in (500, 503, 404, 302):
        brain.answer, brain.status = plain, status
        seq = patient.send("always")
        patient.until(lambda seq=seq: patient.answers(seq), 15)
        brain.status = 200
        assert patient.answers(seq)[0]["answer"]["label"] == "fallback"
        assert "+1 555 0100" in patient.answers(seq)[0]["text"]
    patient.settle()
    patient.check()
    assert peak_mb(running) - before_mb < 150, "an endless answer went into memory"


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S], ids=["forward", "back"])
def test_when_the_clock_jumps_an_hour_then_nothing_waits_for_it(door, brain, watch, tmp_path, jump_s):
    if not FAKETIME:
        if os.environ.get("CI"):
            pytest.fail("libfaketime is missing")
        pytest.skip("libfaketime is not installed (Debian: apt-get install libfaketime)")
    clock = tmp_path / "clock"

    def set_clock(ahead_s):
        part = clock.with_suffix(".part")
        part.write_text(f"{ahead_s:+d}\n")
        part.rename(clock)

    set_clock(0)
    faked = {
        "LD_PRELOAD": FAKETIME[0],
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # its cure for old C libraries lets every wait of a thread end at once
    }
    running = door(faked, brain_port=brain.port, messages_per_minute=12)
    patients = [watch(running.address, name) for name in ("postponed", "in-flight", "killed", "new")]
    postponed, in_flight, killed, new = patients
    gate, plain = threading.Event(), brain.answer
    failing = threading.Event()
    failing.set()

    def answer(body):
        if body["text"] == "postponed" and failing.is_set():
            return []
        if body["text"] in ("in flight", "slow"):
            gate.wait(15)
        return plain(body)

    brain.answer = answer
    for patient in patients:
        patient.ask("before")
    waiting = [postponed.send("postponed"), in_flight.send("in flight")]
    time.sleep(1)
    set_clock(jump_s)
    failing.clear()
    slow = new.send("slow")
    postponed.until(lambda: postponed.answers(waiting[0]), 30)
    new.until(lambda: any(event["from"] == "system" for event in new.seen))  # the holding line, after the jump
    gate.set()
    in_flight.until(lambda: in_flight.answers(waiting[1]), 30)
    new.until(lambda: new.answers(slow), 30)
    gate.clear()
    killed.send("slow")  # its claim is of the new time, then the clock is put right and the door dies
    set_clock(0)
    running.kill()
    gate.set()
    running.start()
    for patient in patients:
        for number in range(8):
            patient.ask(f"after {number}", 30)
        patient.settle(30)
        patient.check()
    assert any(event["from"] == "system" for event in new.seen), "no holding line after the jump"
