"""Names of hospitals stay; names of people beside the word for one do not."""

from __future__ import annotations

import pytest
import yaml

from bot.redact import hospitals as module
from bot.redact.hospitals import hospitals

NAMED = [
    ("before the word", "from Alder Grove Hospital to you", "Alder Grove Hospital"),
    ("behind it", "szpital Kopernika ma oddział", "szpital Kopernika"),
    ("behind it, of several words", "Hospital Santa Rita de Cássia disse", "Hospital Santa Rita de Cássia"),
    ("behind a short form", "kontrol di RSUP Dr. Sardjito", "RSUP Dr. Sardjito"),
    ("in Thai", "โรงพยาบาลศิริราช", "โรงพยาบาลศิริราช"),
    ("in Korean", "전북대병원 에서", "전북대병원"),
]

OF_SOMEBODY = [
    ("a doctor's clinic", "Dr Chen clinic called"),
    ("somebody's", "Chen's clinic called"),
    ("somebody in it", "in the hospital Maria weeps"),
    ("a name alone", "Olga hospital"),
    ("a number of papers", "Alder Grove hospital number 4471"),
    ("a street", "Hospital Road 12"),
    ("a doctor of one", "la doctora Graciela Urrutibehety del hospital"),
]


@pytest.mark.parametrize(("text", "name"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED])
def test_when_a_name_stands_beside_the_word_for_a_hospital_then_it_is_one(text, name):
    assert name in [text[start:end] for start, end in hospitals(text)]


@pytest.mark.parametrize("text", [row[1] for row in OF_SOMEBODY], ids=[row[0] for row in OF_SOMEBODY])
def test_when_somebody_stands_beside_the_word_then_it_is_no_hospital(text):
    assert not list(hospitals(text))


def test_when_the_lists_are_read_then_each_says_why_and_has_no_word_twice():
    groups = yaml.safe_load(module._FILE.read_text(encoding="utf-8"))
    for name, group in groups.items():
        words = [word.strip() for word in group["words"].split("|")]
        assert group["why"], name
        assert len(words) == len(set(words)), name
