"""`./marrow replay`: the whole bot holds the labels answered to those given, and says so by its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation import replay

pytestmark = pytest.mark.slow

GOOD = {
    "id": "good",
    "turns": [
        {"user": "What is CAR-T therapy?", "label": "faq/cart_what_is"},
        {"user": "how long does it take?", "label": "faq/cart_duration"},
        {"user": "thanks", "label": "out_of_scope/medical", "score": False},
        {"user": "My father has a fever of 39.5 and is confused now", "label": "safety/emergency"},
    ],
}
BAD = {"id": "bad", "turns": [{"user": "What is CAR-T therapy?", "label": "faq/bmt_what_is"}]}


def write(folder: Path, *conversations: object) -> Path:
    file = folder / "talks.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in conversations) + "\n\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("conversations", "code"),
    [pytest.param([GOOD], 0, id="every label is right"), pytest.param([GOOD, BAD], 1, id="one label is wrong")],
)
def test_when_conversations_are_replayed_then_labels_texts_and_exit_code_tell_how_it_went(
    conversations: list[dict[str, object]],
    code: int,
    model_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert replay.main([str(model_file), str(write(tmp_path, *conversations))]) == code

    played = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["id"] for one in played] == [one["id"] for one in conversations]
    for given, got in zip(conversations, played):
        for turn, answered in zip(given["turns"], got["turns"], strict=True):  # type: ignore[call-overload]
            assert turn.items() <= answered.items()
            assert answered["reply"]
            assert all(isinstance(text, str) and text for text in answered["reply"])
    assert [turn["got"] for turn in played[0]["turns"]] == [
        ["faq/cart_what_is"],
        ["faq/cart_duration"],
        ["thanks"],
        ["safety/emergency"],
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("{", "line 1", id="no JSON"),
        pytest.param('{"id": "x"}', "line 1", id="no turns"),
        pytest.param('{"id": "x", "turns": [{"label": "greet"}]}', "line 1", id="no words"),
        pytest.param('{"id": "x", "turns": [{"user": " "}]}', "without words", id="blank words"),
        pytest.param('\n{"id": "x", "turns": 3}', "line 2", id="turns is a number"),
    ],
)
def test_when_the_file_is_no_set_of_conversations_then_the_line_is_named_before_anything_starts(
    text: str, told: str, model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "talks.jsonl"
    file.write_text(text, encoding="utf-8")

    assert replay.main([str(model_file), str(file)]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err


def test_when_the_file_is_missing_then_it_is_said(
    model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay.main([str(model_file), str(tmp_path / "no.jsonl")]) == 1

    assert "no.jsonl" in capsys.readouterr().err
