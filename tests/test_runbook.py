"""What the runbook tells an operator to type, watch and change is there."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot import cli
from bot.door.metrics import Metrics
from bot.journal.migrate import migrate
from bot.journal.store import Store
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
TYPED = [
    line.split("  #")[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
# of the system or of PostgreSQL
OTHERS = {"curl", "tail", "umask", "mkdir", "mv", "cp", "pg_dump", "pg_restore"}


@pytest.mark.parametrize("line", TYPED)
def test_when_a_line_is_to_be_typed_then_its_command_is_there(line: str) -> None:
    words = line.split()
    if words[0] == "./marrow":
        actions = [action for action in cli.parser()._actions if action.dest == "command"]
        assert words[1] in actions[0].choices  # type: ignore[operator]
    elif words[0] == ".marrow/door/bin/python":
        assert words[1] == "-m"
        assert find_spec(words[2])
    else:
        assert words[0] in OTHERS


def test_when_a_command_of_marrow_is_named_in_the_text_then_there_is_one() -> None:
    actions = [action for action in cli.parser()._actions if action.dest == "command"]

    assert set(re.findall(r"\./marrow ([a-z]+)", TEXT)) <= set(actions[0].choices)  # type: ignore[arg-type]


def test_when_settings_and_counts_are_named_then_they_exist() -> None:
    known = {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
    counted = {
        name for family in Metrics().registry.collect() for name in (family.name, *(s.name for s in family.samples))
    } | {f"{family.name}_total" for family in Metrics().registry.collect()}

    assert set(re.findall(r"MARROW_[A-Z_]+", TEXT)) <= known
    assert set(re.findall(r"marrow_[a-z_]+", TEXT)) <= counted


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`((?:bot|docs|tests|data)/[\w./]*|config\.yml|domain\.yml)`", TEXT)))
)
def test_when_a_file_is_named_then_it_is_there(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize("line", [line for line in TYPED if "-m sqlite3" in line], ids=lambda line: line[-40:])
def test_when_a_recipe_for_sqlite_is_typed_then_it_works_while_the_journal_is_open(line: str, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    store = Store(f"sqlite:///{tmp_path}/var/journal.sqlite3")
    migrate(store)
    if "integrity_check" in line:
        shutil.copy(tmp_path / "var/journal.sqlite3", tmp_path / "var/backup.sqlite3")
    command = line.replace(".marrow/door/bin/python", f"'{sys.executable}'")

    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 0, done.stderr
    if "VACUUM" in line:
        with sqlite3.connect(tmp_path / "var/backup.sqlite3") as copy:
            assert copy.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
        copy.close()
    store.close()
