"""Figures from predictions, on rows made by hand."""

from __future__ import annotations

import pytest

from evaluation.measures import Row, by_label, confusions, figures, share


def _row(truth: str, label: str, *others: str, outcome: str = "answer") -> Row:
    return Row("words", truth, label, (label, *others)[:3], outcome)


ROWS = [
    # name, rows, and the figures that are not 0: in scope, right, in three, answered, wrong, outside, caught
    ("nothing", [], (0, 0, 0, 0, 0, 0, 0)),
    ("all right", [_row("a", "a"), _row("b", "b")], (2, 1, 1, 1, 0, 0, 0)),
    ("half wrong", [_row("a", "a"), _row("b", "a")], (2, 0.5, 0.5, 1, 0.5, 0, 0)),
    ("right in three", [_row("b", "a", "c", "b")], (1, 0, 1, 1, 1, 0, 0)),
    ("right in four", [_row("b", "a", "c", "d", "b")], (1, 0, 0, 1, 1, 0, 0)),
    ("wrong, but asked back", [_row("b", "a", "b", outcome="clarify")], (1, 0, 1, 0, 0, 0, 0)),
    ("right, but asked back", [_row("a", "a", outcome="clarify"), _row("a", "a")], (2, 1, 1, 0.5, 0, 0, 0)),
    ("safety counts as answered", [_row("a", "safety/emergency", outcome="safety")], (1, 0, 0, 1, 1, 0, 0)),
    ("hand-off counts as answered", [_row("contact_human", "contact_human", outcome="handoff")], (1, 1, 1, 1, 0, 0, 0)),
    ("outside, named", [_row("out_of_scope/other", "out_of_scope/other", outcome="fallback")], (0, 0, 0, 0, 0, 1, 1)),
    ("outside, not answered", [_row("out_of_scope/medical", "a", outcome="clarify")], (0, 0, 0, 0, 0, 1, 1)),
    (
        "outside, as the other kind",
        [_row("out_of_scope/medical", "out_of_scope/other", outcome="fallback")],
        (0, 0, 0, 0, 0, 1, 1),
    ),
    ("outside, answered", [_row("out_of_scope/other", "a")], (0, 0, 0, 0, 1, 1, 0)),
    (
        "outside does not count as in scope",
        [_row("a", "a"), _row("out_of_scope/other", "a"), _row("out_of_scope/other", "b", outcome="fallback")],
        (1, 1, 1, 1, 0.5, 2, 0.5),
    ),
]


@pytest.mark.parametrize(("rows", "wanted"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_when_rows_are_measured_then_each_figure_is_over_its_own_messages(rows: list[Row], wanted: tuple) -> None:
    got = figures(rows)
    assert (
        got.count,
        got.right,
        got.right_in_three,
        got.answered,
        got.wrong_among_answered,
        got.out_of_scope_count,
        got.out_of_scope_caught,
    ) == pytest.approx(wanted)


def test_when_there_is_nothing_then_its_share_is_zero() -> None:
    assert share([]) == 0
    assert share([True, False, False, True]) == 0.5


def test_when_labels_are_listed_then_the_weakest_comes_first() -> None:
    rows = [_row("a", "a"), _row("b", "a"), _row("b", "b"), _row("c", "a")]
    assert list(by_label(rows).items()) == [("c", (1, 0.0)), ("b", (2, 0.5)), ("a", (1, 1.0))]


def test_when_mistakes_are_listed_then_the_commonest_comes_first_and_no_hit_is_there() -> None:
    rows = [_row("a", "a"), _row("b", "a"), _row("c", "a"), _row("c", "a"), _row("c", "b")]
    assert confusions(rows) == [("c", "a", 2), ("b", "a", 1), ("c", "b", 1)]
    assert confusions(rows, most=1) == [("c", "a", 2)]
