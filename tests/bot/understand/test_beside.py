"""Messages with others beside them."""

from __future__ import annotations

import random

import pytest

from bot.understand.beside import FORMS, LONGEST, Beside

HARMLESS = ["Is there a visa for my sister?", "we live far away", "x" * LONGEST, "a" * LONGEST + "?"]


def test_when_a_message_is_put_beside_others_then_each_form_holds_it_whole_and_something_harmless_or_soft() -> None:
    found = Beside(HARMLESS, random.Random(1)).several("he shakes")

    assert len(set(found)) == len(found) == FORMS
    assert len(Beside(HARMLESS, random.Random(1)).several("he shakes", 3)) == 3
    assert all("he shakes" in text and text != "he shakes" for text in found)
    assert any(HARMLESS[0] in text for text in found)
    assert any(HARMLESS[1] in text for text in found)


def test_when_a_harmless_message_is_long_then_it_is_not_used() -> None:
    assert not any("xx" in text or "aa" in text for text in Beside(HARMLESS, random.Random(1)).several("he shakes"))


@pytest.mark.parametrize("harmless", [[], HARMLESS[:1], HARMLESS[1:2]], ids=["none", "no statement", "no question"])
def test_when_there_is_nothing_to_draw_from_then_something_stands_beside_it_all_the_same(harmless: list[str]) -> None:
    assert all("{" not in text for text in Beside(harmless, random.Random(1)).several("he shakes"))


def test_when_drawn_with_the_same_seed_then_it_is_the_same() -> None:
    one, other = (Beside(HARMLESS, random.Random(3)) for _ in range(2))
    assert [one.one("he shakes") for _ in range(9)] == [other.one("he shakes") for _ in range(9)]
