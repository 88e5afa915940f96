"""Danger first: the screen is asked about every typed message before anything else, and needs no brain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from bot.records import RED, Reply
from bot.settings import Settings


@dataclass(frozen=True)
class Seen:
    """What the screen saw in a text.

    Attributes:
        verdict: `emergency`, `self_harm`, `check`, `personal_advice`, or None.
        reply: The fixed text that answers danger at once; None when there is none.
        rule: The id of the rule that decided, or None.
        without_brain: The fixed text where no brain will read the words: `reply`, or that for danger which the screen
            doubts and so leaves to the brain.
    """

    verdict: str | None = None
    reply: Reply | None = None
    rule: str | None = None
    without_brain: Reply | None = None


Danger = Callable[[str], Seen]
"""Screens a text."""

_TEXT = re.compile(r'"text"\s*:\s*"((?:[^"\\]|\\.)*)')
_HALF_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{0,3}$")


def screened(settings: Settings) -> Danger:
    """The real screen, with the fixed texts of this hospital.

    Imported here and not above, so that a door without its screen fails at the start with the reason, and never runs.
    """
    from bot.answer import safety_text
    from bot.screen import screen

    def see(text: str) -> Seen:
        seen = screen(text)
        danger, verdict = None, seen.without_brain
        if verdict in RED:
            words = safety_text(verdict, settings, seen.danger)
            danger = Reply(words, f"safety/{verdict}", safety=verdict)
        return Seen(
            None if seen.verdict == "none" else seen.verdict, danger if seen.is_red else None, seen.rule, danger
        )

    return see


def typed_in(body: bytes) -> str:
    """The words in the body of a refused request, also when the body as a whole cannot be used.

    The `text`; without one everything written, because whoever is refused may not know the form either.
    """
    written = body.decode("utf-8", "replace")
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        match = _TEXT.search(written)
        return _unescaped(match[1]) if match else unquote_plus(written)
    return " ".join(_strings(found.get("text", found) if isinstance(found, dict) else found))


def _unescaped(words: str) -> str:
    """The words of a JSON string that was cut off, perhaps within an escape."""
    try:
        return str(json.loads(f'"{_HALF_ESCAPE.sub("", words)}"', strict=False))
    except ValueError:
        return words


def _strings(found: Any) -> Iterator[str]:
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting.extend(reversed(part.values()))
        elif isinstance(part, list):
            waiting.extend(reversed(part))
