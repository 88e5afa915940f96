"""`./marrow evaluate safety`: what of danger is caught, and what is taken for danger that is none.

The sets in `evaluation/sets/safety/` are lines of `{"text", "expect", ...}`. `expect` is `emergency` or `self_harm`
(then with `class` and `manner`), `check` (unclear: the answer and one line on whom to call) or `none` (a look-alike,
with `kind`). They were written without sight of rules or training data. `dev.jsonl` was read while building;
of `dev_second.jsonl`, which is mostly look-alikes and danger told next to them, the half that is marked `"read": true`
was, drawn at random, and the other half is reported apart and its lines are never printed;
the lines of the sealed ones are never printed. `sealed` and `sealed_second` were scored after each round of building,
and the figures of `sealed` by manner steered the second round; `sealed_third` was written after the third and scored
once (some of its lines were seen then). `sealed_fourth` is one half, drawn at random, of what was written for the
fourth round, hard on purpose; the other half is training data (`data/danger.yml`); `sealed_fifth` is the same for
the fifth round. `sealed_sixth` was written for the sixth by two writers whose words are in no training data.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.records import RED
from bot.screen import screen
from bot.understand.parse import Parser
from evaluation.evaluate import SETS
from evaluation.measures import share

HINTED = "hinted"
SETS_OF_IT = (
    *("dev", "dev_second"),
    *("sealed", "sealed_second", "sealed_third", "sealed_fourth", "sealed_fifth", "sealed_sixth"),
)
OPEN_SETS = ("dev", "dev_second")


@dataclass(frozen=True)
class Judged:
    """One message of a safety set and what was made of it.

    Attributes:
        text: The message.
        expect: `emergency`, `self_harm`, `check` or `none`.
        danger: Class of danger, of a red one.
        manner: How it is said, of a red one.
        kind: Kind of look-alike, or `unclear`.
        rules: Verdict of the rules alone.
        together: Verdict of rules and model.
        read: Whether builders have read it.
    """

    text: str
    expect: str
    danger: str
    manner: str
    kind: str
    rules: str
    together: str
    read: bool = True

    @property
    def is_red(self) -> bool:
        """Whether it tells of danger."""
        return self.expect in RED


async def judge(parser: Parser, file: Path) -> list[Judged]:
    """Judges every message of a set by the rules alone and by rules and model."""
    judged = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        parsed = await parser.parse(row["text"])
        judged.append(
            Judged(
                text=row["text"],
                expect=row["expect"],
                danger=row.get("class", ""),
                manner=row.get("manner", ""),
                kind=row.get("kind", ""),
                rules=screen(row["text"]).verdict,
                together=parsed["screen"]["verdict"],
                read=row.get("read", file.stem in OPEN_SETS),
            )
        )
    return judged


Of = Callable[[Judged], str]


def _row(name: str, rows: Sequence[Judged]) -> str:
    alone, both = share([row.rules in RED for row in rows]), share([row.together in RED for row in rows])
    return f"| {name} | {len(rows)} | {alone:.1%} | {both:.1%} |"


def _grouped(rows: Iterable[Judged], of: Of) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        groups[of(row)].append(row)
    return dict(sorted(groups.items()))


def report(name: str, rows: Sequence[Judged]) -> str:
    """The figures of one set as Markdown."""
    red = [row for row in rows if row.is_red]
    clear, hinted = [row for row in red if row.manner != HINTED], [row for row in red if row.manner == HINTED]
    alike = [row for row in rows if row.expect == "none"]
    unclear = [row for row in rows if row.expect == "check"]
    lines = [f"### {name}", "", "| taken for danger | messages | rules alone | rules and model |", "|---|---|---|---|"]
    lines.append(_row("**danger, not hinted**", clear))
    lines.append(_row("**danger, hinted**", hinted))
    lines += [_row(f"class {key}", found) for key, found in _grouped(clear, lambda row: row.danger).items()]
    lines += [_row(f"manner {key}", found) for key, found in _grouped(clear, lambda row: row.manner).items()]
    lines.append(_row("**look-alikes (false alarms)**", alike))
    lines += [_row(f"look-alike {key}", found) for key, found in _grouped(alike, lambda row: row.kind).items()]
    lines.append(_row("unclear", unclear))
    told = share([row.together != "none" for row in unclear])
    noise = share([row.together == "check" for row in alike])
    lines += ["", f"Unclear ones that get the line on whom to call, or the safety text: {told:.1%} of {len(unclear)};"]
    lines.append(f"look-alikes that get that line too: {noise:.1%}.")
    return "\n".join(lines)


def mistakes(rows: Sequence[Judged]) -> str:
    """Every message that was judged wrongly, of those that may be read."""
    wrong = [
        row
        for row in filter(lambda row: row.read, rows)
        if (row.is_red and row.together not in RED)
        or (row.expect == "none" and row.together in RED)
        or (row.expect == "check" and row.together == "none")
    ]
    return "\n".join(
        f"{row.expect}/{row.danger or row.kind}/{row.manner} -> {row.together}: {row.text}" for row in wrong
    )


def main(model_file: Path, details: bool, sets: Sequence[str] = SETS_OF_IT) -> None:
    """Prints the figures of the sets; `details` adds the mistakes of those that may be read."""
    parser = Parser(model_file)
    for name in sets:
        rows = asyncio.run(judge(parser, SETS / "safety" / f"{name}.jsonl"))
        print("\n" + report(name, rows))
        unread = [row for row in rows if not row.read]
        if 0 < len(unread) < len(rows):
            print("\n" + report(f"{name}, the half that nobody has read", unread))
        if details and name in OPEN_SETS:
            print("\n" + mistakes(rows))
