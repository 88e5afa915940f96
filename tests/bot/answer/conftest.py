"""A copy of the real answers that a test may break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT

Edit = Callable[[dict[str, Any]], object]


class Copy:
    """The project's answers in a folder of their own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "data").mkdir()
        for file in ("domain.yml", "data/facts.yml", "data/sources.yml"):
            shutil.copy(ROOT / file, root / file)
        # A label's examples matter only as "some or none": the real file is large and changes often.
        from bot.answer import labels

        entries = [{"intent": labels.intent_of(label), "examples": "- x\n"} for label in labels.LABELS]
        self.write("data/nlu.yml", {"version": "3.1", "nlu": entries})

    def write(self, file: str, data: Any) -> None:
        (self.root / file).write_text(
            yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )

    def edit(self, file: str, change: Edit) -> None:
        data = yaml.load((self.root / file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        change(data)
        self.write(file, data)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)
