"""Days of birth in words, in many languages and calendars, and what only looks like one."""

from __future__ import annotations

import pytest

from bot.redact.born import born

BORN = [
    ("a season with its day", "I came to the world in the spring of 1958, on 4 May, far away", "in the spring of 1958, on 4 May"),
    ("a season and two digits", "he is from the winter of 52, 9 february, lives there", "winter of 52, 9 february"),
    ("a year in words", "i was born in fifty-three so am i eligible", "in fifty-three"),
    ("a feast", "she was born on christmas eve of 1946 and still gardening", "on christmas eve of 1946"),
    ("something that happened", "born day of big flood, 23 Oct 2011, a lump", "of big flood, 23 Oct 2011"),
    ("a word for a year group", "ich bin jahrgang 61 und hab myelom", "61"),
    ("another", "vintage 1959, still running", "1959"),
    ("one in Polish", "ojciec, rocznik 1952, szpiczak", "1952"),
    ("one in Italian", "mio zio è della classe 48, mieloma", "48"),
    ("behind the year, in Russian", "мне 58, я 67 года рождения, номер", "67 года рождения"),
    ("behind the year, in Turkish", "babam 1954 doğumlu", "1954 doğumlu"),
    ("behind the year, in Korean", "저는 58년생 환자입니다", "58년생"),
    ("Nepal's calendar", "birth 2nd Bhadra 2046 B.S. and", "2nd Bhadra 2046 B.S."),
    ("Thailand's", "เกิด 14 ก.พ. 2530 เป็น", "14 ก.พ. 2530"),
    ("the Persian one", "متولد 17 دی 1348، پیوند", "17 دی 1348"),
    ("the Hebrew one", "נולדתי י\"ז בתמוז תשכ\"ב, לימפומה", "י\"ז בתמוז תשכ\"ב"),
    ("Lithuanian", "tėtis, gimęs 1971 m. birželio 8, limfoma", "1971 m. birželio 8"),
    ("an ordinal that no list has", "născut pe întâi iunie 2018, apoi", "pe întâi iunie 2018"),
    ("a feast in Chinese", "孩子2019年端午节那天出生，后来", "2019年端午节那天"),
    ("Japanese, by era", "父は昭和5年の元日の生まれで", "昭和5年の元日"),
    ("without signs", "dob 030471 chart 88120", "030471"),
    ("an age that is reached", "its my 40th today (1985) and", "1985"),
    ("what papers show", "my id shows only 1947, no day", "1947"),
    ("in Russian", "в паспорте написано 1950, а точно не знаю", "1950"),
    ("a day on papers", "15 Shaban 1402 is on my Somali papers", "15 Shaban 1402"),
    ("the right one behind a wrong one", "born 2017/02/30 they wrote but its march 2, hb 5.9", "march 2"),
    ("the same for papers", "passport says 01/01/1960 but real is autumn 1950, 20 October.", "autumn 1950, 20 October"),
    ("a list", "birthdays for the party: me 20/1/83, the little one 14.10.21. visitors", "14.10.21"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "day"), [row[1:] for row in BORN], ids=[row[0] for row in BORN])
def test_when_a_birth_is_told_in_words_then_it_is_found(text, day):
    assert any(day in text[span.start : span.end] for span in born(text))


@pytest.mark.parametrize(
    "text",
    [
        "born at 38 weeks 3 days, 3 kg",
        "born 3 weeks early",
        "transplant in the spring of 2024, home by summer",
        "he was born healthy, diagnosed 2019",
        "passport says valid until 3 May 2031",
        "my card says 12 May 2025 at ten",
        "one of 61 patients, group 58",
        "her 40th day (2025 protocol)",
        "relapse is march 2, but it is march 3",
        "再生障碍性贫血，2012年发病",
        "他2019年移植后生活很好",
    ],
)
def test_when_nothing_says_that_somebody_was_born_then_it_stays(text):
    assert list(born(text)) == []


def test_when_a_date_is_whole_then_what_follows_is_none_of_it():
    text = "I am born on 30 August 1949, so I am 76 now"

    assert [text[span.start : span.end] for span in born(text)] == ["on 30 August 1949"]
