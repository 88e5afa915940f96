"""The model is data that was reviewed, and nothing is fetched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import WeightsError
from bot.redact import model

ROOT = Path(__file__).resolve().parents[3]


def test_when_the_installed_model_is_checked_then_it_is_the_reviewed_one():
    model.check(model.folder())


@pytest.mark.parametrize("name", ["config.cfg", "ner/moves"])
def test_when_a_file_is_another_one_then_nothing_is_loaded(tmp_path, name):
    copy = tmp_path / "model"
    shutil.copytree(model.folder(), copy, copy_function=_linked)
    changed = copy / name
    content = changed.read_bytes()
    changed.unlink()
    changed.write_bytes(content + b" ")

    with pytest.raises(WeightsError, match=name):
        model.load(copy)


def test_when_a_file_is_missing_then_it_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"config\.cfg"):
        model.check(tmp_path)


def test_when_the_package_is_looked_at_then_it_is_data_without_code_of_its_own():
    files = [path for path in model.folder().rglob("*") if path.is_file()]

    assert [path.name for path in files if path.suffix in (".py", ".pyc", ".so", ".pkl", ".pickle")] == []
    assert "factory" in (model.folder() / "config.cfg").read_text()  # components are named, none is brought along


def _linked(source: str, target: str) -> str:
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
    return target


NO_NETWORK = """
import socket, sys
opened = []
OUT = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg", "urllib.Request")
sys.addaudithook(lambda event, args: opened.append((event, args[-1])) if event in OUT else None)
from bot.redact.redactor import Redactor
redactor = Redactor()
for text in sys.stdin.read().split("\\n"):
    assert not redactor.redact(text).withheld, text
print(opened)
"""
TEXTS = [
    "write to anna.k@mail.example.co.uk or ann at gmail dot com",
    "see https://portal.example/r?token=abc123 and 192.168.1.77",
    "card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, +44 20 7946 0958, SSN 123-45-6789",
    "我叫王小明，اسمي خالد，меня зовут Иван",
]


@pytest.mark.slow
def test_when_texts_are_redacted_then_nothing_is_sent_or_asked_over_a_network():
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK],
        input="\n".join(TEXTS),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
