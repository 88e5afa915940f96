"""The last days' messages of patients, as they are kept without secrets, through a candidate and the live model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.journal.models import Message
from bot.journal.store import Store
from bot.studio.inbox import DAY_MS

DAYS = 14
MOST = 2000
"""Different messages that are replayed, the newest; each takes both models some hundredths of a second."""

PLACES = 3
"""Of a message that came several times, so many are named, so that erasing one does not hide the change."""

Json = dict[str, Any]
Place = tuple[str, int]


def messages(store: Store, *, now_ms: int, days: int = DAYS, at_most: int = MOST) -> dict[str, list[Place]]:
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
    found: dict[str, list[Place]] = {}
    for sent, conversation, seq in rows:
        text = " ".join(sent.split())
        if text in found or (text and len(found) < at_most):
            found.setdefault(text, []).append((conversation, seq))
    return found


def words(store: Store, places: Sequence[Place]) -> dict[Place, str]:
    """What stands at places now; what was erased meanwhile is missing."""
    wanted = tuple(tuple(place) for place in places)
    if not wanted:
        return {}
    query = select(Message.conversation_id, Message.seq, Message.sent).where(
        Message.conversation_id.in_({conversation for conversation, _ in wanted})
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {(row[0], row[1]): " ".join(row[2].split()) for row in rows if (row[0], row[1]) in wanted}


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
    answered = ask("replay", {"candidate": str(candidate), "live": str(live), "texts": list(found)})
    changed = [
        {"old": one["old"], "new": one["new"], "times": len(found[one["text"]]), "places": found[one["text"]][:PLACES]}
        for one in answered["changed"]
    ]
    return {**told, "changed": changed}
