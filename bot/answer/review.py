"""The review states of an answer: which there are, what holds on a given day, and which keep an answer from patients.

The clock is always passed in. A day is the hospital's own: an answer expires at its midnight, wherever the server is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.answer import labels

HOUSE = "house"
DRAFT = "draft"
PUBLISHED_BY_SOURCE = "published_by_source"
CLINICALLY_REVIEWED = "clinically_reviewed"
WITHDRAWN = "withdrawn"
EXPIRED = "expired"

STATES: dict[str, str] = {
    DRAFT: "draft, not yet published",
    PUBLISHED_BY_SOURCE: "published by source, not yet clinically reviewed",
    CLINICALLY_REVIEWED: "clinically reviewed",
    WITHDRAWN: "withdrawn",
    HOUSE: "written by the Marrow team, states no medical fact",
}
"""The states that `domain.yml` may give, and how a patient reads each."""

READS: dict[str, str] = {**STATES, EXPIRED: "expired, to be checked again"}
"""Those and the computed one: nobody writes `expired`, the day does."""

STATES_FACTS = "faq/"
"""The group whose texts all state something, so that `house` does not clear them."""

NEED_REASON = (DRAFT, WITHDRAWN)
HELD_BACK = frozenset({DRAFT, EXPIRED, WITHDRAWN})
"""States in which an answer is not given."""


def today(time_zone: str, now: datetime) -> date:
    """The day in a zone at a moment that has one."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def day_of(value: Any) -> date | None:
    """The date of an ISO text; None for anything else. A date without quotation marks would break Rasa's domain."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def effective(label: str, state: str, review_by: str, day: date) -> str:
    """The state of an answer on a day.

    Only answers and topics, those that trainers made among them, can be kept from patients: safety texts, contacts,
    small talk and outcomes are what is said when all else fails. It fails closed: what nobody has cleared, or whose
    last day cannot be read, is not given.

    Args:
        label: The label that the answer has.
        state: The state as written.
        review_by: The last day on which the review holds, as written.
        day: The day in the hospital's zone.
    """
    if not label.startswith(labels.REVIEWED):
        return HOUSE if state in NEED_REASON else state
    if state in NEED_REASON:
        return state
    if state not in STATES or (state == HOUSE and label.startswith(STATES_FACTS)):
        return DRAFT
    if state == HOUSE:
        return HOUSE
    last = day_of(review_by)
    return state if last is not None and day <= last else EXPIRED
