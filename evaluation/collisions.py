"""`./marrow evaluate collisions`: whether the studio's check sees examples that belong to another label.

The sets in `evaluation/sets/collisions/` were written without sight of the check: `planted.jsonl` holds lines of
`{"label", "text", "collides_with"}`, texts that a trainer would add to the wrong label, `innocent.jsonl` lines of
`{"label", "text"}` that belong where they are added. No line of them is printed.
"""

from __future__ import annotations

import json
from pathlib import Path

from bot.errors import MarrowError
from bot.understand.collisions import examples_in
from bot.understand.compare import Comparer
from bot.understand.intents import label_of
from evaluation.evaluate import SETS
from evaluation.measures import share

FOLDER = SETS / "collisions"


def blocked(comparer: Comparer, model_file: Path, rows: list[dict[str, str]]) -> list[str | None]:
    """For each line the label that the check holds against it; None where it lets the example pass."""
    known: dict[str, list[str]] = {}
    for text, intent in examples_in(comparer.root):
        known.setdefault(label_of(intent), []).append(text)
    found: list[str | None] = []
    for row in rows:
        wanted = [*known.get(row["label"], []), row["text"]]
        request = {"label": row["label"], "examples": wanted, "added": [row["text"]], "model": str(model_file)}
        issues = comparer.collisions(request)
        found.append(issues[0]["label"] if issues else None)
    return found


def main(model_file: Path, folder: Path = FOLDER) -> int:
    """Prints how many planted collisions are caught and how many innocent examples blocked; 1 above the limits."""
    comparer = Comparer()
    sets = {}
    for name in ("planted", "innocent"):
        file = folder / f"{name}.jsonl"
        if not file.exists():
            raise MarrowError(f"evaluate: {file.name} is not in {folder.name}/; restore it from the repository")
        lines = file.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        sets[name] = rows, blocked(comparer, model_file, rows)
    planted, caught = sets["planted"]
    innocent, stopped = sets["innocent"]
    seen, false = share([one is not None for one in caught]), share([one is not None for one in stopped])
    named = share([one == row["collides_with"] for row, one in zip(planted, caught) if one is not None])
    print(f"planted collisions caught: {seen:.1%} of {len(planted)}")
    print(f"the label named is the true one in {named:.1%} of those")
    print(f"innocent examples blocked: {false:.1%} of {len(innocent)}")
    return 0 if seen >= 0.95 and false <= 0.05 else 1
