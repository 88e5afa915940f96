from __future__ import annotations

import pytest

from bot.answer import figures


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("about 6-8 weeks", ("6-8",)),
        ("CR1 is 80%", ("80%", "%")),
        ("two or three months", ("two or three months",)),
        ("seven CAR-T centres", ("seven CAR-T centres",)),
        ("more than a hundred transplants", ("hundred transplants",)),
        ("a third of them, two thirds", ("a third", "two thirds")),
    ],
)
def test_when_a_figure_is_typed_then_it_is_found(text: str, found: tuple[str, ...]) -> None:
    assert figures.typed_by_hand(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "{facts.cart_duration} and {facts.bmt_dfs_cr1} at CR1, CR2, CR3/NR",
        "T-cell, CD19, HLA, B-ALL, the 24-hour number",
        "Half-matched donors and one person",
        "the first, the second, the third",
        "Did you mean one of these?",
    ],
)
def test_when_names_and_placeholders_stand_alone_then_none_is_found(text: str) -> None:
    assert figures.typed_by_hand(text) == ()


def test_when_a_name_is_exempt_then_its_reason_is_given() -> None:
    assert all(reason.strip() for reason in figures.EXEMPT.values())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("60%-70%", ("60", "70")),
        ("60-70%", ("60", "70")),
        ("seven", ("7",)),
        ("the 11th day", ("11",)),
        ("over 100", ("100",)),
    ],
)
def test_when_numbers_are_read_then_writing_does_not_matter(text: str, numbers: tuple[str, ...]) -> None:
    assert figures.numbers(text) == numbers
