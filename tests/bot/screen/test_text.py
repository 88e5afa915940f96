"""Characters are levelled, and every token still knows its place."""

from __future__ import annotations

import pytest

from bot.screen.text import level, tokens


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("FEVER", "fever", id="capitals"),
        pytest.param("ｆｅｖｅｒ ３８．５", "fever 38.5", id="full width"),
        pytest.param("fe\u200bver", "fever", id="zero width"),
        pytest.param("\ufefffever", "fever", id="byte order mark"),
        pytest.param("can’t", "can't", id="curly apostrophe"),
        pytest.param("38·6", "38.6", id="raised point"),
        pytest.param("fiévre", "fievre", id="accent"),
        pytest.param("٣٩", "39", id="arabic digits"),
        pytest.param("a\r\nb", "a\n\nb", id="carriage return"),
    ],
)
def test_when_characters_are_unusual_then_they_are_levelled(text: str, plain: str) -> None:
    assert level(text)[0] == plain


@pytest.mark.parametrize(
    "text",
    ["I have fever", "Ｆｅｖｅｒ ３９", "fe\u200bver 39", "🤒 fever, 39°C", "don’t wait"],
    ids=["plain", "full width", "zero width", "emoji", "apostrophe"],
)
def test_when_a_text_is_split_then_each_token_points_at_its_own_characters(text: str) -> None:
    for token in tokens(text):
        assert level(text[token.start : token.end])[0] == token.text


def test_when_signs_stand_between_words_then_kinds_are_told_apart() -> None:
    assert [token.kind for token in tokens("temp 38,5!\nok")] == ["word", "number", "sign", "word"]
