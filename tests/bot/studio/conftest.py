"""A copy of the project's files, a journal, and the studio's service over both."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal.store import Store
from bot.settings import ROOT, Settings
from bot.studio.files import Files, Person
from bot.studio.form import Issue
from bot.studio.question import Question
from bot.studio.questions import Studio

ANNA = Person("staff:1", "Anna Trainer", "anna@hospital.example")


@dataclass
class Checks:
    """Stands for the comparer, which needs the brain's environment; finds what a test says."""

    found: list[Issue] = field(default_factory=list)
    asked: list[tuple[str, list[str]]] = field(default_factory=list)

    def collisions(self, label: str, examples: Sequence[str], added: Sequence[str]) -> list[Issue]:
        self.asked.append((label, list(added)))
        return [issue for issue in self.found if issue.example in added]


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Dev", "-c", "user.email=dev@hospital.example"]
    variables = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(
        ["git", *who, *arguments], cwd=root, env=variables, capture_output=True, text=True, check=True
    )
    return done.stdout


@lru_cache(maxsize=1)
def few_examples() -> str:
    """The project's examples, twelve an intent: what is tested does not depend on their number, and time does."""
    text = (ROOT / "data" / "nlu.yml").read_text(encoding="utf-8")
    lines, count = [], 0
    for line in text.splitlines():
        count = count + 1 if line.startswith("    - ") else 0
        if count <= 12:
            lines.append(line)
    return "\n".join(lines) + "\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    shutil.copytree(ROOT / "data", root / "data")
    (root / "data" / "nlu.yml").write_text(few_examples(), encoding="utf-8")
    shutil.copy(ROOT / "domain.yml", root / "domain.yml")
    (root / ".gitignore").write_text(".marrow/\n")
    return root


@pytest.fixture
def checkout(project: Path) -> Path:
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "as it was")
    return project


@pytest.fixture
def store(tmp_path: Path, empty_journal: Path) -> Iterator[Store]:
    shutil.copy(empty_journal, tmp_path / "journal.sqlite3")
    made = Store(f"sqlite:///{tmp_path / 'journal.sqlite3'}")
    yield made
    made.close()


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
def studio(project: Path, store: Store, checks: Checks) -> Studio:
    return Studio(Files(project), store, Settings(), checks)


PARKING = Question(
    label="topic/parking",
    examples=tuple(f"where do I leave my car, way {number}" for number in range(10)),
    text="You can park behind house two. The first hour is free.",
    question="Where can I park?",
    owner="Front office",
    review_by="2099-01-01",
    next=("contact_human",),
)


@pytest.fixture
def parking() -> Callable[..., Question]:
    return lambda **changes: replace(PARKING, **changes)
