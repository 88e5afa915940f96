"""Frightened people and second-language readers can read each text: a reading grade of at most 8, on average 7.

The grade is Flesch and Kincaid's: years of school that a text asks for. syllapy counts syllables by its dictionary; the
formula itself is one line. Every line and every sentence counts as a sentence, a figure or a number as one short word.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml

pytest.importorskip("fastapi", reason="the door's environment only")

import syllapy

from bot.answer import catalogue, contacts, placeholders, review, safety_text
from bot.desk import texts as desk_texts
from bot.door import texts
from bot.journal.handoffs import Overdue
from bot.settings import ROOT, Settings
from tests.browser.english import SCRIPTS, english

MOST_GRADE = 8.0
MOST_MEAN_GRADE = 7.0
SHORT_WORDS = 5  # of fewer words the formula says nothing: such labels are measured together, each as a sentence

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
GIVEN = Settings(contact_phone="+13264500477")
NAMES: dict[str, str] = yaml.safe_load(Path(__file__).with_name("plain_words.yml").read_text("utf-8"))["names"]
_NAME = {
    name: re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", re.IGNORECASE)
    for name in sorted(NAMES, key=len, reverse=True)
}
_WORD = re.compile(r"\+?[\w'.@-]*\w")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence, with names and numbers put short."""
    for pattern in _NAME.values():
        text = pattern.sub("name", text)
    found = [_WORD.findall(part) for part in _SENTENCE.split(text.replace("\u2019", "'"))]
    return [["one" if re.search(r"\d", word) else word for word in words] for words in found if words]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade: 0.39 x words a sentence + 11.8 x syllables a word - 15.59."""
    parts = sentences(text)
    words = [word for part in parts for word in part]
    syllables = sum(max(1, syllapy.count(word)) for word in words)
    return 0.39 * len(words) / len(parts) + 11.8 * syllables / len(words) - 15.59


def of_the_domain() -> dict[str, str]:
    answers = catalogue.load(ROOT)
    known = placeholders.values(GIVEN, answers.facts, NOW, "America/New_York")
    found = {}
    for answer in answers.by_response.values():
        if answer.question:
            found[f"domain.yml {answer.response} question"] = answer.question
        for index, one in enumerate(answer.variations):
            found[f"domain.yml {answer.response}[{index}]"] = placeholders.fill(one.text, known)
            for button in one.buttons:
                found[f"domain.yml {answer.response}[{index}] button {button.payload}"] = button.label
    return found


def of_the_code() -> dict[str, str]:
    found = {f"safety.py {verdict}": safety_text(verdict, GIVEN) for verdict in ("emergency", "self_harm", "check")}
    found["contacts.py last_resort"] = contacts.last_resort(GIVEN)
    return found | {f"review.py {state}": words for state, words in review.READS.items()}


def of_the_door() -> dict[str, str]:
    return {
        "door/texts.py HOLDING": texts.HOLDING,
        "door/texts.py CONTACT_NOTED": texts.CONTACT_NOTED,
        "door/texts.py greeting": texts.greeting(GIVEN).text,
        "door/texts.py fallback": texts.fallback(GIVEN, 1_790_000_000_000, None).text,
    }


def of_the_desk() -> dict[str, str]:
    """What patients read when a person comes and goes, or does not come."""
    found = {
        f"desk/texts.py {name}": getattr(desk_texts, name).replace("{name}", "Anna") for name in ("JOINED", "LEFT")
    }
    found["desk/texts.py left_alone"] = desk_texts.left_alone(GIVEN).replace("{name}", "Anna")
    for hours in ("Mon-Sun 00:00-24:00", "Mon 03:00-03:01"):
        for kind in ("person_now", "call_back"):
            one = Overdue(1, "c", kind, 0, 1, None)
            words = desk_texts.still_waiting(replace(GIVEN, office_hours=hours), one, 1_790_000_000_000, told=True)
            found[f"desk/texts.py still_waiting {kind} {hours}"] = words
    return found


def of_the_widget() -> dict[str, str]:
    """What the widget says itself, with a word in each placeholder."""
    return {
        f"{script} {key}": re.sub(r"\{\w+\}", "one", text).replace("\u2026", "")
        for script in SCRIPTS
        for key, text in english(script).items()
    }


TEXTS = of_the_domain() | of_the_code() | of_the_door() | of_the_desk() | of_the_widget()
LONG = {where: text for where, text in TEXTS.items() if sum(map(len, sentences(text))) >= SHORT_WORDS}
SHORT = sorted({text.rstrip(".") for where, text in TEXTS.items() if where not in LONG})


@pytest.mark.parametrize("where", LONG)
def test_when_a_text_is_measured_then_it_asks_for_eight_years_of_school_at_most(where: str) -> None:
    assert round(grade(LONG[where]), 1) <= MOST_GRADE, (
        f"{where}: reading grade {grade(LONG[where]):.1f}, at most {MOST_GRADE}: {LONG[where]!r}; "
        "shorten its sentences, use plainer words, or add a name that must stay to plain_words.yml"
    )


def test_when_short_labels_are_measured_together_then_they_are_plain_too() -> None:
    assert round(grade(".\n".join(SHORT)), 1) <= MOST_GRADE, SHORT


def test_when_all_texts_are_measured_then_the_mean_is_seven_at_most() -> None:
    assert statistics.mean(map(grade, LONG.values())) <= MOST_MEAN_GRADE


def test_when_a_text_is_hard_then_the_measure_says_so() -> None:
    hard = (
        "Haematopoietic transplantation necessitates comprehensive pretransplantation evaluation, "
        "notwithstanding institutional accreditation, particularly regarding immunosuppressive complications."
    )
    plain = "You can call us. We will tell you what to do next. It does not take long."

    assert grade(hard) > 2 * MOST_GRADE
    assert grade(plain) < 4


def test_when_texts_are_gathered_then_every_place_is_there() -> None:
    assert len(of_the_widget()) >= 90
    assert {where.split(" ")[0] for where in LONG} == {
        "domain.yml", "safety.py", "contacts.py", "review.py", "door/texts.py", "desk/texts.py", "widget.js",
        "widget/talk.js", "widget/more.js",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_when_a_name_is_excepted_then_it_has_a_reason_and_stands_in_a_text(name: str) -> None:
    assert NAMES[name].strip()
    assert any(_NAME[name].search(text) for text in TEXTS.values()), f"{name}: no text uses it; drop it"
