"""The few fixed lines that the door says itself, when the brain cannot. None of them states anything medical."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.answer import safety_text
from bot.answer.contacts import handoff, ways
from bot.records import RED, Reply
from bot.settings import Settings

HOLDING = "This is taking longer than usual. Your message is safe, and the answer will appear here."
TROUBLE = "Answers may take longer just now. What you have sent is safe, and the answer will appear here."
CONTACT_NOTED = (
    "Thank you. We have noted how to reach you, and our team will get in touch. "
    "If this is urgent, please do not wait for the call: use the phone number instead."
)


def contacts(settings: Settings, now_ms: int, time_zone: str | None) -> dict[str, Any]:
    """The hand-off that shows whom to call and when, and offers the call-back form.

    Args:
        settings: Contacts and hours.
        now_ms: The time.
        time_zone: The patient's IANA zone, or None.
    """
    return handoff("contacts", settings, datetime.fromtimestamp(now_ms / 1000, UTC), time_zone, form=True)


def greeting(settings: Settings) -> Reply:
    """Said first when the brain's own greeting does not come."""
    return Reply(
        text=(
            f"Hello. I am Marrow, the assistant of {settings.hospital_name}. I am a program, not a person: people "
            "wrote every answer I give. You can ask me about CAR-T cell therapy and about blood, marrow and "
            "cord-blood transplants."
        ),
        label="greet",
    )


def fallback(settings: Settings, now_ms: int, time_zone: str | None) -> Reply:
    """Said when the brain could not be asked: honest, and with a way to a person."""
    return Reply(
        text="I am sorry: something is not working on our side, and I cannot answer this now. Your message was kept. "
        f"To reach a person, {ways(settings)}, or leave your number here and our team will call you back.",
        label="fallback",
        handoff=contacts(settings, now_ms, time_zone),
    )


def withheld(settings: Settings, now_ms: int) -> Reply:
    """Said when a message could not be looked through for private details, and so was not kept."""
    return Reply(
        text="I am sorry: I could not check your message for private details. So I did not keep it, and I cannot "
        "answer it. "
        f"Please write it again in other words. To reach a person, {ways(settings)}.",
        label="withheld",
        handoff=contacts(settings, now_ms, None),
    )


def with_contacts(reply: Reply, settings: Settings, now_ms: int, time_zone: str | None) -> Reply:
    """Fills in what a hand-off of the brain leaves out, so that the widget always has something to show."""
    if not reply.handoff:
        return reply
    return replace(reply, handoff=contacts(settings, now_ms, time_zone) | reply.handoff)


def with_line(replies: tuple[Reply, ...], settings: Settings) -> tuple[Reply, ...]:
    """Adds the line on whom to call if it is happening now, for a message of which the screen is not sure.

    It is a bubble of its own: the source under an answer is not the source of this line. It answers nothing, so it has
    no label. It is left out where an answer says it already, and beside a safety text, which stands alone.
    """
    line = safety_text("check", settings)
    if any(reply.safety in RED or line in reply.text for reply in replies):
        return replies
    return (*replies, Reply(line, label="", safety="check"))
