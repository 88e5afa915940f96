"""The last days' messages of patients, as they are kept without secrets, through a candidate and the live model.

Each is read as it was met: after what had been said before in its conversation, as the journal has it. So both models
stand in the same place, and what changes is the model's reading and not what an earlier change brought with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, select

from bot.journal.models import Event, Message
from bot.journal.store import Store
from bot.studio.inbox import DAY_MS

DAYS = 14
MOST = 2000
"""Different messages, by words and what came before, that are replayed, the newest; each takes both models some
hundredths of a second."""

PLACES = 3
"""Of a message that came several times, so many are named, so that erasing one does not hide the change."""

TURNS = 6
"""So many turns the brain looks back on (`bot.understand.dialogue.MEMORY_TURNS`)."""

AT_ONCE = 500
"""Conversations read at once."""

Json = dict[str, Any]
Place = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """A message as a model meets it: its words, and what was said before in its conversation.

    Attributes:
        text: The words.
        said: Of each of the last turns that the brain answered, the label and the hand-off's kind (or None) of each
            reply, the oldest first: what "and how long?" leans on. A decision needs no slots, only texts do.
    """

    text: str
    said: tuple[tuple[tuple[str, str | None], ...], ...] = ()


@dataclass(frozen=True)
class Words:
    """What stands at a place now, and the patient's line before it; empty for the first."""

    text: str
    before: str


def messages(store: Store, *, now_ms: int, days: int = DAYS, at_most: int = MOST) -> dict[Asked, list[Place]]:
    """What patients typed, with where; what could not be looked through for secrets is left out."""
    query = (
        select(Message.sent, Message.conversation_id, Message.seq)
        .where(
            Message.kind == "text",
            Message.seq > 0,
            Message.received_at_ms >= now_ms - days * DAY_MS,
            Message.handled.is_distinct_from("withheld"),
        )
        .order_by(Message.received_at_ms.desc())
        .limit(at_most * 4)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
        said = _said(connection, list(dict.fromkeys(conversation for _, conversation, _ in rows)))
    found: dict[Asked, list[Place]] = {}
    for sent, conversation, seq in rows:
        before = tuple(labels for at, labels in said.get(conversation, ()) if at < seq)
        asked = Asked(" ".join(sent.split()), before[-TURNS:])
        if asked in found or (asked.text and len(found) < at_most):
            found.setdefault(asked, []).append((conversation, seq))
    return found


def _said(
    connection: Connection, conversations: Sequence[str]
) -> dict[str, list[tuple[int, tuple[tuple[str, str | None], ...]]]]:
    """What the brain said to each message of conversations, in order; doors and people are no turns of its memory."""
    found: dict[str, dict[int, list[tuple[str, str | None]]]] = {}
    for start in range(0, len(conversations), AT_ONCE):
        query = (
            select(Event.conversation_id, Event.reply_to, Event.label, Event.body)
            .join(Message, and_(Message.conversation_id == Event.conversation_id, Message.seq == Event.reply_to))
            .where(
                Event.conversation_id.in_(conversations[start : start + AT_ONCE]),
                Event.sender == "bot",
                Message.seq > 0,
                Message.label.is_not(None),
            )
            .order_by(Event.conversation_id, Event.seq)
        )
        for conversation, seq, label, body in connection.execute(query):
            if seq is None or not label:  # a line that the door has added has none
                continue
            replies = found.setdefault(conversation, {}).setdefault(seq, [])
            replies.append((label, (body.get("handoff") or {}).get("kind")))
    return {name: [(seq, tuple(turns[seq])) for seq in sorted(turns)] for name, turns in found.items()}


def words(store: Store, places: Sequence[Place]) -> dict[Place, Words]:
    """What stands at places now; what was erased meanwhile is missing."""
    wanted = {tuple(place) for place in places}
    if not wanted:
        return {}
    query = (
        select(Event.conversation_id, Event.seq, Event.text)
        .where(Event.conversation_id.in_({conversation for conversation, _ in wanted}), Event.sender == "patient")
        .order_by(Event.conversation_id, Event.seq)
    )
    found, last = {}, ("", "")
    with store.read() as connection:
        for conversation, seq, text in connection.execute(query):
            line = " ".join(text.split())
            if (conversation, seq) in wanted:
                found[conversation, seq] = Words(line, last[1] if last[0] == conversation else "")
            last = (conversation, line)
    return found


def replay(
    store: Store,
    candidate: Path,
    live: Path | None,
    *,
    now_ms: int,
    ask: Callable[[str, Json], Json],
    days: int = DAYS,
    at_most: int = MOST,
) -> Json:
    """What would change for patients.

    Args:
        store: The journal.
        candidate: The model's file.
        live: The live one; None: there is none, and nothing changes.
        now_ms: The time.
        ask: Runs `evaluation.model_report`.
        days: How far back.
        at_most: How many different messages.

    Returns:
        `messages`, `days`, `at_ms`, and `changed`: places, old and new outcome of each that changes. Words stay in the
        journal alone, so that what is erased there is erased here.
    """
    found = messages(store, now_ms=now_ms, days=days, at_most=at_most)
    told: Json = {"days": days, "at_ms": now_ms, "messages": len(found), "changed": []}
    if not found or live is None:
        return told
    asked = [{"text": one.text, "said": one.said} for one in found]
    answered = ask("replay", {"candidate": str(candidate), "live": str(live), "asked": asked})
    places = list(found.values())
    changed = [
        {"old": one["old"], "new": one["new"], "times": len(places[one["at"]]), "places": places[one["at"]][:PLACES]}
        for one in answered["changed"]
    ]
    return {**told, "changed": changed}
