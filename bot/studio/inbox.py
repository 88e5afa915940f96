"""The trainers' inbox: what the bot did not answer, grouped by meaning. Nothing in it is taught without a click."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from bot.journal import audit
from bot.journal.models import Event, Message
from bot.journal.staff_models import Teaching
from bot.journal.store import Store
from bot.journal.studio_models import StudioItem
from bot.records import RED
from bot.studio.files import Person

MOST = 400
"""Messages grouped at once, the newest; what is older comes when these are worked through."""

DISCARDED_MOST = 100
"""Messages put away that are listed, the last ones."""

USED, DISCARDED = "used", "discarded"
NO_QUESTION = ("followup/", "clarify", "fallback")
"""How labels begin that are no question of their own."""

WHY = {
    "fallback": "not understood",
    "clarify": "readings offered",
    "down": "thumbs down",
    "relabel": "staff say it was misread",
    "new_question": "staff say it is a new question",
}
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Item:
    """One message of a patient, without secrets, as it is shown at the desk.

    Attributes:
        conversation: Its conversation.
        seq: Its number there.
        text: The words.
        at_ms: When it came.
        given: What it was understood as, or None.
        why: Keys of `WHY`.
        label: What staff say it should have been, or None.
    """

    conversation: str
    seq: int
    text: str
    at_ms: int
    given: str | None
    why: tuple[str, ...]
    label: str | None

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"{self.conversation}:{self.seq}"


@dataclass(frozen=True)
class Group:
    """Messages that mean the same.

    Attributes:
        items: The messages, the newest first.
        near: Labels that they may belong to, the likeliest first.
    """

    items: tuple[Item, ...]
    near: tuple[str, ...] = field(default=())

    @property
    def patients(self) -> int:
        """How many conversations asked it."""
        return len({item.conversation for item in self.items})

    @property
    def texts(self) -> tuple[str, ...]:
        """The different wordings."""
        return tuple({item.text.casefold(): item.text for item in self.items}.values())


class Meanings(Protocol):
    """Groups and ranks texts (`bot.studio.checker.Comparer`)."""

    def ask(self, op: str, **request: Any) -> Any:
        """See `bot.understand.compare`."""

    def model(self) -> Any:
        """The live model's file."""


def waiting(store: Store, *, now_ms: int, days: int = 30, at_most: int = MOST) -> list[Item]:
    """Messages that nobody has dealt with, the newest first.

    Args:
        store: The journal.
        now_ms: The time.
        days: How far back.
        at_most: How many.
    """
    taught = and_(Teaching.conversation_id == Message.conversation_id, Teaching.seq == Message.seq)
    done = and_(StudioItem.conversation_id == Message.conversation_id, StudioItem.seq == Message.seq)
    by_staff = and_(Teaching.state == "open", Teaching.verdict.in_(("relabel", "new_question")))
    query = (
        select(
            Message.conversation_id, Message.seq, Event.text, Message.received_at_ms, Message.label, Message.handled,
            Message.thumb, Teaching.verdict, Teaching.state, Teaching.label.label("should"),
        )
        .join(Event, and_(Event.conversation_id == Message.conversation_id, Event.seq == Message.seq))
        .outerjoin(Teaching, taught)
        .outerjoin(StudioItem, done)
        .where(
            Message.kind == "text",
            Message.received_at_ms >= now_ms - days * DAY_MS,
            StudioItem.seq.is_(None),
            or_(Message.verdict.is_(None), Message.verdict.not_in(RED)),  # danger is read by people, not sorted here
            or_(Message.handled.in_(("fallback", "clarify")), Message.thumb == "down", by_staff),
        )
        .order_by(Message.received_at_ms.desc(), Message.conversation_id, Message.seq)
        .limit(at_most)
    )  # fmt: skip
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [item for item in map(_item, rows) if item is not None]


def _item(row: Any) -> Item | None:
    why = [row.handled] if row.handled in ("fallback", "clarify") else []
    why += ["down"] if row.thumb == "down" else []
    if row.state == "open" and row.verdict in ("relabel", "new_question"):
        why.append(row.verdict)
    elif row.verdict is not None:
        return None  # staff said that it was right, or a trainer has dealt with it at the desk
    should = row.should if row.state == "open" else None
    text = " ".join(row.text.split())
    return Item(row.conversation_id, row.seq, text, row.received_at_ms, row.label, tuple(why), should) if text else None


