"""Leaks are counted strictly: a secret is hidden when nothing of it can be read."""

from __future__ import annotations

import pytest

from bot.redact.kinds import Span
from bot.redact.train import read
from evaluation.leaks import SETS, VALUE_KINDS, add, table, tally


class Fixed:
    """A redactor that hides what it is told to."""

    def __init__(self, *pieces: tuple[int, int, str]) -> None:
        self._spans = [Span(*piece) for piece in pieces]

    def places(self, text: str) -> list[Span]:
        return self._spans


LINE = {"text": "I am Olga Petrova, CR1", "secrets": [{"kind": "name", "value": "Olga Petrova"}], "keep": ["CR1"]}


@pytest.mark.parametrize(
    ("pieces", "leaked", "lost", "spurious"),
    [
        pytest.param([(5, 17, "name")], 0, 0, 0, id="whole"),
        pytest.param([(5, 9, "name")], 1, 0, 0, id="half of it"),
        pytest.param([], 1, 0, 0, id="nothing"),
        pytest.param([(5, 17, "name"), (19, 22, "record_number")], 0, 1, 1, id="a value too"),
    ],
)
def test_when_a_line_is_measured_then_leaks_lost_values_and_spurious_ones_are_counted(pieces, leaked, lost, spurious):
    result = tally(Fixed(*pieces), [LINE, LINE])  # type: ignore[arg-type]

    assert (len(result.leaked), len(result.lost), len(result.spurious)) == (2 * leaked, 2 * lost, 2 * spurious)
    assert result.planted == {"name": 2}
    assert "| name | 2 |" in table(result)


def test_when_two_sets_are_added_then_everything_of_both_counts():
    whole = add([tally(Fixed((5, 17, "name")), [LINE]), tally(Fixed(), [LINE, LINE])])  # type: ignore[arg-type]

    assert (whole.planted["name"], len(whole.leaked), whole.values.total(), len(whole.milliseconds)) == (3, 2, 3, 3)
    assert "| name | 3 | 33.3% | 2 |" in table(whole)


def test_when_a_line_says_what_its_values_are_then_each_kind_is_counted_apart():
    sorted_line = {**LINE, "keep": ["CR1", "I am"], "keep_kinds": ["clinical", "word"]}

    whole = tally(Fixed((0, 17, "name")), [sorted_line, LINE])  # type: ignore[arg-type]

    assert whole.values == {"clinical": 1, "word": 1, "value": 1}
    assert whole.lost == [("word", "I am", LINE["text"])]
    rows = ["| clinical | 1 | 100.0% | 0 |", "| word | 1 | 0.0% | 1 |", "| value | 1 | 100.0% | 0 |"]
    assert "\n".join([*rows, "| all values | 3 | 66.7% | 1 |"]) in table(whole)


def test_when_sets_say_what_their_values_are_then_each_value_has_a_kind_that_is_known():
    lines = [line for path in SETS.glob("*.jsonl") for line in read(path) if "keep_kinds" in line]

    assert lines
    assert all(len(line["keep"]) == len(line["keep_kinds"]) for line in lines)
    assert {kind for line in lines for kind in line["keep_kinds"]} < set(VALUE_KINDS)
