"""The fixed safety texts. They need no brain, no domain and no database, and exist once, here.

They never assess, ask back, promise that anybody watches, or tell to wait; each stays within 60 words. A number that
is not set is never made up: the text then names it in general words.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from bot.settings import Settings

MAX_WORDS = 60


@lru_cache(maxsize=1)
def _emergency_numbers() -> dict[str, str]:
    data = yaml.safe_load(Path(__file__).with_name("places.yml").read_text(encoding="utf-8"))
    return {str(country): str(number) for country, number in data["emergency_numbers"].items()}


def emergency_number(settings: Settings) -> str:
    """The emergency number of the hospital's place; empty when neither the setting nor the country gives one."""
    return settings.emergency_number or _emergency_numbers().get(settings.country.strip().upper(), "")


def safety_text(verdict: str, settings: Settings, danger: str | None = None) -> str:
    """The fixed text for a verdict of the screen.

    Args:
        verdict: `emergency`, `self_harm`, or `check` (the one line that is added to an ordinary answer).
        settings: Give the numbers: the 24-hour number, the emergency number, the crisis line and the poison line.
        danger: The class of the rule that saw it; `overdose` has a text of its own under the verdict `self_harm`.

    Raises:
        ValueError: There is no fixed text for this verdict.
    """
    number = emergency_number(settings)
    # A patient may write from another country than the hospital's, so the local number is named beside the known one.
    emergency = f"{number} or your local emergency number" if number else "your local emergency number"
    urgent = (
        f"the 24-hour number {settings.urgent_phone}"
        if settings.urgent_phone
        else "the 24-hour number your treatment team gave you"
    )
    if verdict == "emergency":
        return (
            f"This may need urgent care. I cannot assess you. Now call {urgent}. "
            "With emergency signs, such as trouble breathing, fainting, confusion or heavy bleeding, "
            f"call {emergency}. "
            "Say that you, or the patient, had CAR-T or a transplant. Do not wait for a reply here."
        )
    crisis = f"the crisis line {settings.crisis_line}" if settings.crisis_line else "a crisis line where you live"
    if verdict == "self_harm" and danger == "overdose":
        # The emergency number comes first, whether it was a mistake or meant; a poison line only where one is set.
        poison = f"Poison line: {settings.poison_line}. " if settings.poison_line else ""
        return (
            f"Call {emergency} now if too much may have been taken. {poison}"
            "I cannot assess you. Say what was taken, and mention CAR-T or a transplant. "
            f"If you think of ending your life, also call {crisis}. Do not wait for a reply here."
        )
    if verdict == "self_harm":
        return (
            "Thank you for telling me. You deserve help from a person now. I am a program and cannot assess you. "
            f"If there is danger, or something was taken, call {emergency} now. You can also call {crisis}. "
            "Stay with someone you trust. Do not wait for a reply here."
        )
    if verdict == "check":
        return f"If this is happening now, do not wait for a reply here. Call {urgent} or {emergency}."
    raise ValueError(
        f"bot.answer.safety: no fixed text for the verdict {verdict!r}; it must be emergency, self_harm or check"
    )
