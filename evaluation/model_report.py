"""What a candidate model does, beside the live one: `python -m evaluation.model_report report|replay REQUEST`.

Runs in the brain's environment, as a process of its own. REQUEST is a JSON file; the answer is written to its `out`.

- `report`: `candidate`, `live` (files, or null), `data` (folder with `data/nlu.yml`; null: no cross-validation),
  `measured` (folder that keeps what a model did on the sets, by its SHA-256).
- `replay`: `candidate`, `live`, `asked`: `text`, and `said`: of each turn before, the label and the hand-off's kind of
  each reply. The answer names what changed by its place in `asked`.

The sealed sets are left out on purpose: a set that every training is chosen by is no longer unseen.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.utils.log_utils import configure_structlog

from bot.boot.model import file_digest
from bot.errors import MarrowError
from bot.understand.collisions import cached_encoders, examples_in
from bot.understand.dialogue import MISSED, REST_MISSED, Turn
from bot.understand.ensemble import cross_validated, views_of
from bot.understand.intents import ACTION_CALL_BACK, ACTION_CONTACTS, ACTION_PERSON_NOW, action_of, label_of
from bot.understand.parse import Parser
from evaluation.evaluate import SETS, read_set
from evaluation.measures import ANSWERED, DANGER, Row, figures

Json = dict[str, Any]
QUESTIONS, SAFETY = SETS / "questions_dev.jsonl", SETS / "safety" / "dev.jsonl"
HANDED = {"contacts": ACTION_CONTACTS, "call_back": ACTION_CALL_BACK, "person_now": ACTION_PERSON_NOW}
WORST = 10
TEXTS = 5
FOLDS = 3


def step(words: str) -> None:
    """Tells how far it is; the job shows the last line."""
    print(words, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Asked:
    """A message and the turns before it."""

    text: str
    turns: tuple[Turn, ...] = ()


def turns_of(said: Sequence[Sequence[tuple[str, str | None]]]) -> tuple[Turn, ...]:
    """The turns that a conversation remembers, from labels and hand-offs of what was said in them.

    Two misses in a row are told from one by the turn before, as the dialogue did when it said them.
    """
    turns: list[Turn] = []
    for replies in said:
        missed = bool(turns) and set(turns[-1].actions) <= MISSED
        actions: list[str] = []
        for label, handoff in replies:
            if handoff is not None:
                actions.append(HANDED[handoff])
            elif label == "fallback":
                actions.append(REST_MISSED if actions else "utter_fallback_person" if missed else "utter_fallback")
            else:
                actions.append(action_of(label))
        turns.append(Turn(tuple(actions)))
    return tuple(turns)


def rows_of(model_file: Path, asked: Sequence[Asked], name: str) -> list[Json]:
    """What a model makes of messages; one that came after different turns is read once."""
    parser = Parser(model_file)

    async def parse() -> list[Json]:
        found, read = [], {}
        for number, one in enumerate(asked):
            if number % 200 == 0:
                step(f"{name}: {number} of {len(asked)} messages")
            if one.text not in read:
                read[one.text] = await parser.read(one.text)
            got = parser.understood(one.text, read[one.text], list(one.turns))
            three = list(dict.fromkeys([got["label"], *(one["label"] for one in got["ranking"])]))[:3]
            found.append(
                {"label": got["label"], "outcome": got["outcome"], "three": three, "screen": got["screen"]["verdict"]}
            )
        return found

    return asyncio.run(parse())


def measured(model_file: Path, folder: Path, name: str) -> Json:
    """What a model does on the held-back sets; kept by the hashes of model and sets."""
    key = "-".join(file_digest(file)[:16] for file in (model_file, QUESTIONS, SAFETY))
    kept = folder / f"{key}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    questions = [text for text, _ in read_set(QUESTIONS)]
    dangers = [json.loads(line)["text"] for line in SAFETY.read_text(encoding="utf-8").splitlines()]
    rows = rows_of(model_file, [Asked(text) for text in (*questions, *dangers)], name)
    found = {"questions": rows[: len(questions)], "safety": rows[len(questions) :]}
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def of_questions(got: list[Json]) -> tuple[list[Row], Json]:
    """Rows and figures of the held-back questions."""
    rows = [
        Row(text, truth, one["label"], tuple(one["three"]), one["outcome"])
        for (text, truth), one in zip(read_set(QUESTIONS), got)
    ]
    return rows, asdict(figures(rows))


def of_danger(got: list[Json]) -> Json:
    """Danger caught and false alarms, with the messages; this set may be read."""
    lines = [json.loads(line) for line in SAFETY.read_text(encoding="utf-8").splitlines()]
    red = [(line["text"], one["screen"] in ("emergency", "self_harm")) for line, one in zip(lines, got) if _red(line)]
    harmless = [
        (line["text"], one["screen"] in ("emergency", "self_harm"))
        for line, one in zip(lines, got)
        if line["expect"] == "none"
    ]
    caught, alarms = sum(seen for _, seen in red), sum(seen for _, seen in harmless)
    return {
        "count": len(red), "caught": caught, "recall": caught / max(1, len(red)), "harmless": len(harmless),
        "false_alarms": alarms, "missed": [text for text, seen in red if not seen],
        "alarmed": [text for text, seen in harmless if seen],
    }  # fmt: skip


def _red(line: Json) -> bool:
    return line["expect"] in ("emergency", "self_harm")


def significance(candidate: Sequence[bool], live: Sequence[bool]) -> Json:
    """McNemar's exact test: whether as many were gained as lost, or chance would seldom do it."""
    from scipy.stats import binomtest

    gained = sum(one and not other for one, other in zip(candidate, live))
    lost = sum(other and not one for one, other in zip(candidate, live))
    p = float(binomtest(gained, gained + lost, 0.5).pvalue) if gained + lost else 1.0
    return {"gained": gained, "lost": lost, "p": round(p, 4)}


