"""Makes of what the journal holds what the pages of the inbox show."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from bot.journal.reading import Seen
from bot.journal.rows import Line
from bot.journal.search import BESIDE
from bot.journal.staff import Account
from bot.screen import screen
from bot.screen.rules import ALL_RULES
from bot.settings import Settings
from bot.typed import for_brain

_SAID = {
    "emergency": "danger",
    "self_harm": "self-harm",
    "check": "unclear: the line on whom to call was added",
    "personal_advice": "asks for a decision for one person",
}
_WHY = {rule.id: rule for rule in ALL_RULES}


def handle(conversation: str) -> str:
    """A short name for a conversation; it also begins the conversation's name in the audit."""
    return hashlib.sha256(conversation.encode()).hexdigest()[:6].upper()


def number(given: str | None, usual: int, most: int) -> int:
    """A number of a query, between 1 and `most`; the usual one when it is none."""
    return min(max(1, int(given)), most) if given and given.isascii() and given.isdigit() and len(given) < 9 else usual


@dataclass(frozen=True)
class Shown:
    """One line of the transcript.

    Attributes:
        line: The line itself.
        text: Its words, escaped, with what the screen saw marked.
        message: What is known of a patient's message, or None.
        understood: What the brain understood of it; empty when it never saw it.
        screen: What the screen said: `verdict`, `said`, `rule`, `why`, `source`; None when it saw nothing.
        others: Other readings, the likeliest first.
        hidden: Kinds of data that were taken out before anything was kept.
        thumb: The patient's thumb, or None.
        flagged_by: Who flagged it, or "".
        teaching: What staff said of it, or None.
        teachable: Whether the reading can be marked.
        new_day: Whether it is the first line of a day in the hospital's zone.
    """

    line: Line
    text: Markup
    message: Any
    understood: dict[str, Any]
    screen: dict[str, Any] | None
    others: list[dict[str, Any]]
    hidden: list[str]
    thumb: Any
    flagged_by: str
    teaching: Any
    teachable: bool
    new_day: bool


_UNREAD = ("danger_since_ms", "unanswered_since_ms", "disliked_since_ms")


def view(
    conversation: str, seen: Seen, me: Account, people: list[Account], known_tags: list[str], settings: Settings
) -> dict[str, Any]:
    """All that the template of a conversation needs."""
    taken_by = seen.row.taken_by
    shown: list[Shown] = []
    day = ""
    for line in seen.lines:
        at = _day(line.at_ms, settings)
        shown.append(_line(line, seen, at != day))
        day = at
    staff_lines = [line.seq for line in seen.lines if line.sender == "staff"]
    return {
        "id": conversation,
        "handle": handle(conversation),
        "row": seen.row,
        "seen": seen,
        "lines": shown,
        "mine": taken_by == me.id,
        "taken_name": seen.names.get(taken_by, "") if taken_by else "",
        "assigned_name": seen.names.get(seen.row.assigned_to, "") if seen.row.assigned_to else "",
        "last_staff_seq": staff_lines[-1] if staff_lines else 0,
        "people": people,
        "known_tags": [tag for tag in known_tags if tag not in seen.tags],
        # a thumb adds no line, and the bot may say of a line that was read that it has no answer to it
        "unread": seen.row.last_seq > seen.row.reviewed_seq or any(seen.row._mapping[name] for name in _UNREAD),
    }


def _day(at_ms: int, settings: Settings) -> str:
    from zoneinfo import ZoneInfo

    return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(settings.time_zone)):%Y-%m-%d}"


def _line(line: Line, seen: Seen, new_day: bool) -> Shown:
    message = seen.messages.get(line.seq)
    if message is not None and line.sender != "patient" and message.kind not in BESIDE:
        message = None
    understood: dict[str, Any] = (message.understood if message is not None else None) or {}
    said = _screen(message, understood) if message is not None else None
    ranking = understood.get("ranking") or []
    return Shown(
        line=line,
        text=_marked(line.text, said),
        message=message,
        understood=understood if understood.get("outcome") else {},
        screen=said,
        others=[one for one in ranking if one.get("label") != understood.get("label")][:5],
        hidden=list(line.body.get("hidden") or []),
        thumb=seen.thumbs.get(line.seq),
        flagged_by=seen.flags.get(line.seq, ""),
        teaching=seen.teachings.get(line.seq),
        teachable=message is not None and message.kind == "text",
        new_day=new_day,
    )


def _screen(message: Any, understood: dict[str, Any]) -> dict[str, Any] | None:
    """What the screen said of a message and by which rule; the brain's own verdict when only it saw danger."""
    kept = understood.get("screen") or {}
    verdict = message.verdict or kept.get("verdict")
    if verdict in (None, "none"):
        return None
    rule, doubted = _WHY.get(str(kept.get("rule"))), kept.get("doubted")
    return {
        "verdict": verdict,
        "said": _SAID.get(verdict, verdict),
        "rule": kept.get("rule"),
        "why": rule.why if rule else "the model, not a rule" if not kept.get("rule") else "",
        "source": rule.source if rule else "",
        "doubted": f"By its rule it is {_SAID[doubted]}; as a whole hardly any danger reads like it."
        if doubted
        else "",
        "red": verdict in ("emergency", "self_harm"),
    }


def _marked(text: str, said: dict[str, Any] | None) -> Markup:
    """The words with what the screen's rule saw in them marked.

    The rule is the one that was kept; where it stands is looked for again in the words that are shown, because what was
    taken out of them for privacy moves everything behind it.
    """
    words = for_brain(text)
    if said and said["rule"] and words == text:
        again = screen(text)
        if again.rule == said["rule"] and again.span:
            first, last = again.span
            return Markup("{}<mark>{}</mark>{}").format(text[:first], text[first:last], text[last:])
    return escape(text)
