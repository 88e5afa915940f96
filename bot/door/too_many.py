"""Refusals that name a limit of conversations, requests, characters or streams."""

from __future__ import annotations

from bot.door.problems import Problem, limit, too_many

STREAM_RETRY_S = 10
"""What a client is told to wait, in seconds, when no further event stream can be opened."""


def characters(most: int, wait_s: int) -> Problem:
    """Said when a conversation's messages are too long for one minute."""
    detail = f"A conversation may send {most:,} characters a minute; the next message is taken in {wait_s} s."
    return too_many("too-many-messages", detail, wait_s, limit("characters_per_minute", most, "characters per minute"))


def conversations(most: int, wait_s: int) -> Problem:
    """Said when one address begins too many conversations."""
    hit = limit("conversations_per_minute", most, "conversations per minute")
    detail = f"Of one address {most} conversations a minute can be begun; try again in {wait_s} s."
    return too_many("too-many-conversations", detail, wait_s, hit)


def requests(per_second: int, wait_s: int) -> Problem:
    """Said when a conversation's requests come so fast that the next one would have to wait too long."""
    detail = f"A conversation has {per_second} requests a second; try again in {wait_s} s."
    return too_many(
        "too-many-requests", detail, wait_s, limit("requests_per_second", per_second, "requests per second")
    )


def streams(name: str, most: int) -> Problem:
    """Said when no further event stream can be opened; the list of events can still be asked for."""
    detail = f"So many event streams may be open at once: {most}. Close one, or ask for the list (application/json)."
    return too_many("too-many-streams", detail, STREAM_RETRY_S, limit(name, most, "streams"))
