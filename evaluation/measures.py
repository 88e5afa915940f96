"""Figures from predictions: pure functions, each with its definition."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

OUT_OF_SCOPE = ("out_of_scope/medical", "out_of_scope/other")
DANGER = ("safety/emergency", "safety/self_harm")


@dataclass(frozen=True)
class Row:
    """One message of a set and what was made of it.

    Attributes:
        text: The message.
        truth: Its label.
        label: The label understood.
        first_three: The first three labels of the ranking, the label first.
        outcome: `answer`, `clarify`, `fallback`, `safety` or `handoff`.
    """

    text: str
    truth: str
    label: str
    first_three: tuple[str, ...]
    outcome: str


@dataclass(frozen=True)
class Figures:
    """Shares from 0 to 1, with the number of messages each is over.

    Attributes:
        count: Messages that are in scope.
        right: In scope: the label is right.
        right_in_three: In scope: the right label is among the first three.
        answered: In scope: answered (outcome answer, safety or handoff).
        wrong_among_answered: Of all messages that were answered, in scope or not: the label is wrong.
        out_of_scope_count: Messages out of scope.
        out_of_scope_caught: Out of scope: not answered with something in scope.
    """

    count: int
    right: float
    right_in_three: float
    answered: float
    wrong_among_answered: float
    out_of_scope_count: int
    out_of_scope_caught: float


ANSWERED = ("answer", "safety", "handoff")


def share(values: Sequence[bool]) -> float:
    """Share of true values; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], part: float) -> float:
    """The value that this part of all (0 to 1) does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def figures(rows: Sequence[Row]) -> Figures:
    """Measures a set."""
    inside = [row for row in rows if row.truth not in OUT_OF_SCOPE]
    outside = [row for row in rows if row.truth in OUT_OF_SCOPE]
    answered = [row for row in rows if row.outcome in ANSWERED]
    return Figures(
        count=len(inside),
        right=share([row.label == row.truth for row in inside]),
        right_in_three=share([row.truth in row.first_three for row in inside]),
        answered=share([row.outcome in ANSWERED for row in inside]),
        wrong_among_answered=share([row.label != row.truth for row in answered]),
        out_of_scope_count=len(outside),
        out_of_scope_caught=share([row.label in OUT_OF_SCOPE or row.outcome not in ANSWERED for row in outside]),
    )


def by_label(rows: Sequence[Row]) -> dict[str, tuple[int, float]]:
    """Messages and share right for each label, the weakest first."""
    grouped: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        grouped[row.truth].append(row.label == row.truth)
    return dict(sorted(((name, (len(hits), share(hits))) for name, hits in grouped.items()), key=lambda one: one[1][1]))


def confusions(rows: Sequence[Row], most: int = 10) -> list[tuple[str, str, int]]:
    """The commonest mistakes: truth, label understood, how often."""
    counted = Counter((row.truth, row.label) for row in rows if row.truth != row.label)
    return [(truth, label, count) for (truth, label), count in counted.most_common(most)]
