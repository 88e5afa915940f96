"""What people do to a message must not hide its danger: each way of writing keeps every red of the rules' examples."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.screen import screen
from bot.screen.rules import ALL_RULES

SAMPLE = [
    (rule.verdict, text) for rule in ALL_RULES if rule.verdict in ("emergency", "self_harm") for text in rule.matches
]
"""Every example of every red rule."""

SLIPS = {
    "fever": "feber",
    "temperature": "temprature",
    "bleeding": "bleding",
    "breathe": "brethe",
    "unconscious": "unconcious",
    "seizure": "siezure",
    "diarrhoea": "diarhea",
    "catheter": "cathater",
    "confused": "confusd",
    "headache": "hedache",
    "shivering": "shiverin",
    "chest": "chesst",
    "swollen": "swolen",
    "blister": "blistr",
    "collapsed": "colapsed",
    "suicide": "sucide",
    "vomiting": "vomitting",
    "cough": "coff",
}
"""Slips that the vocabulary promises to see through."""

FAHRENHEIT = {"38.0": "100.4", "39.5": "103.1", "39,4": "102,9", "38.9": "102.0"}


def slipped(text: str) -> str:
    for word, slip in SLIPS.items():
        text = re.sub(rf"\b{word}\b", slip, text)
    return text


def in_fahrenheit(text: str) -> str:
    for celsius, fahrenheit in FAHRENHEIT.items():
        text = text.replace(celsius, fahrenheit + " F")
    return text


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" and char != "'" else char for char in text)


TRANSFORMATIONS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "slips of the vocabulary": slipped,
    "fahrenheit": in_fahrenheit,
    "soft word in front": lambda text: f"it's probably nothing but {text}",
    "does not want to bother": lambda text: f"I don't want to bother anyone, {text}",
    "greeting in front": lambda text: f"Hello dear team, {text}",
    "greeting and stop": lambda text: f"Good morning! {text}",
    "a question in front": lambda text: f"What are your opening hours? {text}",
    "a question behind": lambda text: f"{text}. And what are your opening hours?",
    "thanks behind": lambda text: f"{text} thanks a lot",
    "just asking behind": lambda text: f"{text}, just asking",
    "emoji behind": lambda text: f"{text} 😢🙏",
    "emoji between": lambda text: text.replace(" ", " 🙂 ", 2),
    "doubled spaces": lambda text: text.replace(" ", "  "),
    "newline for space": lambda text: text.replace(" ", "\n"),
    "tab for space": lambda text: text.replace(" ", "\t"),
    "no apostrophes": lambda text: text.replace("'", ""),
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "no punctuation at the end": lambda text: text.rstrip(".!?"),
    "many exclamation marks": lambda text: f"{text}!!!!",
    "full width": full_width,
    "zero width inside": lambda text: "\u200b".join(text),
    "comma decimals": lambda text: re.sub(r"(\d)\.(\d)", r"\1,\2", text),
    "quoted": lambda text: f"“{text}”",
    "after a story": lambda text: f"We came home on Friday and he ate well. {text}",
}


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_when_a_red_message_is_written_otherwise_then_it_stays_red(name: str) -> None:
    change = TRANSFORMATIONS[name]
    lost = [change(text) for _, text in SAMPLE if screen(text).is_red and not screen(change(text)).is_red]
    assert lost == []


def test_when_slips_are_promised_then_the_sample_holds_each_of_them() -> None:
    said = " ".join(text for _, text in SAMPLE).lower()
    assert [word for word in SLIPS if word not in said] == []
