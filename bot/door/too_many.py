"""Refusals that name a limit of conversations, requests, characters or streams."""

from __future__ import annotations

from bot.door.problems import Problem, limit

STREAM_RETRY_S = 10
"""What a client is told to wait, in seconds, when no further event stream can be opened."""


def characters(most: int, wait_s: int) -> Problem:
    """Said when a conversation's messages are too long for one minute."""
    return Problem(
        429,
        "too-many-messages",
        f"A conversation may send {most:,} characters a minute; the next message is taken in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
        limit=limit("characters_per_minute", most, "characters per minute"),
    )


def conversations(most: int, wait_s: int) -> Problem:
    """Said when one address begins too many conversations."""
    return Problem(
        429,
        "too-many-conversations",
        f"Of one address {most} conversations a minute can be begun; try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
        limit=limit("conversations_per_minute", most, "conversations per minute"),
    )


def requests(per_second: int, wait_s: int) -> Problem:
    """Said when a conversation's requests come so fast that the next one would have to wait too long."""
    return Problem(
        429,
        "too-many-requests",
        f"A conversation has {per_second} requests a second; try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
        limit=limit("requests_per_second", per_second, "requests per second"),
    )


def streams(name: str, most: int) -> Problem:
    """Said when no further event stream can be opened; the list of events can still be asked for."""
    return Problem(
        429,
        "too-many-streams",
        f"So many event streams may be open at once: {most}. Close one, or ask for the list (application/json).",
        headers={"Retry-After": str(STREAM_RETRY_S)},
        limit=limit(name, most, "streams"),
    )
