"""Words become canonical words; ordinary words stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.screen.lexicon import LEXICON, Lexicon, VocabularyError
from bot.screen.text import tokens


def canons(text: str) -> list[str]:
    return [word.canon for word in LEXICON.words(tokens(text))]


@pytest.mark.parametrize(
    ("form", "canon"),
    [
        ("feber", "fever"),
        ("fevre", "fever"),
        ("feveeeer", "fever"),
        ("temprature", "temperature"),
        ("temperatrue", "temperature"),
        ("bleding", "bleed"),
        ("brething", "breathe"),
        ("unconcious", "unconscious"),
        ("siezure", "seizure"),
        ("catheder", "catheter"),
        ("diarreah", "diarrhoea"),
    ],
)
def test_when_a_danger_word_is_misspelt_then_it_is_found(form: str, canon: str) -> None:
    assert LEXICON.lookup(form) == canon


@pytest.mark.parametrize(
    "form", ["never", "ever", "five", "lever", "chess", "bloom", "sweet", "pulls", "women", "breed", "coach", "tells"]
)
def test_when_an_ordinary_word_stands_one_slip_from_danger_then_it_stays_itself(form: str) -> None:
    assert LEXICON.lookup(form) == form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("he's", ["he", "be"], id="he is"),
        pytest.param("my son's nose", ["my", "person", "nose"], id="owner"),
        pytest.param("cant walk", ["cannot", "walk"], id="no apostrophe"),
        pytest.param("can not walk", ["cannot", "walk"], id="two words"),
        pytest.param("blood pressure", ["bloodpressure"], id="phrase"),
        pytest.param("hay fever", ["other_fever"], id="other illness"),
        pytest.param("hay feber", ["other_fever"], id="other illness misspelt"),
        pytest.param("my mother fever", ["my", "person", "fever"], id="no idiom"),
        pytest.param("blood, pressure", ["blood", ",", "pressure"], id="sign between"),
    ],
)
def test_when_words_are_joined_or_short_then_they_become_what_they_mean(text: str, expected: list[str]) -> None:
    assert canons(text) == expected


def test_when_one_form_is_claimed_twice_then_the_error_names_both(tmp_path: Path) -> None:
    path = tmp_path / "body.yml"
    path.write_text("forms:\n  fever: fever feber\n  rash: rash feber\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"body\.yml.*'feber'.*'rash'.*'fever'"):
        Lexicon([path])
