"""The screen stands alone: no Rasa, no other room, no file or network after import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bot.screen
from bot.screen import screen

ROOM = Path(bot.screen.__file__).parent
ALLOWED = sys.stdlib_module_names | {"yaml"}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in sorted(ROOM.glob("*.py"))])
def test_when_a_file_of_the_screen_imports_then_it_is_stdlib_yaml_or_the_screen_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for name in names:
            assert name.split(".")[0] in ALLOWED or name.startswith("bot.screen"), f"{path.name} imports {name}"


def test_when_messages_are_screened_then_nothing_is_opened_and_nothing_is_sent() -> None:
    code = (
        "import sys\n"
        "from bot.screen import screen\n"
        "seen = []\n"
        "sys.addaudithook(lambda event, args: seen.append(event) if event.split('.')[0] in "
        "('open', 'socket', 'subprocess', 'os', 'urllib', 'import') else None)\n"
        "for text in ('my son has 39.5', 'Ｆｅｖｅｒ', 'is fever common?', 'bledimg', 'x' * 5000):\n"
        "    screen(text)\n"
        "print(seen)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOM.parent.parent, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_when_the_same_message_comes_twice_then_the_verdict_is_the_same() -> None:
    first = screen("he has fever since morning")
    screen("hello")
    assert screen("he has fever since morning") == first
