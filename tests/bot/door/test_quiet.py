"""Tracebacks and crashes tell where and what kind, and never a value."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from bot.door.logs import OneEntryALine
from bot.door.quiet import without_words

ROOT = Path(__file__).resolve().parents[3]


def fails(words: str) -> None:
    try:
        raise KeyError(words)
    except KeyError as error:
        raise ValueError(f"cannot read {words}") from error


def test_when_an_error_is_logged_then_places_and_kinds_are_there_and_no_word():
    try:
        fails("Zebulon")
    except ValueError as error:
        told = without_words(error)
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it failed", None, (ValueError, error, None))

    assert "Zebulon" not in told
    assert told.index("KeyError") < told.index("ValueError")
    assert "in fails" in told
    written = OneEntryALine("%(message)s").format(record)
    assert written.startswith("it failed")
    assert "ValueError" in written
    assert "Zebulon" not in written


def test_when_the_process_dies_of_an_error_then_its_words_are_not_on_the_screen():
    code = "from bot.door import quiet; quiet.install(); raise RuntimeError('Zebulon')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "RuntimeError" in done.stderr
    assert "Zebulon" not in done.stderr


def test_when_a_thread_dies_of_an_error_then_its_words_are_not_on_the_screen():
    code = (
        "import threading; from bot.door import quiet; quiet.install()\n"
        "def die(): raise RuntimeError('Zeb' + 'ulon')\n"
        "thread = threading.Thread(target=die); thread.start(); thread.join()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert "RuntimeError" in done.stderr
    assert "Zebulon" not in done.stderr
