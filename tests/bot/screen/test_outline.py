"""A message in outline."""

from __future__ import annotations

import pytest

from bot.screen import COUNTS, outline


def _counted(text: str) -> dict[str, int]:
    return dict(zip(COUNTS, outline(text).counts))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("he has fever now", ":fever"),
        ("he has no fever", "N:fever"),
        ("no cough, rash or fever", "N:fever"),
        ("he not have fever", "N:fever"),
        ("if he gets fever", "I:fever"),
        ("in 2019 he had fever", "P:fever"),
        ("is fever common?", "Q:fever"),
        ("what if no fever comes?", "NIQ:fever"),
    ],
    ids=["told", "denied", "denied in a list", "denied badly", "imagined", "past", "asked", "several frames"],
)
def test_when_a_word_of_danger_stands_in_a_frame_then_it_carries_its_marks(text: str, word: str) -> None:
    words = outline(text).words
    assert word in words
    assert word.partition(":")[0] + ":danger" in words


def test_when_a_denial_ends_with_its_clause_then_the_next_thought_is_not_denied() -> None:
    words = outline("no fever but he is bleeding").words
    assert "N:fever" in words
    assert ":bleed" in words


def test_when_words_are_misspelt_then_the_outline_is_the_same() -> None:
    assert outline("he has feverr and chils").words == outline("he has fever and chills").words


def test_when_frames_are_counted_then_each_word_of_danger_counts_where_it_stands() -> None:
    counts = _counted("No fever, no rash. In 2019 she had seizures. Now my nose is bleeding.")
    assert counts["denied"] == 2
    assert counts["past"] >= 1
    assert counts["present"] >= 1
    assert counts["danger"] >= counts["denied"] + counts["past"] + counts["present"]
    assert counts["year"] == 1


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "....", "?"], ids=["empty", "blank", "emoji", "dots", "question"])
def test_when_there_are_no_words_then_the_outline_is_empty(text: str) -> None:
    assert outline(text).words == ()
    assert outline(text).counts[COUNTS.index("danger")] == 0


def test_when_the_case_differs_then_the_outline_does_not() -> None:
    assert outline("NO FEVER, What Now?") == outline("no fever, what now?")
