"""What counts as a miss in a replayed conversation, and which files can be replayed; tests/app plays real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the door's environment only")

from bot.errors import MarrowError
from evaluation.replay import missed, read


def _turn(got: list[str], **given: object) -> dict:
    return {"user": "x", "got": got, **given}


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], False),
        ([_turn(["a"])], False),
        ([_turn(["a"], label="a")], False),
        ([_turn(["b", "a"], label="a")], False),
        ([_turn(["b"], label="a")], True),
        ([_turn([], label="a")], True),
        ([_turn(["b"], label="a", score=False)], False),
        ([_turn(["b"], label="a", score=True)], True),
        ([_turn(["b"], label="a", score=None)], True),
        ([_turn(["b"], label=None)], False),
        ([_turn(["a"], label="a"), _turn(["a"], label="b")], True),
    ],
    ids=["no turns", "no label", "right", "among several", "wrong", "none", "not scored", "scored", "score unsaid",
         "label null", "in the second turn"],
)  # fmt: skip
def test_when_labels_are_given_then_the_ones_that_count_must_be_answered(turns: list[dict], expected: bool) -> None:
    assert missed({"id": "1", "turns": turns}) is expected


def test_when_a_file_is_read_then_its_conversations_come_in_order_with_all_they_hold(tmp_path: Path) -> None:
    conversations = [
        {"id": "1", "turns": [{"user": "how long", "label": "a", "score": False}], "note": "é"},
        {"id": "2", "turns": []},
    ]
    file = tmp_path / "talks.jsonl"
    file.write_text("\n\n".join(json.dumps(one, ensure_ascii=False) for one in conversations) + "\n", encoding="utf-8")
    assert list(read(file)) == conversations


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", '{"id": "1"}', '{"turns": [{"label": "a"}]}', '{"turns": ["hello"]}', '{"turns": [{"user": " "}]}',
     '{"turns": [{"user": 3}]}'],
)  # fmt: skip
def test_when_a_line_is_no_conversation_then_file_and_line_are_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "talks.jsonl"
    file.write_text(f'{{"id": "0", "turns": []}}\n{line}\n', encoding="utf-8")
    with pytest.raises(MarrowError, match=r"talks\.jsonl, line 2"):
        list(read(file))
