"""`./marrow evaluate leaks`: which planted secrets the redaction hides, and which values it leaves alone.

A set has lines of `{"text", "secrets": [{"kind", "value"}], "keep": [value], "keep_kinds": [kind]}`. A secret counts as
hidden when every letter and digit of it is, wherever it stands in the text; of an address, what is not the name of a
city or country. A value is of one of `VALUE_KINDS`; where a line does not say which, it counts as `value`.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

from bot.errors import MarrowError, WeightsError
from bot.redact.keep import kept_words
from bot.redact.kinds import Span
from bot.redact.redactor import Redactor
from bot.redact.tagger import Tagger
from bot.redact.train import TAUGHT, places, read
from bot.settings import ROOT

SETS = ROOT / "evaluation" / "sets" / "leaks"
VALUE_KINDS = ("clinical", "hospital", "place", "practical", "word", "value")
"""What must be kept: what tells of body, illness or treatment; names of hospitals; places, wards and rooms;
appointments, prices, ways; everyday words. They were sorted by readers who did not see what is hidden."""


@dataclass
class Tally:
    """What came of one set."""

    planted: Counter[str] = field(default_factory=Counter)
    leaked: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, value, text."""
    values: Counter[str] = field(default_factory=Counter)
    """By kind."""
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, value, text."""
    spurious: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, hidden words, text."""
    milliseconds: list[float] = field(default_factory=list)


def _open(text: str, start: int, end: int, hidden: Sequence[Span], *, address: bool) -> bool:
    """Whether anything of `text[start:end]` can still be read."""
    for match in re.finditer(r"[^\W_]+", text[start:end]):
        if address and match[0].lower() in kept_words():
            continue
        for place in range(start + match.start(), start + match.end()):
            if not any(span.start <= place < span.end for span in hidden):
                return True
    return False


def tally(redactor: Redactor, lines: Sequence[dict[str, Any]]) -> Tally:
    """Redacts every text of a set and compares.

    Args:
        redactor: What is measured.
        lines: The set.
    """
    result = Tally()
    for line in lines:
        text = line["text"]
        began = time.perf_counter()
        hidden = redactor.places(text)
        result.milliseconds.append((time.perf_counter() - began) * 1000)
        secret_places: list[tuple[int, int]] = []
        for secret in line["secrets"]:
            kind, value = secret["kind"], secret["value"]
            result.planted[kind] += 1
            at = places(text, value)
            secret_places.extend(at)
            if any(_open(text, *place, hidden, address=kind == "address") for place in at):
                result.leaked.append((kind, value, text))
        for value, kind in zip(line["keep"], line.get("keep_kinds") or repeat("value")):
            result.values[kind] += 1
            at = places(text, value)
            if at and all(any(s.start < end and start < s.end for s in hidden) for start, end in at):
                result.lost.append((kind, value, text))
        for span in hidden:
            if not any(start < span.end and span.start < end for start, end in secret_places):
                result.spurious.append((span.kind, text[span.start : span.end], text))
    return result


def table(result: Tally) -> str:
    """The figures by kind as two Markdown tables."""
    leaks = Counter(kind for kind, _, _ in result.leaked)
    lines = ["| kind | planted | hidden | leaked |", "|---|---|---|---|"]
    groups = {"structured": [kind for kind in result.planted if kind not in ("name", "address")]}
    rows = [(kind, [kind]) for kind in sorted(result.planted)] + list(groups.items())
    for name, kinds in rows:
        planted, leaked = sum(result.planted[kind] for kind in kinds), sum(leaks[kind] for kind in kinds)
        if planted:
            lines.append(f"| {name} | {planted} | {1 - leaked / planted:.1%} | {leaked} |")
    lost = Counter(kind for kind, _, _ in result.lost)
    if result.values:
        lines += ["", "| value | there | kept | lost |", "|---|---|---|---|"]
    kept = [(kind, result.values[kind], lost[kind]) for kind in VALUE_KINDS]
    for kind, there, gone in [*kept, ("all values", result.values.total(), lost.total())]:
        if there:
            lines.append(f"| {kind} | {there} | {1 - gone / there:.1%} | {gone} |")
    p95 = statistics.quantiles(result.milliseconds, n=20)[-1] if len(result.milliseconds) > 1 else 0.0
    lines.append(
        f"\nredactions of nothing planted: {len(result.spurious)}; "
        f"p50 {statistics.median(result.milliseconds):.1f} ms, p95 {p95:.1f} ms a message"
    )
    return "\n".join(lines)