def discarded(store: Store, *, at_most: int = DISCARDED_MOST) -> list[Item]:
    """Messages that were put away, the last one first.

    Args:
        store: The journal.
        at_most: How many.
    """
    here = and_(StudioItem.conversation_id == Message.conversation_id, StudioItem.seq == Message.seq)
    query = (
        select(Message.conversation_id, Message.seq, Event.text, Message.received_at_ms, Message.label)
        .join(StudioItem, here)
        .join(Event, and_(Event.conversation_id == Message.conversation_id, Event.seq == Message.seq))
        .where(StudioItem.state == DISCARDED)
        .order_by(StudioItem.at_ms.desc(), Message.conversation_id, Message.seq.desc())
        .limit(at_most)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [
        Item(row.conversation_id, row.seq, " ".join(row.text.split()), row.received_at_ms, row.label, (), None)
        for row in rows
    ]


def grouped(items: Sequence[Item], meanings: Meanings) -> list[Group]:
    """Groups messages by meaning; the group that most patients asked comes first.

    Raises:
        ModelError: The comparison cannot be made.
    """
    texts = list({item.text.casefold(): item.text for item in items}.values())
    if not texts:
        return []
    places = meanings.ask("groups", texts=texts)
    ranked = meanings.ask("rank", texts=texts, model=str(meanings.model()))
    by_text: dict[str, list[Item]] = {}
    for item in items:
        by_text.setdefault(item.text.casefold(), []).append(item)
    found = []
    for group in places:
        members = [item for place in group for item in by_text[texts[place].casefold()]]
        votes: Counter[str] = Counter()
        for place in group:
            for rank, label in enumerate(ranked[place]):
                votes[label] += 3 - rank
        for item in members:
            if item.label:
                votes[item.label] += 9  # a person said so
        near = tuple(label for label, _ in votes.most_common() if not label.startswith(NO_QUESTION))[:3]
        found.append(Group(tuple(sorted(members, key=lambda item: -item.at_ms)), near))
    return sorted(found, key=lambda group: (-group.patients, -group.items[0].at_ms))


def settle(
    store: Store, keys: Sequence[str], state: str, by: Person, *, now_ms: int, label: str | None = None
) -> list[str]:
    """Says what became of messages: `USED` for a question, or `DISCARDED`.

    Args:
        store: The journal.
        keys: `Item.key` of each.
        state: What became of them.
        by: Who says so.
        now_ms: The time.
        label: The question that they were used for.

    Returns:
        The keys that were still waiting.
    """
    with store.write() as connection:
        settled = []
        for conversation, seq in map(_place, keys):
            there = select(Message.seq).where(Message.conversation_id == conversation, Message.seq == seq)
            dealt = select(StudioItem.seq).where(StudioItem.conversation_id == conversation, StudioItem.seq == seq)
            if connection.execute(there).first() is None or connection.execute(dealt).first() is not None:
                continue  # erased, or a colleague was quicker
            values = {"state": state, "label": label, "actor": by.actor, "at_ms": now_ms}
            connection.execute(insert(StudioItem).values(conversation_id=conversation, seq=seq, **values))
            _teaching(connection, conversation, seq, "used" if state == USED else "declined")
            settled.append(f"{conversation}:{seq}")
        detail = {"messages": len(settled)}
        audit.append(
            connection, at_ms=now_ms, actor=by.actor, action=f"studio_{state}", subject=label or "inbox", detail=detail
        )
    return settled


def reopen(store: Store, keys: Sequence[str], by: Person, *, now_ms: int) -> int:
    """Takes back what became of messages; gives how many wait again."""
    with store.write() as connection:
        count = 0
        for conversation, seq in map(_place, keys):
            this = (StudioItem.conversation_id == conversation) & (StudioItem.seq == seq)
            count += connection.execute(delete(StudioItem).where(this)).rowcount
            _teaching(connection, conversation, seq, "open")
        audit.append(
            connection,
            at_ms=now_ms,
            actor=by.actor,
            action="studio_reopen",
            subject="inbox",
            detail={"messages": count},
        )
    return count


def _teaching(connection: Connection, conversation: str, seq: int, state: str) -> None:
    this = (Teaching.conversation_id == conversation) & (Teaching.seq == seq)
    connection.execute(update(Teaching).where(this).values(state=state))


def _place(key: str) -> tuple[str, int]:
    conversation, _, seq = key.rpartition(":")
    return conversation, int(seq) if seq.isdigit() else -1
