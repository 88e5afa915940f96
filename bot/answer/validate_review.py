"""The validator's rules on review: states, reasons, days, what has expired and what soon will."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.answer import labels, review
from bot.answer.catalogue import DOMAIN_FILE, NO_SOURCE, metadata_of
from bot.answer.problem import Problem

DUE_DAYS = 30
"""So many days before an answer expires its owner is reminded."""

_REVIEW = "read it beside its source, then set reviewed_on and review_by (docs/answers.md)"


def in_review(name: str, meta: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """What is wrong with the review of one response.

    Args:
        name: The response.
        meta: Its metadata.
        today: The day in the hospital's zone.
    """
    source, state = meta.get("source"), meta.get("state")
    if state == review.EXPIRED:
        yield _problem(name, "state", "`expired` is computed from review_by, never written", "write the state before")
    elif state and state not in review.STATES:
        yield _problem(name, "state", f"no such state, got {state!r}", f"use one of {', '.join(review.STATES)}")
    elif source and state and (source == NO_SOURCE) != (state == review.HOUSE) and not _unsaid(meta):
        yield _problem(
            name,
            "state",
            f"{state!r} does not go with the source {source!r}",
            f"`{review.HOUSE}` and `source: {NO_SOURCE}` go together, unless an answer or a topic is kept back",
        )
    reason = str(meta.get("state_reason") or "").strip()
    if state in review.NEED_REASON and not reason:
        yield _problem(name, "state_reason", f"is missing for the state {state!r}", "say why it is not given")
    if reason and state not in review.NEED_REASON:
        yield _problem(name, "state_reason", f"does not go with the state {state!r}", "drop it")
    yield from _in_dates(name, meta, today)


def _in_dates(name: str, meta: Mapping[str, Any], today: date) -> Iterator[Problem]:
    days = {key: review.day_of(meta.get(key)) for key in ("reviewed_on", "review_by")}
    for key, day in days.items():
        if day is None and meta.get(key):
            yield _problem(
                name, key, f"is no date, got {meta.get(key)!r}", 'write it as "YYYY-MM-DD", in quotation marks'
            )
    reviewed_on, review_by = days["reviewed_on"], days["review_by"]
    if reviewed_on and review_by and review_by < reviewed_on:
        yield _problem(name, "review_by", "lies before reviewed_on", "set a later day")
    if review_by and review_by < today and _ages(meta):
        yield _problem(name, "review_by", f"has expired: {review_by} is past, today is {today}", _REVIEW)


def due(responses: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """What must be reviewed within `DUE_DAYS` days, today among them: a reminder, not an error.

    Args:
        responses: The domain's responses.
        today: The day in the hospital's zone.
    """
    for name, variations in responses.items():
        meta = metadata_of(variations) if isinstance(variations, list) else {}
        last = review.day_of(meta.get("review_by"))
        left_days = (last - today).days if last else -1
        if 0 <= left_days <= DUE_DAYS and _ages(meta):
            days = f"{left_days} day{'' if left_days == 1 else 's'}"
            yield _problem(name, "review_by", f"must be reviewed by {last}, {days} from today", _REVIEW)


def _unsaid(meta: Mapping[str, Any]) -> bool:
    """Whether it is a text that can be kept from patients and is: then it needs no source to be so."""
    return meta.get("state") in review.NEED_REASON and str(meta.get("label")).startswith(labels.REVIEWED)


def _ages(meta: Mapping[str, Any]) -> bool:
    """Whether time does anything to it: what is not given anyway cannot run out."""
    return meta.get("state") not in review.NEED_REASON


def _problem(name: str, key: str, what: str, do: str) -> Problem:
    return Problem(DOMAIN_FILE.as_posix(), f"responses.{name}.metadata.{key}", what, do)
