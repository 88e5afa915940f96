"""Which language a message is taken to be in."""

from __future__ import annotations

import pytest

from bot.understand.language import LANGUAGES, language_of

ENGLISH = [
    "how long does car-t take",
    "wat is car t",
    "hw mch dos it cst",
    "cart t terapy how many weeks",
    "my sun has lukemia",
    "pls tel me price bmt",
    "difrent types of transplnt",
    "autologous vs allogeneic duration",
    "leukemia cr2 survival percentage",
    "my mother 70 age old can do",
    "no money insurance pay",
    "doctor say relapse come back now need bmt or cart",
    "can my brother be donor 哥哥",
    "Dr Müller 王医生 said to ask how long it takes",
    "thx a lot",
    "hospital india apollo good",
    "dos car t hurt",
    "relapse after car t",
    "price list",
    "LOS car t",
    "CAR-T",
]
SILENT = ["", "   ", "???", "39.4", "👍", "...", "\u200b"]
OTHERS = [
    ("zh", "CAR-T 治疗需要多长时间？"),
    ("zh", "骨髓移植"),
    ("ja", "CAR-T療法とは何ですか"),
    ("ko", "CAR-T 치료란 무엇입니까?"),
    ("ar", "ما هو العلاج بالخلايا التائية"),
    ("ru", "Сколько длится лечение CAR-T?"),
    ("th", "การรักษาใช้เวลานานแค่ไหน"),
    ("es", "¿Cuánto dura el tratamiento CAR-T?"),
    ("es", "gracias por la ayuda"),
    ("fr", "Combien de temps dure le traitement CAR-T ?"),
    ("fr", "où sont les centres"),
    ("de", "Wie lange dauert die CAR-T-Therapie?"),
    ("de", "Was ist eine Knochenmarktransplantation?"),
    ("de", "Was kostet die Behandlung?"),
    ("de", "was passiert wenn die Krankheit zurückkommt"),
    ("es", "cuanto cuesta"),
    ("pt", "quanto custa o tratamento"),
    ("pt", "O que é o transplante de medula?"),
    ("pt", "quem pode fazer car-t"),
    ("it", "Quanto dura la terapia CAR-T?"),
    ("it", "quanto costa"),
    ("tr", "Nakil ne kadar tutar?"),
    ("it", "chi può fare la car-t"),
    ("it", "quali sono i centri"),
    ("pt", "quais são os tipos de transplante"),
    ("tr", "kemik iliği nakli ne kadar sürer"),
    ("tr", "CAR-T tedavisi ne kadar sürer?"),
    ("nl", "hoe lang duurt de behandeling"),
    ("pl", "Ile trwa leczenie CAR-T?"),
]


@pytest.mark.parametrize("text", ENGLISH)
def test_when_english_is_short_or_misspelt_then_it_stays_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize("text", SILENT, ids=repr)
def test_when_there_is_no_letter_then_it_is_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(("language", "text"), OTHERS, ids=[f"{code} {text[:20]}" for code, text in OTHERS])
def test_when_a_message_is_in_another_language_then_it_is_named(language: str, text: str) -> None:
    assert language_of(text) == language
    assert language in LANGUAGES
