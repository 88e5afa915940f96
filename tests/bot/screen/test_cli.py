"""The command: a message a line in, a verdict a line out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import bot.screen

ROOT = Path(bot.screen.__file__).parents[2]


def run(data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot.screen", *arguments],
        input=data,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_when_lines_are_given_then_each_gets_one_json_verdict_in_order() -> None:
    done = run("Ich habe ｆｅｖｅｒ\r\nmy son has 39.5 since morning\n\nhello\n".encode())
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 0
    assert [line["text"] for line in lines] == ["Ich habe ｆｅｖｅｒ", "my son has 39.5 since morning", "", "hello"]
    assert [line["verdict"] for line in lines][1:] == ["emergency", "none", "none"]
    assert set(lines[1]) == {"text", "verdict", "rule", "span"}
    assert lines[1]["text"][slice(*lines[1]["span"])] == "39.5"


def test_when_a_line_is_not_utf8_then_the_command_fails_and_names_the_line() -> None:
    done = run(b"hello\n\xff\xfe\n")
    assert done.returncode == 1
    assert b"line 2" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_when_help_is_asked_then_it_names_every_verdict() -> None:
    done = run(b"", "--help")
    assert done.returncode == 0
    assert all(word in done.stdout for word in (b"none", b"check", b"emergency", b"self_harm", b"personal_advice"))
