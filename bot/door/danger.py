"""Danger first: the screen is asked about every typed message before anything else, and needs no brain."""

from __future__ import annotations

from collections.abc import Callable

from bot.records import Reply
from bot.settings import Settings

Danger = Callable[[str], Reply | None]
"""Gives the fixed reply for a text in which the screen sees danger, else None."""


def screened(settings: Settings) -> Danger:
    """The real screen, with the fixed texts of this hospital.

    Imported here and not above, so that a door without its screen fails at the start with the reason, and never runs.
    """
    from bot.answer import safety_text
    from bot.screen import screen

    def see(text: str) -> Reply | None:
        verdict = screen(text)
        if not verdict.is_red:
            return None
        return Reply(
            text=safety_text(verdict.verdict, settings), label=f"safety/{verdict.verdict}", safety=verdict.verdict
        )

    return see