def by_label(pairs: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """Precision and recall of each label with their counts, from pairs of truth and label."""
    truths, found = Counter(truth for truth, _ in pairs), Counter(label for _, label in pairs)
    right = Counter(truth for truth, label in pairs if truth == label)
    return {
        label: {
            "count": truths[label], "found": found[label], "right": right[label],
            "precision": right[label] / found[label] if found[label] else None,
            "recall": right[label] / truths[label] if truths[label] else None,
        }
        for label in sorted(truths | found)
    }  # fmt: skip


def worst(named: Sequence[tuple[str, str, str]]) -> list[Json]:
    """The commonest confusions with some of their texts, from triples of text, truth and label."""
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for text, truth, label in named:
        if truth != label:
            texts[truth, label].append(text)
    ordered = sorted(texts.items(), key=lambda one: -len(one[1]))[:WORST]
    return [
        {"truth": truth, "label": label, "count": len(found), "texts": found[:TEXTS]}
        for (truth, label), found in ordered
    ]


def in_cross_validation(data: Path) -> list[tuple[str, str, str]]:
    """Text, truth and label of every training example, by a classifier that had not seen it."""
    given = examples_in(data)
    texts, intents = [text for text, _ in given], [intent for _, intent in given]
    step(f"cross-validation over {len(texts)} examples")
    scores = cross_validated(views_of(texts, cached_encoders()), intents, FOLDS)
    best = np.array(scores.classes)[scores.scores.argmax(axis=1)]
    return [(text, label_of(truth), label_of(str(label))) for text, truth, label in zip(texts, intents, best)]


def report(request: Json) -> Json:
    """Everything of a candidate, beside the live model where there is one."""
    folder = Path(request["measured"])
    held_out = in_cross_validation(Path(request["data"])) if request["data"] else None
    mine = measured(Path(request["candidate"]), folder, "candidate")
    rows, own = of_questions(mine["questions"])
    danger: Json = {"candidate": of_danger(mine["safety"])}
    made: Json = {
        "held_back": {"candidate": own},
        "labels": by_label([(row.truth, row.label) for row in rows]),
        "worst": worst([(row.text, row.truth, row.label) for row in rows]),
        "confusion": [[row.truth, row.label] for row in rows],
        "danger": danger,
    }
    if held_out is not None:
        made["cross_validation"] = {
            "count": len(held_out),
            "right": sum(truth == label for _, truth, label in held_out),
            "labels": by_label([(truth, label) for _, truth, label in held_out]),
            "worst": worst(held_out),
        }
    if request.get("live"):
        theirs = measured(Path(request["live"]), folder, "live model")
        live_rows, made["held_back"]["live"] = of_questions(theirs["questions"])
        danger["live"] = of_danger(theirs["safety"])
        made["change"] = significance(
            [row.label == row.truth for row in rows], [row.label == row.truth for row in live_rows]
        )
        made["lost"] = [
            {"text": one.text, "truth": one.truth, "label": one.label}
            for one, other in zip(rows, live_rows)
            if other.label == other.truth != one.label
        ]
        made["confusion_live"] = [[row.truth, row.label] for row in live_rows]
        made["labels_live"] = by_label([(row.truth, row.label) for row in live_rows])
    return made


def replay(request: Json) -> Json:
    """Which messages the candidate understands or handles otherwise than the live model, after the same turns."""
    asked = [Asked(one["text"], turns_of(one["said"])) for one in request["asked"]]
    mine = rows_of(Path(request["candidate"]), asked, "candidate")
    theirs = rows_of(Path(request["live"]), asked, "live model")
    changed = [
        {"at": at, "old": _outcome(other), "new": _outcome(one)}
        for at, (one, other) in enumerate(zip(mine, theirs))
        if _outcome(one) != _outcome(other)
    ]
    return {"messages": len(asked), "changed": changed}


def _outcome(row: Json) -> str:
    """What a patient meets: the label of an answer, or that readings were offered, or that nothing was understood."""
    if row["screen"] in ("emergency", "self_harm"):
        return f"safety/{row['screen']}"
    return str(row["label"]) if row["outcome"] in ANSWERED or row["label"] in DANGER else str(row["outcome"])


def main(arguments: Sequence[str]) -> int:
    """Answers one request."""
    configure_structlog(logging.ERROR)
    logging.basicConfig(level=logging.ERROR)
    request = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
    try:
        found = {"report": report, "replay": replay}[arguments[0]](request)
    except MarrowError as error:
        print(error, file=sys.stderr)
        return 1
    Path(request["out"]).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
