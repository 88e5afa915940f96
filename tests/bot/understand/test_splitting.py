"""Which messages hold several questions, and which are one story."""

from __future__ import annotations

import time

import pytest

from bot.understand.splitting import MAX_PARTS, asks, parts_of, sentences_of, told_in

SEVERAL = {
    "two, with marks": (
        "How long does it take? How much does it cost?",
        ["How long does it take?", "How much does it cost?"],
    ),
    "two, without marks": (
        "how long does it take and how much does it cost",
        ["how long does it take", "how much does it cost"],
    ),
    "two, no blank between": ("What is CAR-T?How long is it?", ["What is CAR-T?", "How long is it?"]),
    "two, on two lines": ("what is car-t\nhow long does it take", ["what is car-t", "how long does it take"]),
    "two, by a comma": ("what is car-t, how long does it take", ["what is car-t", "how long does it take"]),
    "two, by also": ("who can get it also what does it cost", ["who can get it", "what does it cost"]),
    "two, by plus": ("what is cord blood plus how many did you do", ["what is cord blood", "how many did you do"]),
    "two, by &": ("do you speak arabic & can i bring my wife", ["do you speak arabic", "can i bring my wife"]),
    "two, second with and": (
        "how long does car-t take? and how much does it cost?",
        ["how long does car-t take?", "and how much does it cost?"],
    ),
    "two, misspelt": ("wat is car-t and wich diseases", ["wat is car-t", "wich diseases"]),
    "two, in capitals": ("WHAT IS IT AND HOW LONG IS IT", ["WHAT IS IT", "HOW LONG IS IT"]),
    "three": (
        "What is CAR-T, how long does it take and who can get it?",
        ["What is CAR-T", "how long does it take", "who can get it?"],
    ),
    "three, three marks": (
        "What is it? How long? And is it safe for children?",
        ["What is it?", "How long?", "And is it safe for children?"],
    ),
    "a greeting before two": (
        "Hi! What is CAR-T? How long does it take?",
        ["What is CAR-T?", "How long does it take?"],
    ),
    "a story before two": (
        "My son is six. He had chemo twice. Can he get CAR-T? How long is the stay?",
        ["Can he get CAR-T?", "How long is the stay?"],
    ),
    "a mark without a question word": (
        "any cost? is there a hotel near?",
        ["any cost?", "is there a hotel near?"],
    ),
}
ONE = {
    "empty": "",
    "blanks": "  \n ",
    "one question": "How long does CAR-T take?",
    "one, no mark": "how long does car-t take",
    "greeting, then one": "hi, what is car-t?",
    "greeting sentence, then one": "Hello. What is CAR-T?",
    "thanks, then one": "thanks a lot, how long does it take?",
    "a story": "My mother was diagnosed in May. She had chemo and is at home now. The doctor said CAR-T.",
    "a story that ends in a question": "My son had CAR-T in 2020. He relapsed. Is a transplant possible?",
    "and between nouns": "can my brother and sister both be tested?",
    "and between adjectives": "is it safe and effective?",
    "before and after": "What happens before and after?",
    "how and when": "how and when do we pay?",
    "a comparison": "what is the difference between car-t and bone marrow transplant",
    "a word that begins like one": "we arrived and candles were lit",
    "a list": "leukemia, lymphoma and myeloma",
    "an echo of one word": "what is it? how? when?",
    "a mark repeated": "how long does it take????",
    "another language": "移植需要多长时间？",
}


@pytest.mark.parametrize(("text", "parts"), SEVERAL.values(), ids=SEVERAL)
def test_when_a_message_holds_several_questions_then_each_is_a_part(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize("text", ONE.values(), ids=ONE)
def test_when_a_message_holds_one_matter_then_it_is_not_cut(text: str) -> None:
    assert parts_of(text) == []


def test_when_there_are_many_questions_then_no_more_than_the_first_are_kept() -> None:
    parts = parts_of(" ".join(f"What is number {number}?" for number in range(9)))
    assert parts == [f"What is number {number}?" for number in range(MAX_PARTS)]


@pytest.mark.parametrize("text", [entry[0] for entry in SEVERAL.values()], ids=SEVERAL)
def test_when_a_message_is_cut_then_every_part_stands_in_it(text: str) -> None:
    assert all(part in text for part in parts_of(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how long", True),
        ("and is it safe", True),
        ("pls can i call", True),
        ("cost?", True),
        ("tell me how much it is", True),
        ("I want to know where you are", True),
        ("I had chemo", False),
        ("tell me about car-t", False),
    ],
)
def test_when_a_piece_is_read_then_it_asks_or_tells(text: str, expected: bool) -> None:
    assert asks(text) is expected


@pytest.mark.parametrize(
    "filler", [" ", "\t", "\n", "\u00a0", ",", ", ", "and ", "? ", ".", "what ", "and how "], ids=repr
)
def test_when_a_message_is_long_then_cutting_costs_no_square_of_it(filler: str) -> None:
    """A square would make eight times the length cost sixty-four times; a line, eight."""

    def cost_s(length: int) -> float:
        text = "what is it" + (filler * length)[:length] + "who"
        times = []
        for _ in range(15):
            began = time.perf_counter()
            parts_of(text)
            times.append(time.perf_counter() - began)
        return min(times)

    assert cost_s(16_000) < max(45 * cost_s(2_000), 0.02)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Where is the bank? Where do we park? He is so sleepy today.", "He is so sleepy today"),
        ("He is so sleepy, what do we do? Where do we park?", "He is so sleepy"),
        ("Thank you. He shook all night. Is the desk open?", "Thank you. He shook all night"),
        ("Where is the bank? Where do we park?", ""),
        ("", ""),
    ],
    ids=["last", "joined to a question", "several", "questions alone", "empty"],
)
def test_when_a_message_tells_something_beside_its_questions_then_that_alone_is_given(text: str, told: str) -> None:
    assert told_in(text) == told


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Where do we park? He is so sleepy today.", ["Where do we park?", "He is so sleepy today."]),
        ("Thanks! He is so sleepy.", ["He is so sleepy."]),
        ("", []),
    ],
    ids=["question and told", "a word tells nothing", "empty"],
)
def test_when_a_message_is_read_sentence_by_sentence_then_questions_are_among_them(
    text: str, pieces: list[str]
) -> None:
    assert sentences_of(text) == pieces


def test_when_a_message_has_very_many_sentences_then_they_are_bounded() -> None:
    assert len(sentences_of("this is one more. " * 500)) == 24
