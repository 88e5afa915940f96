"""`./marrow evaluate languages`: what a question in another language loses against the same question in English.

The sets in `evaluation/sets/languages/` hold the same questions in fourteen languages, each written as somebody would
type it and not translated word by word: lines of `{"text", "label", "language", "group"}`; `group` numbers the
question. The groups were divided at random: `dev` may be read while building, of `sealed` the figures alone are
printed. `danger_dev` and `danger_sealed` are the same for danger, lines of `{"text", "expect", "language", "group"}`
with the `expect` of the safety sets.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.records import RED
from bot.understand.parse import Parser
from evaluation.evaluate import SETS, measure, read_set
from evaluation.measures import Figures, Row, figures, share
from evaluation.safety import Judged, judge

ENGLISH = "en"
SETS_OF_IT = ("dev", "sealed")
OPEN_SETS = ("dev",)


def by_language(rows: Mapping[str, Sequence[Row]]) -> dict[str, Figures]:
    """The figures of each language, English first and the weakest last."""
    found = {name: figures(every) for name, every in rows.items()}
    return dict(sorted(found.items(), key=lambda one: (one[0] != ENGLISH, -one[1].right)))


def report(name: str, rows: Mapping[str, Sequence[Row]]) -> str:
    """The figures of one set as Markdown: each language and its difference to English, in points."""
    found = by_language(rows)
    english = found[ENGLISH]
    lines = [
        f"### {name}",
        "",
        "| language | questions | right | against English | right in 3 | answered |",
        "|---|---|---|---|---|---|",
    ]
    for language, one in found.items():
        points = (one.right - english.right) * 100
        lines.append(
            f"| {language} | {one.count} | {one.right:.1%} | {points:+.1f} | {one.right_in_three:.1%} | "
            f"{one.answered:.1%} |"
        )
    return "\n".join(lines)


def report_danger(name: str, rows: Mapping[str, Sequence[Judged]]) -> str:
    """The danger that was caught in each language and the look-alikes taken for danger, as Markdown."""
    lines = [
        f"### danger, {name}",
        "",
        "| language | danger | caught | look-alikes | taken for danger |",
        "|---|---|---|---|---|",
    ]
    for language, found in sorted(rows.items()):
        red = [row.together in RED for row in found if row.is_red]
        alike = [row.together in RED for row in found if not row.is_red]
        lines.append(f"| {language} | {len(red)} | {share(red):.1%} | {len(alike)} | {share(alike):.1%} |")
    return "\n".join(lines)


def _languages_of(file: Path) -> list[str]:
    return [json.loads(line)["language"] for line in file.read_text(encoding="utf-8").splitlines()]


def main(model_file: Path, details: bool, sets: Sequence[str] = SETS_OF_IT) -> None:
    """Prints the figures of the sets; `details` adds the mistakes of those that may be read."""
    parser = Parser(model_file)
    for name in sets:
        file = SETS / "languages" / f"{name}.jsonl"
        measured, _ = asyncio.run(measure(parser, read_set(file)))
        rows: dict[str, list[Row]] = defaultdict(list)
        for language, row in zip(_languages_of(file), measured, strict=True):
            rows[language].append(row)
        print("\n" + report(name, rows))
        danger_file = file.with_name(f"danger_{name}.jsonl")
        danger: dict[str, list[Judged]] = defaultdict(list)
        for language, judged in zip(_languages_of(danger_file), asyncio.run(judge(parser, danger_file)), strict=True):
            danger[language].append(judged)
        print("\n" + report_danger(name, danger))
        if details and name in OPEN_SETS:
            for language, found in rows.items():
                for row in found:
                    if row.label != row.truth or row.outcome == "fallback":
                        print(f"{language} {row.truth} -> {row.label} ({row.outcome}): {row.text}")
            for language, all_judged in danger.items():
                for one in all_judged:
                    if one.is_red != (one.together in RED):
                        print(f"{language} {one.expect} -> {one.together}: {one.text}")
