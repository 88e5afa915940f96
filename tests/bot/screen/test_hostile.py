"""No text makes the screen slow: twice the text costs at most about twice the work."""

from __future__ import annotations

import random
import sys
import time

import pytest

from bot.screen import screen

UNITS = {
    "danger word": "fever ",
    "danger list": "fever, ",
    "condition": "if ",
    "denial": "no ",
    "denials of danger": "not bleeding no fever ",
    "one long word": "abcdefghij",
    "one long digit run": "1234567890",
    "numbers": "39 ",
    "spelled numbers": "one hundred and ",
    "signs": ".,;!?",
    "quotes": "'",
    "owner": "my ",
    "joiner": "and ",
    "slips": "bleedimg fevre ",
    "idiom begun": "dying to ",
    "phrase begun": "blood pressure ",
    "zero width": "\u200b",
    "emoji": "😀",
    "lines": "\n",
    "questions": "can he ",
    "statements": "i have ",
    "accents": "é",
    "apostrophes in words": "a'",
}


def cost(text: str) -> float:
    """The best of several runs, in seconds of this thread: a busy machine interrupts the longer of two runs more often."""
    best = float("inf")
    for _ in range(4):
        start = time.thread_time()
        screen(text)
        best = min(best, time.thread_time() - start)
    return best


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_when_a_hostile_text_doubles_then_the_work_at_most_triples(name: str) -> None:
    unit = UNITS[name]
    half, full = unit * (5_000 // len(unit)), unit * (10_000 // len(unit))
    ratios = []
    for _ in range(4):
        ratios.append(cost(full) / max(cost(half), 0.000_5))
        if ratios[-1] <= 3:
            break
    assert min(ratios) <= 3, ratios


@pytest.mark.slow
def test_when_a_hostile_text_grows_tenfold_then_calls_grow_no_more_than_that() -> None:
    """Counts function calls, which no busy machine can change."""

    def calls(text: str) -> int:
        count = 0

        def note(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        screen(text)
        sys.setprofile(note)
        try:
            screen(text)
        finally:
            sys.setprofile(None)
        return count

    for unit in UNITS.values():
        small, large = calls(unit * (2_000 // len(unit))), calls(unit * (20_000 // len(unit)))
        assert large <= 12 * small + 1_000, unit


def test_when_texts_are_random_then_the_screen_always_gives_a_verdict_with_a_span_inside() -> None:
    chance = random.Random(7)
    alphabet = "abcdefgh fever bleeding my he no if 39.5 ,.!?'\n\u200bé３🙂%°+-/"
    for _ in range(300):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(200)))
        verdict = screen(text)
        if verdict.span is not None:
            assert 0 <= verdict.span[0] < verdict.span[1] <= len(text)
