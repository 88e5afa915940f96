"""Conversations kept as tests: a Rasa story with the patient's words, and a line for `./marrow replay`."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString
from sqlalchemy import select

from bot.answer import labels
from bot.errors import MarrowError
from bot.journal import audit
from bot.journal.models import Event, Message
from bot.journal.rows import ConversationGone
from bot.journal.store import Store
from bot.studio import texts
from bot.studio.files import Files, Person

PLAYED = "tests/stories"
STORIES = f"{PLAYED}/test_kept.yml"
REPLAY = "evaluation/sets/kept.jsonl"
_HEAD = 'version: "3.1"\n\n# Conversations that trainers kept as tests; played before every promotion.\n\nstories:\n'


class CannotKeep(MarrowError):
    """A conversation cannot be kept as a test."""


class NoSuchTest(MarrowError):
    """No test of this name was kept."""


@dataclass(frozen=True)
class Turn:
    """One message of a patient, the intent that it was read as, what was found in it, and the labels of its answers."""

    user: str
    intent: str
    answers: tuple[str, ...]
    entities: tuple[dict[str, Any], ...] = ()

    @property
    def marked(self) -> str:
        """The words as a Rasa story wants them: what was found in them is marked, or the story would fail for it."""
        made, at = "", 0
        for entity in self.entities:
            start = self.user.find(entity["words"], at)
            if start < 0:
                continue
            about = json.dumps({"entity": entity["entity"], "value": entity["value"]}, ensure_ascii=False)
            made += f"{self.user[at:start]}[{entity['words']}]{about}"
            at = start + len(entity["words"])
        return made + self.user[at:]


def turns_of(store: Store, conversation: str) -> list[Turn]:
    """What a patient typed and what the bot answered, up to where a person took over or a button was pressed.

    Raises:
        ConversationGone: There is no such conversation.
        CannotKeep: There is nothing in it that can be played.
    """
    with store.read() as connection:
        asked = connection.execute(
            select(Message.seq, Message.kind, Message.sent, Message.label, Message.handled, Message.understood)
            .where(Message.conversation_id == conversation, Message.seq > 0)
            .order_by(Message.seq)
        ).all()
        said = connection.execute(
            select(Event.reply_to, Event.label).where(Event.conversation_id == conversation, Event.sender == "bot")
        ).all()
    if not asked and not said:
        raise ConversationGone("studio: there is no such conversation")
    found = []
    for row in asked:
        answers = tuple(label for seq, label in said if seq == row.seq and label)
        if row.kind != "text" or row.handled not in ("answer", "safety") or len(answers) != 1:
            break  # readings, buttons and people depend on more than the words
        user = " ".join(re.sub(r"[\[\]{}]", " ", row.sent).split())  # brackets would be Rasa's
        understood = row.understood or {}
        # of a follow-up the label is what it meant; rows of before `intent` was kept have nothing else
        intent = understood.get("intent") or labels.intent_of(row.label or answers[0])
        found.append(Turn(user, intent, answers, _entities(row.sent, understood)))
    if not found:
        raise CannotKeep(
            "studio: only what a patient typed and the bot answered can be kept, from the beginning of a conversation"
        )
    return found


def _entities(sent: str, understood: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    found = [one for one in understood.get("entities") or () if "start" in one and "end" in one]
    return tuple(
        {"entity": one["entity"], "value": one["value"], "words": sent[one["start"] : one["end"]]}
        for one in sorted(found, key=lambda one: int(one["start"]))
        if not re.search(r"[\[\]{}\n]", sent[one["start"] : one["end"]])
    )


def keep(files: Files, store: Store, conversation: str, name: str, by: Person, *, now_ms: int) -> str:
    """Keeps a conversation as a test, in words without secrets.

    Args:
        files: The project's files.
        store: The journal.
        conversation: Which conversation.
        name: What it shows; the story's name.
        by: Who keeps it.
        now_ms: The time.

    Returns:
        The story's name.

    Raises:
        ConversationGone: There is no such conversation.
        CannotKeep: It cannot be played, or there is a test of this name.
    """
    name = re.sub(r"[^\w ,.?'-]+", " ", name).strip()[:80]
    if not name:
        raise CannotKeep("studio: give the test a name that says what it shows")
    turns = turns_of(store, conversation)
    with files.changing():
        stories = files.read(STORIES) if (files.root / STORIES).exists() else _HEAD
        lines = files.read(REPLAY) if (files.root / REPLAY).exists() else ""
        known = [one["story"] for one in (texts.read(stories) or {}).get("stories") or ()]
        if name in known:
            raise CannotKeep(f"studio: there is a test {name!r} already; give this one another name")
        story = _story(name, turns)
        line = json.dumps(
            {"id": name, "turns": [{"user": turn.user, "label": turn.answers[0]} for turn in turns]}, ensure_ascii=False
        )  # fmt: skip
        made = {STORIES: stories.rstrip("\n") + "\n" + story, REPLAY: f"{lines}{line}\n"}
        files.record(made, f"Kept a conversation as a test: {name}", by)
    with store.write() as connection:
        audit.append(
            connection, at_ms=now_ms, actor=by.actor, action="studio_keep_test",
            subject=audit.subject_of(conversation), detail={"turns": len(turns)},
        )  # fmt: skip
    return name


def remove(files: Files, store: Store, name: str, by: Person, *, now_ms: int) -> None:
    """Takes a kept test away: its story and its line for the replay.

    Args:
        files: The project's files.
        store: The journal, for the audit.
        name: The test's name.
        by: Who removes it.
        now_ms: The time.

    Raises:
        NoSuchTest: There is none of this name.
    """
    with files.changing():
        stories, lines = (
            files.read(file) if (files.root / file).exists() else "" for file in (STORIES, REPLAY)
        )  # fmt: skip
        told = [one.get("story") for one in (texts.read(stories) or {}).get("stories") or ()]
        there = [line for line in lines.splitlines() if line.strip()]
        left = [line for line in there if json.loads(line)["id"] != name]
        if name not in told and len(left) == len(there):
            raise NoSuchTest(f"studio: there is no test {name!r}; it may have been removed already")
        changed: dict[str, str | None] = {}
        if name in told:
            changed[STORIES] = texts.without_story(stories, name)
        if len(left) < len(there):
            changed[REPLAY] = "".join(f"{line}\n" for line in left) or None  # a file without a test goes
        files.record(changed, f"Removed a conversation test: {name}", by)
    with store.write() as connection:
        audit.append(
            connection, at_ms=now_ms, actor=by.actor, action="studio_remove_test", subject=name[:64],
            detail={"turns": sum(len(json.loads(line)["turns"]) for line in there if line not in left)},
        )  # fmt: skip


def kept(root: Path) -> list[dict[str, Any]]:
    """The tests that were kept."""
    file = root / REPLAY
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def digest(root: Path) -> str:
    """SHA-256 over every conversation test: all stories that are played, and the lines of those that were kept."""
    found = hashlib.sha256()
    for file in (*sorted((root / PLAYED).rglob("*.y*ml")), root / REPLAY):
        if file.is_file():
            content = file.read_bytes()
            found.update(f"{file.relative_to(root)}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def _story(name: str, turns: list[Turn]) -> str:
    steps: list[dict[str, Any]] = []
    for turn in turns:
        user = LiteralScalarString(turn.marked + "\n")
        steps.append({"user": user, "intent": turn.intent})
        steps += [{"action": _action(label)} for label in turn.answers]
    out = io.StringIO()
    writer = YAML()
    writer.width = 10**6
    writer.dump([{"story": name, "steps": steps}], out)
    return out.getvalue()


def _action(label: str) -> str:
    return "action_contacts" if label == labels.CONTACT else labels.response_of(label)
