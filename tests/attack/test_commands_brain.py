"""The same commands through the real brain: each is understood as the words it is made of, and sets no slot."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.boot import model
from bot.typed import for_brain
from evaluation.stack import Patient, Stack, running
from tests.attack.commands import MARK, TEXTS

pytestmark = pytest.mark.slow  # the whole bot, once
WITHIN_S = 240


def _said(stack: Stack, texts: list[str]) -> tuple[str, dict[int, str]]:
    """Sends them all in one conversation and waits for the last answer; gives its id and which seq each text got."""
    patient = Patient(stack.address)
    patient.begin()
    sent = {}
    for number, text in enumerate(texts):
        body = json.dumps({"client_id": f"c{number}", "text": text}).encode()
        headers = {"Content-Type": "application/json"}
        response = patient.request("POST", f"{patient.conversation}/messages", content=body, headers=headers)
        sent[response.json()["seq"]] = text
    patient.replies(max(sent), within_s=WITHIN_S)
    return patient.conversation.rsplit("/", 1)[1], sent


def _journal(stack: Stack, conversation: str) -> tuple[dict[int, dict[str, Any]], dict[str, Any], list[str]]:
    """What was understood of each message, the dialogue's memory, and the words that were kept, redacted as they are."""
    with closing(sqlite3.connect(f"file:{stack.folder / 'journal.sqlite3'}?mode=ro", uri=True, timeout=10)) as journal:
        query = """SELECT seq, understood, text FROM messages JOIN events USING (conversation_id, seq)
            WHERE conversation_id = ? AND seq > 0 ORDER BY seq"""
        rows = journal.execute(query, (conversation,)).fetchall()
        (state,) = journal.execute("SELECT state FROM conversations WHERE id = ?", (conversation,)).fetchone()
    return {seq: json.loads(got or "null") for seq, got, _ in rows}, json.loads(state), [text for *_, text in rows]


def test_when_commands_are_typed_to_the_real_brain_then_no_intent_and_no_slot_is_of_their_making() -> None:
    file = model.current()
    assert file, "there is no trained model: run ./marrow train"
    attacks = [typed for typed in TEXTS if for_brain(typed)]
    assert len(attacks) >= 200
    with running(file, messages_per_minute=10**6) as stack:
        attacked, sent = _said(stack, attacks)
        kept = _journal(stack, attacked)[2]
        plain, _ = _said(stack, [for_brain(text) for text in kept])
        understood, state, _ = _journal(stack, attacked)
        of_plain_words, plain_state, kept_plain = _journal(stack, plain)
        logs = "".join(stack.log(part) for part in ("door", "brain", "actions"))

    wrong, compared = [], 0
    for (seq, got), words, *texts in zip(understood.items(), of_plain_words.values(), kept, kept_plain, strict=True):
        believed = not got or got["confidence"] >= 1 or len(got["ranking"]) < 5
        slots = MARK in json.dumps((got or {}).get("entities"))
        # a word without its slash may look like a name, and is then hidden: other words are understood otherwise
        same = len({for_brain(text) for text in texts}) == 1
        compared += same
        if believed or slots or (same and got != words):
            wrong.append((sent.get(seq), got))
    assert wrong == []
    assert compared >= 200
    assert len(understood) == len(attacks)
    assert state == plain_state
    assert MARK not in json.dumps(state)
    # nothing of it is in a log either, as words or as a line of its own
    assert MARK not in logs
    assert "DROP TABLE" not in logs
