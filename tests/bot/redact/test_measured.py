"""What was measured, counted or done stays, whatever the language."""

from __future__ import annotations

import pytest

from bot.redact.folded import fold
from bot.redact.measured import measured

STAYS = [
    ("a value behind its name", "plaquettes à 14 000 ce matin", "plaquettes à 14 000"),
    ("several", "Hb 93 / 88 / 79 this week", "Hb 93 / 88 / 79"),
    ("a small word between them", "platelets now 8", "platelets now 8"),
    ("in Georgian", "თრომბოციტები 14000", "თრომბოციტები 14000"),
    ("in Arabic digits", "درجة الحرارة ٣٩", "درجة الحرارة 39"),
    ("an age", "ima 63 godine", "63 godine"),
    ("an age in Bengali", "বয়স ৯ বছর", "9 বছর"),
    ("a script without spaces", "67歳、男", "67歳"),
    ("a weight", "she has 23 kg", "23 kg"),
    ("a day of the treatment", "siku ya +6", "siku ya +6"),
    ("a course", "cycle 4 of six", "cycle 4"),
    ("a date of a diagnosis", "diagnosed on 27 March 2024", "27 March 2024"),
    ("a year of a relapse", "rechute en 2022 hélas", "2022"),
    ("a scale with a Roman number", "both hips, Ficat II, in pain", "Ficat II"),
    ("a scale with a word between", "Lucarelli class III", "Lucarelli class III"),
    ("a scale with a fraction", "liver Ishak 4/6", "Ishak 4/6"),
    ("from one month to another", "last chemo 02/2023-07/2023", "02/2023-07/2023"),
]

SAYS_NOTHING = [
    ("a house", "12 Hill Road"),
    ("a birth date", "born 27 March 1963"),
    ("a birth date after a diagnosis", "diagnosed, born 27.3.1963"),
    ("a year that somebody is of", "she is of 1958 года"),
    ("a code", "day 0042"),
    ("a phone", "weeks 020 7946 0000"),
    ("a day of a month", "nascido dia 7 de setembro"),
    ("an age behind a name that is a scale's too", "patient Murphy 54"),
    ("a pronoun behind a scale", "the clock, I said"),
    ("letters alone", "platelets and haemoglobin"),
    ("nothing", ""),
]


def _of(text: str) -> list[str]:
    folded = fold(text).text
    return [folded[start:end] for start, end in measured(folded)]


@pytest.mark.parametrize(("text", "piece"), [row[1:] for row in STAYS], ids=[row[0] for row in STAYS])
def test_when_something_is_measured_counted_or_done_then_it_stays(text, piece):
    assert piece in _of(text)


@pytest.mark.parametrize("text", [row[1] for row in SAYS_NOTHING], ids=[row[0] for row in SAYS_NOTHING])
def test_when_a_number_is_of_somebody_then_it_is_not_taken_for_a_measure(text):
    assert _of(text) == []


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        pytest.param("R-CHOP 4.10.2024", ["4.10.2024"], id="a recent date behind a treatment"),
        pytest.param("R-CHOP x6 (02/2023-07/2023)", ["02/2023-07/2023"], id="how often between them"),
        pytest.param("R-CHOP 4.10.1962", [], id="one of long ago may be a birth"),
        pytest.param("R-CHOP, Olga, 4.10.2024", [], id="somebody stands between"),
    ],
)
def test_when_a_date_stands_behind_a_treatment_then_it_is_one_of_it(text, stays):
    assert [text[start:end] for start, end in measured(text, [(0, 6)])] == stays
