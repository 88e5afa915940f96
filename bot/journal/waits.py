"""How long patients who asked for a person in the conversation lately waited until one wrote."""

from __future__ import annotations

import math
from statistics import median

from sqlalchemy import func, select

from bot.journal.models import Event
from bot.journal.store import Store

WITHIN_MS = 14 * 24 * 3600 * 1000
"""How far back is looked."""

AT_LEAST, AT_MOST = 5, 50
"""So many waits are needed for a figure; so many, the newest, are counted."""

MINUTE_MS = 60_000


def expected_min(store: Store, *, now_ms: int) -> int | None:
    """The middle one of the latest waits, from the wish for a person to the first line of staff.

    Args:
        store: The journal.
        now_ms: The time; only what lies less than two weeks back counts.

    Returns:
        Whole minutes, rounded up; None while too few were seen to say anything.
    """
    conversation, first_ms = Event.conversation_id.label("conversation"), func.min(Event.at_ms)
    lately = Event.at_ms > now_ms - WITHIN_MS
    wished = (
        select(conversation, first_ms.label("wished_ms"))
        .where(lately, Event.sender == "bot", Event.body["handoff"]["kind"].as_string() == "person_now")
        .group_by(Event.conversation_id)
        .subquery()
    )
    came = (
        select(conversation, first_ms.label("came_ms"))
        .where(lately, Event.sender == "staff")
        .group_by(Event.conversation_id)
        .subquery()
    )
    waits = (
        select(came.c.came_ms - wished.c.wished_ms)
        .join_from(wished, came, wished.c.conversation == came.c.conversation)
        .where(came.c.came_ms >= wished.c.wished_ms)
        .order_by(wished.c.wished_ms.desc())
        .limit(AT_MOST)
    )
    with store.read() as connection:
        found = list(connection.execute(waits).scalars())
    return max(1, math.ceil(median(found) / MINUTE_MS)) if len(found) >= AT_LEAST else None
