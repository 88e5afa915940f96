"""A text is taken apart the same way in training and in use."""

from __future__ import annotations

import pytest

from bot.redact.tokens import tokens

ROWS = [
    ("letters and digits of a code are apart", "A08231774", ["A", "08231774"]),
    ("signs stand alone", "12.03.85, ok", ["12", ".", "03", ".", "85", ",", "ok"]),
    ("an apostrophe parts a name from its s", "Olga's", ["Olga", "'", "s"]),
    ("Han has no spaces", "我叫王明", ["我", "叫", "王", "明"]),
    ("nor has Thai", "นัด", ["น", "ั", "ด"]),
    ("Hangul may end a name within a word", "민수가", ["민", "수", "가"]),
    ("signs over Hindi letters stay with them", "मेरा नाम", ["मेरा", "नाम"]),
    ("Arabic words are whole", "اسمي خالد", ["اسمي", "خالد"]),
    ("nothing in, nothing out", " \n ", []),
]


@pytest.mark.parametrize(("text", "pieces"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_when_a_text_is_taken_apart_then_each_piece_can_be_hidden_alone(text, pieces):
    found = tokens(text)

    assert [token.text for token in found] == pieces
    assert all(text[token.start : token.end] == token.text for token in found)
