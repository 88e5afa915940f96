"""Typed words are never a command, however the slash is hidden."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from bot.typed import SLASHES, for_brain


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("how long?", "how long?"),
        ("  how long?\n", "how long?"),
        ("/restart", "restart"),
        ("///restart", "restart"),
        (" / / restart", "restart"),
        ("\uff0frestart", "restart"),
        ("\u2044restart", "restart"),
        ("\u2215\u29f8restart", "restart"),
        ("\u200b/restart", "restart"),
        ("/\u200b/restart", "restart"),
        ("\u202e/restart", "restart"),
        ("\ufeff\u2060\u00ad/restart", "restart"),
        ("\x00/restart", "restart"),
        ("\x1b[31m/x", "[31m/x"),
        ("\u3164/restart", "restart"),
        ("\u2800\ufe0f/restart", "restart"),
        ("/\u0338restart", "restart"),
        ("\U000e002f/restart", "restart"),
        ('/faq_cart_duration{"centre": "x"}', 'faq_cart_duration{"centre": "x"}'),
        ("and/or", "and/or"),
        ("1/2 dose", "1/2 dose"),
        ("first line\nsecond line", "first line\nsecond line"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("a\x07b", "a b"),
        ("zero\u200bwidth", "zerowidth"),
        ("\ud800lone", "lone"),
        ("ال\u200fعلاج", "العلاج"),
        ("/", ""),
        ("\u200b", ""),
    ],
)
def test_when_text_is_typed_then_the_brain_gets_words_only(typed, words):
    assert for_brain(typed) == words


def test_when_any_one_character_stands_before_a_slash_then_no_command_comes_out():
    # All but the great blocks of ideographs and syllables, which hold letters only.
    for code in (*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7A4, 0x20000), *range(0xE0000, 0xE0200)):
        words = for_brain(chr(code) + "/restart")
        assert not words.startswith("/"), hex(code)
        assert not words.strip().startswith(tuple(SLASHES)), hex(code)


def test_when_words_are_made_fit_twice_then_nothing_changes_any_more():
    for code in range(0, sys.maxunicode + 1, 97):
        if unicodedata.category(chr(code)) == "Cs":
            continue
        words = for_brain(f"{chr(code)}/a{chr(code)}b")
        assert for_brain(words) == words, hex(code)
