"""Shows a line of the journal as the event that a patient's browser gets."""

from __future__ import annotations

from typing import Any

from bot.door.signing import Signer
from bot.journal.clock import iso
from bot.journal.rows import Line


def event(line: Line, conversation: str, signer: Signer) -> dict[str, Any]:
    """Writes one event.

    A button's payload never leaves: a signed choice for this conversation stands in its place.

    Args:
        line: As kept.
        conversation: Its conversation.
        signer: Signs the choices.
    """
    shown: dict[str, Any] = {
        "seq": line.seq,
        "at": iso(line.at_ms),
        "from": line.sender,
        "text": line.text,
        "language": line.language,
    }
    if line.reply_to is not None:
        shown["reply_to"] = line.reply_to
    if line.client_id is not None and line.sender == "patient":
        shown["client_id"] = line.client_id
    if line.body.get("answer"):
        shown["answer"] = line.body["answer"]
    elif line.label and line.sender != "system":
        shown["answer"] = {"label": line.label}
    if line.body.get("buttons"):
        shown["buttons"] = [
            {"label": button["label"], "choice": signer.choice(conversation, line.seq, index)}
            for index, button in enumerate(line.body["buttons"])
        ]
    for key in ("safety", "handoff", "hidden", "staff", "presence"):
        if line.body.get(key):
            shown[key] = line.body[key]
    return shown


def transcript(events: list[dict[str, Any]], hospital_name: str) -> str:
    """Writes a conversation as plain text to keep or print, times in UTC."""
    names = {"patient": "You", "bot": "Marrow (a program)", "staff": hospital_name, "system": "Note"}
    blocks = []
    for item in events:
        at = str(item["at"])[:16].replace("T", " ")
        who = names[item["from"]]
        if item["from"] == "staff" and item.get("staff"):
            who = f"{item['staff']['name']}, {hospital_name}"
        block = [f"[{at} UTC] {who}:", item["text"]]
        answer = item.get("answer", {})
        if answer.get("source"):
            block.append(
                f"(Source: {answer['source']}. Reviewed on {answer['reviewed_on']}, again by {answer['review_by']}; "
                f"{answer['state']}.)"
            )
        blocks.append("\n".join(block))
    return "\n\n".join(blocks) + "\n"
