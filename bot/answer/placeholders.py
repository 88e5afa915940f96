"""Placeholders in texts: `{facts.cart_duration}`, `{hospital.name}`, `{contact.ways}`; docs/answers.md lists them.

Values are computed only when a text names them. A line that holds nothing but placeholders which are all empty (the
hours in the patient's time when his zone is unknown) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.answer import contacts
from bot.answer.facts import Fact
from bot.answer.safety import safety_text
from bot.errors import AnswerError
from bot.settings import Settings

PATTERN = re.compile(r"\{([^{}\n]*)\}")
Values = Mapping[str, Callable[[], str]]

NAMES: dict[str, str] = {
    "hospital.name": "The hospital's name inside a sentence.",
    "hospital.Name": "The same with a capital, to begin a sentence.",
    "contact.ways": "What to do to reach a person, inside a sentence: call ... or write to ...",
    "office.hours": "The office hours in the hospital's time zone.",
    "office.hours_yours_line": "A line of its own with the hours in the patient's zone; goes when it is unknown.",
    "office.next": "When the office opens next, in both zones.",
    "safety.emergency": "The whole fixed text for danger.",
    "safety.self_harm": "The whole fixed text for self-harm.",
    "safety.if_now": "One line: whom to call if this is happening now.",
}
"""Every placeholder besides `facts.KEY`, and what it becomes."""


def names(facts: Mapping[str, Fact]) -> set[str]:
    """Every placeholder a text may use."""
    return {*NAMES, *(f"facts.{key}" for key in facts)}


def values(settings: Settings, facts: Mapping[str, Fact], now: datetime, time_zone: str | None = None) -> Values:
    """What each placeholder becomes, computed when asked.

    Args:
        settings: Names, contacts, numbers and office hours.
        facts: The figures.
        now: The moment the answer is given, with a zone.
        time_zone: The patient's IANA zone, if known.
    """
    name = settings.hospital_name

    def yours() -> str:
        there = contacts.hours_there(settings, now, time_zone)
        return f"In your time: {there}." if there else ""

    known: dict[str, Callable[[], str]] = {
        "hospital.name": lambda: name,
        "hospital.Name": lambda: name[:1].upper() + name[1:],
        "contact.ways": lambda: contacts.ways(settings),
        "office.hours": lambda: contacts.hours_here(settings, now),
        "office.hours_yours_line": yours,
        "office.next": lambda: contacts.next_opening(settings, now, time_zone),
        "safety.emergency": lambda: safety_text("emergency", settings),
        "safety.self_harm": lambda: safety_text("self_harm", settings),
        "safety.if_now": lambda: safety_text("check", settings),
    }
    for key, fact in facts.items():
        known[f"facts.{key}"] = lambda reads=fact.reads: reads  # type: ignore[misc]
    return known


def fill(text: str, known: Values) -> str:
    """The text with its placeholders filled in.

    Raises:
        AnswerError: A placeholder is unknown; the message names it.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise AnswerError(
                f"bot.answer.placeholders: unknown placeholder {{{match[1]}}}; docs/answers.md lists those there are"
            )
        return known[match[1]]()

    lines = []
    for line in text.split("\n"):
        filled = PATTERN.sub(value, line)
        if line.strip() and not filled.strip():
            continue
        lines.append(filled)
    return "\n".join(lines).strip()
