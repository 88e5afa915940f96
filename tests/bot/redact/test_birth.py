"""Days of birth, spelt out and told by the age that somebody reaches."""

from __future__ import annotations

import pytest

from bot.redact.birth import birth_date

BORN = [
    ("an age and a day", "i turn 64 on the second of march, is it too late", "the second of march"),
    ("an age in words", "she turned fifty on the last day of june", "the last day of june"),
    ("Russian", "мне исполнилось 58 пятого мая", "пятого мая"),
    ("Arabic", "ابي تم 66 سنة يوم 7 نيسان", "7 نيسان"),
    ("Italian", "il nonno compie 70 anni il due luglio", "il due luglio"),
    ("Turkish tells the day first", "babam 4 Mayıs'ta 59 yaşını doldurdu", "4 Mayıs"),
    ("German", "bin am dritten April 2001 auf die Welt gekommen", "dritten April 2001"),
    ("French", "ma fille est née le trois mai", "trois mai"),
    ("Vietnamese", "mẹ em sinh ngày mùng 8 tháng 3 năm 1961", "ngày mùng 8 tháng 3 năm 1961"),
    ("the Chinese calendar", "我属马的,一九七八年农历五月初三生", "属马的,一九七八年农历五月初三"),
    ("a wrong one beside the right one", "my birthday is 7/11/1956 not the 11th of july", "the 11th of july"),
    ("a year alone", "i'm from 93, is that young for it", "93"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "day"), [row[1:] for row in BORN], ids=[row[0] for row in BORN])
def test_when_a_day_of_birth_is_told_in_words_then_it_is_found(text, day):
    assert day in {text[span.start : span.end] for span in birth_date(text)}


@pytest.mark.parametrize(
    "text",
    [
        "transplant on the third of june, scan on the first of august",
        "i turned worse on the 3rd of may",
        "она поступила третьего июня на химию",
        "am dritten März war die Transplantation",
        "prednisone 75-0-75, then 0-0-100",
        "we are from 12 countries",
    ],
)
def test_when_a_day_is_of_a_treatment_then_it_is_not_found(text):
    assert list(birth_date(text)) == []


def test_when_a_treatment_is_dated_before_the_birth_then_only_the_birth_is_found():
    text = "diagnosed 3/3/23, relapsed 4/4/25, born 5/5/65"

    assert {text[span.start : span.end] for span in birth_date(text)} == {"5/5/65"}
