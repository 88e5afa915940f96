"""Messages fall into sentences and clauses, also without any stops."""

from __future__ import annotations

import pytest

from bot.screen.clauses import sentences
from bot.screen.lexicon import LEXICON
from bot.screen.text import tokens


def pieces(text: str) -> list[list[str]]:
    """The clauses as the words that begin them."""
    return [
        [" ".join(word.raw for word in sentence.words[clause.start : clause.stop][:2]) for clause in sentence.clauses]
        for sentence in sentences(LEXICON.words(tokens(text)))
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("I have fever. What now?", 2, id="stop"),
        pytest.param("fever... since morning", 1, id="dots do not end a thought"),
        pytest.param("temp 38.5 now", 1, id="a decimal is no stop"),
        pytest.param("hello dear doctor team\nI have fever today", 1, id="line"),
        pytest.param("I\nhave\nfever", 1, id="a word a line"),
        pytest.param("Dr. Lu says fever", 1, id="abbreviation"),
    ],
)
def test_when_a_message_is_cut_then_sentences_end_where_thoughts_end(text: str, count: int) -> None:
    assert len(sentences(LEXICON.words(tokens(text)))) == count


def test_when_there_are_no_stops_then_a_new_subject_begins_a_clause() -> None:
    assert pieces("can you tell me the hours my husband has a fever") == [["can you", "my husband"]]


def test_when_a_condition_holds_the_subject_then_no_clause_begins_there() -> None:
    assert pieces("if he gets a fever") == [["if he"]]


def test_when_a_question_follows_without_a_comma_then_it_is_a_clause_of_its_own() -> None:
    assert pieces("if it gets worse whom do I call he has 39.5") == [["if it", "whom do", "he has"]]


def test_when_a_text_has_no_stops_at_all_then_clauses_and_sentences_stay_short() -> None:
    found = sentences(LEXICON.words(tokens("qwert " * 500)))
    assert max(len(sentence.words) for sentence in found) <= 80
    assert max(clause.stop - clause.start for sentence in found for clause in sentence.clauses) <= 30


def test_when_a_sentence_ends_with_a_question_mark_then_it_is_a_question() -> None:
    assert [sentence.question for sentence in sentences(LEXICON.words(tokens("fever? fever.")))] == [True, False]