def add(tallies: Sequence[Tally]) -> Tally:
    """Several sets as one."""
    whole = Tally()
    for one in tallies:
        whole.planted += one.planted
        whole.leaked += one.leaked
        whole.values += one.values
        whole.lost += one.lost
        whole.spurious += one.spurious
        whole.milliseconds += one.milliseconds
    return whole


def by_writer(folder: Path) -> dict[str, tuple[Tally, Tally]]:
    """Each writer's messages, read by the rules alone, and with a tagger that learnt from others'.

    Every writer wrote of other countries: what a language's own words add is not seen here.

    Args:
        folder: The models of `python -m bot.redact.teaching --folds`, each made without some of the writers.

    Returns:
        The writer's file → without the tagger, with it.

    Raises:
        WeightsError: There is no such model, or one of them cannot be read.
    """
    models = sorted(folder.glob("*.npz"))
    if not models:
        raise WeightsError(
            f"no model in {folder}; make some with python -m bot.redact.teaching EXAMPLES --folds {folder}"
        )
    rules = Redactor(None)
    found = {}
    for model in models:
        tagger = Tagger(model)
        joined = Redactor(tagger)
        for path in (ROOT / name for name in tagger.without):
            lines = read(path)
            # the others only teach what is no secret
            if path.parent == TAUGHT and any(line["secrets"] for line in lines):
                found[path.stem] = tally(rules, lines), tally(joined, lines)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the sets."""
    parser = argparse.ArgumentParser(prog="./marrow evaluate leaks", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="the sets alone that may be read")
    parser.add_argument(
        "--details", action="store_true", help="with --dev or --by-writer: each leak, lost value, spurious redaction"
    )
    parser.add_argument(
        "--by-writer",
        type=Path,
        metavar="FOLDER",
        help="the tagger's own messages: each writer's, read by a model of others' (bot.redact.teaching --folds)",
    )
    given = parser.parse_args(arguments)
    if given.details and not (given.dev or given.by_writer):
        parser.error("--details goes with --dev or --by-writer: the other sets stay unread")
    try:
        if given.by_writer:
            both = by_writer(given.by_writer)
            for name, (without, joined) in both.items():
                print(f"{name}, unread, rules alone:\n\n{table(without)}\n\nwith the tagger:\n\n{table(joined)}\n")
                if given.details:
                    _tell(joined)
            for title, number in (("rules alone", 0), ("with the tagger", 1)):
                print(f"all writers, unread, {title}:\n\n{table(add([pair[number] for pair in both.values()]))}\n")
            return 0
        redactor = Redactor()
        unread = []
        for file in sorted(SETS.glob("*.jsonl")):
            if given.dev and not file.stem.startswith("dev"):
                continue
            lines = read(file)
            result = tally(redactor, lines)
            print(f"{file.stem}: {len(lines)} messages\n\n{table(result)}\n")
            if given.details:
                _tell(result)
            if file.stem.startswith("sealed"):
                unread.append(result)
        if unread:
            print(f"the sealed ones together:\n\n{table(add(unread))}")
    except (MarrowError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tell(result: Tally) -> None:
    for kind, value, text in sorted(result.leaked):
        print(f"leaked {kind}: {value!r} in {text!r}")
    for kind, value, text in sorted(result.lost):
        print(f"lost {kind}: {value!r} in {text!r}")
    for kind, words, text in sorted(result.spurious):
        print(f"spurious {kind}: {words!r} in {text!r}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
