"""What the journal hands out and takes in: frozen records, and the named reasons for which it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.errors import MarrowError


class ConversationGone(MarrowError):
    """There is no such conversation: it never was, or it was erased."""


class ClientIdReused(MarrowError):
    """A `client_id` came again with other words."""


class TooManyMessages(MarrowError):
    """The conversation sent more than it may in a minute.

    Attributes:
        retry_after_ms: After this long the next message is taken.
    """

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(f"bot.journal: too many messages in a minute; the next is taken in {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms


class NoSuchLine(MarrowError):
    """Feedback names a line that the bot or a person of the hospital did not say."""


@dataclass(frozen=True)
class Line:
    """One event of a conversation, as kept (see `bot.journal.models.Event`)."""

    seq: int
    at_ms: int
    sender: str
    text: str
    language: str
    reply_to: int | None
    client_id: str | None
    label: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """Who takes a conversation's next message, and until when it is theirs alone.

    Attributes:
        owner: The door's name, the same after a restart on the same address.
        until_ms: After this time another door may take it.
    """

    owner: str
    until_ms: int


@dataclass(frozen=True)
class Job:
    """One message to forward, claimed by this door.

    Attributes:
        conversation: The conversation's id.
        seq: The patient's event that is to be answered; 0 for the greeting.
        kind: `text`, `choice` or `greeting`.
        sent: What the brain is to get.
        state: The dialogue's memory as the brain last gave it.
        language: BCP 47 tag that the patient's browser gave, or None.
        time_zone: The patient's IANA zone, or None.
        received_at_ms: When the message was written down.
        attempts: How often the brain was asked in vain.
        claim: Whose it is, and until when.
        verdict: What the screen saw in it: `check`, `personal_advice` or None; danger never becomes a job.
    """

    conversation: str
    seq: int
    kind: str
    sent: str
    state: dict[str, Any]
    language: str | None
    time_zone: str | None
    received_at_ms: int
    attempts: int
    claim: Claim
    verdict: str | None = None
