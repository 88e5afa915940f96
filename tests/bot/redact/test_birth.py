"""Days of birth, spelt out and told by the age that somebody reaches."""

from __future__ import annotations

import pytest

from bot.redact.birth import beside_names, birth_date, led, of_kin, year_of

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
    ("an emperor's era", "昭和39年7月12日 is on my card", "昭和39年7月12日"),
    ("Roman months", "5 VI 1964, so we write it", "5 VI 1964"),
    ("two digits of old behind a month", "june 24 70\nday +24", "june 24 70"),
    ("the same with the day first", "use 11 Sept 72 as the password", "11 Sept 72"),
    ("the year in words", "12th may forty nine. it takes 2 ferries", "12th may forty nine"),
    ("a solar year", "متولد 1348/10/17", "1348/10/17"),
    ("a list of several people", "born 20/1/83, hubby feb 11, '80, son 14.10.21", "14.10.21"),
    ("of a year", "my papa is of year 1951, diabetic", "year 1951"),
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
        "plt june 24 70, june 25 82",
        "on june 24 70 kg",
        "then 13 June 80 platelets",
        "令和6年3月1日に移植",
    ],
)
def test_when_a_day_is_of_a_treatment_then_it_is_not_found(text):
    assert list(birth_date(text)) == []


KIN = [
    ("a sister", "His small sister, 17.9.2019, is a match", "17.9.2019"),
    ("in German", "Vater: 9.3.2011. Mutter: gesund", "9.3.2011"),
]


@pytest.mark.parametrize(("text", "day"), [row[1:] for row in KIN], ids=[row[0] for row in KIN])
def test_when_a_whole_date_stands_behind_a_word_for_kin_then_it_is_a_birth(text, day):
    assert [text[span.start : span.end] for span in of_kin(text)] == [day]


@pytest.mark.parametrize("text", ["my sister, 17.9.2019 transplant", "chemo of me: 6/1/20, 27/1/20", "brother 5/10"])
def test_when_a_treatment_stands_behind_a_word_for_kin_then_it_is_none(text):
    assert list(of_kin(text)) == []


def test_when_a_day_has_an_age_behind_a_name_then_it_is_a_birth():
    text = "Kaya, 28.09., 34, aml"

    assert {text[span.start : span.end] for span in beside_names(text, [4])} == {"28.09."}


def test_when_small_words_lead_to_a_day_then_they_go_with_it():
    text = "she came sunday the 7 march 1948"

    assert [text[span.start : span.end] for span in led(text, birth_date(text))] == ["sunday the 7 march 1948"]


@pytest.mark.parametrize(
    ("date", "year"),
    [("4/7/61", 1961), ("昭和36年4月7日", 1961), ("R3.5.1", 2021), ("2504/7/4", 1961), ("june 24 70", 1970), ("june 24", None), ("3/4/21", None)],
)  # fmt: skip
def test_when_a_date_has_a_year_in_any_calendar_then_it_is_read(date, year):
    assert year_of(date) == year


def test_when_a_treatment_is_dated_before_the_birth_then_only_the_birth_is_found():
    text = "diagnosed 3/3/23, relapsed 4/4/25, born 5/5/65"

    assert {text[span.start : span.end] for span in birth_date(text)} == {"5/5/65"}
