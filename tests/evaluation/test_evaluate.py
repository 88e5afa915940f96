"""Reading a held-back set and printing figures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

pytest.importorskip("rasa", reason="the brain's environment only")

from bot.answer import labels
from bot.settings import ROOT
from evaluation import evaluate
from evaluation.measures import Figures


def test_when_figures_are_printed_then_they_stand_in_a_markdown_table() -> None:
    one = Figures(120, 0.951, 0.9917, 0.9, 0.0249, 40, 0.975)
    empty = Figures(0, 0, 0, 0, 0, 0, 0)
    head, line, first, second = evaluate.table({"dev": one, "none": empty}).splitlines()
    assert len({row.count("|") for row in (head, line, first, second)}) == 1
    assert first == "| dev | 120 | 95.1% | 99.2% | 90.0% | 2.5% | 40 | 97.5% |"
    assert second.startswith("| none | 0 | 0.0% |")


def test_when_a_set_is_read_then_blank_lines_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(
        '{"text": "wie lange", "label": "faq/cart_duration", "more": 1}\n\n  \n{"text": "é", "label": "greet"}\n'
    )
    assert evaluate.read_set(file) == [("wie lange", "faq/cart_duration"), ("é", "greet")]


async def test_when_a_set_is_measured_then_rows_hold_what_was_understood() -> None:
    class Canned:
        async def parse(self, text: str) -> dict:
            ranking = [{"label": label, "confidence": 0.1} for label in ("b", "a", "c", "d")]
            return {"label": "a", "outcome": "answer", "ranking": ranking}

    rows, times_ms = await evaluate.measure(Canned(), [("x", "a"), ("y", "c")])
    assert [(row.text, row.truth, row.label, row.first_three) for row in rows] == [
        ("x", "a", "a", ("a", "b", "c")),
        ("y", "c", "a", ("a", "b", "c")),
    ]
    assert len(times_ms) == 2
    assert min(times_ms) >= 0


def test_when_there_is_no_model_then_the_command_says_what_to_do(monkeypatch, capsys) -> None:
    monkeypatch.setattr(evaluate.model, "current", lambda: None)
    assert evaluate.main([]) == 1
    assert "run ./marrow train" in capsys.readouterr().err


@pytest.mark.parametrize("given", [["--hint3", "nowhere"], ["--clinc150", "nowhere.json"]], ids=["HINT3", "CLINC150"])
def test_when_a_benchmark_is_not_there_then_the_command_names_what_to_give(given: list[str], capsys) -> None:
    assert evaluate.main(["--public-only", *given]) == 1
    told = capsys.readouterr().err
    assert given[0] in told
    assert "nowhere" in told


@pytest.mark.parametrize("file", sorted(evaluate.SETS.glob("questions_*.jsonl")), ids=lambda file: file.stem)
def test_when_the_project_s_sets_are_read_then_every_label_is_a_fixed_one(file: Path) -> None:
    examples = evaluate.read_set(file)
    assert len(examples) >= 15
    assert {label for _, label in examples} <= set(labels.LABELS)
    assert len({text for text, _ in examples}) == len(examples)
    json.dumps(examples)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _training_texts() -> set[str]:
    """All that a model learns from, without signs and capitals."""
    found = []
    for file in [ROOT / "data" / "nlu.yml", *sorted((ROOT / "data" / "languages").glob("*.yml"))]:
        found += [line[6:] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("    - ")]
    danger = yaml.safe_load((ROOT / "data" / "danger.yml").read_text(encoding="utf-8"))
    found += [*danger["danger"], *(text for kind in danger["look_alikes"].values() for text in kind)]
    found += yaml.safe_load((ROOT / "data" / "unclear.yml").read_text(encoding="utf-8"))["unclear"]
    return {_plain(text) for text in found}


@pytest.mark.parametrize(
    "file",
    [
        file
        for name in ("questions_*", "languages/*", "safety/*")
        for file in sorted(evaluate.SETS.glob(f"{name}.jsonl"))
    ],
    ids=lambda file: f"{file.parent.name}-{file.stem}",
)
def test_when_a_set_is_compared_with_what_is_learned_from_then_no_message_stands_in_both(file: Path) -> None:
    texts = {_plain(json.loads(line)["text"]) for line in file.read_text(encoding="utf-8").splitlines()}
    longer = {text for text in texts & _training_texts() if text.count(" ") > 5}  # "I want to die" may stand in both
    assert not longer, f"{len(longer)} messages of {file.name} are training examples: take them out of data/"
