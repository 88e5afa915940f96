"""How questions stand: asked, in which languages, and what the live model takes them for."""

# ruff: noqa: F811  # fixtures of other files are arguments here
from __future__ import annotations

import pytest
from sqlalchemy import update

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import conversations, inbox, queue
from bot.journal.models import Message
from bot.journal.rows import Claim
from bot.journal.store import Store
from bot.records import Reply
from bot.studio import standing
from bot.studio.inbox import DAY_MS
from bot.studio.standing import Confusion, Use
from tests.bot.journal.conftest import store  # noqa: F401 - a fixture, on both databases

NOW_MS = 100 * DAY_MS
COST, STAY = "topic/cost", "topic/accommodation"


def ask(
    store: Store, name: str, label: str, language: str, *, kind: str = "text", thumb: str | None = None, days: int = 0
) -> None:
    """A message that was understood so; the name is its conversation's."""
    at_ms = NOW_MS - days * DAY_MS
    conversations.begin(store, name, now_ms=at_ms, expires_at_ms=10**13, language=None, time_zone=None, claim=None)
    message = inbox.Incoming("m", kind, name, name)
    inbox.record(store, name, message, now_ms=at_ms, messages_per_minute=99, greeting=Reply("hello", "greet"))
    (job,) = queue.claim(store, Claim("door", 10**15), now_ms=at_ms, at_most=1)
    understood = {"label": label, "outcome": "answer", "language": language}
    queue.answer(
        store, job, (Reply("text", label),), now_ms=at_ms, renewed=Claim("x", 0), outcome="answered",
        understood=understood,
    )  # fmt: skip
    with store.write() as connection:
        connection.execute(update(Message).where(Message.conversation_id == name, Message.seq > 0).values(thumb=thumb))


def test_when_patients_asked_then_each_label_has_its_count_its_thumbs_and_its_languages(store: Store) -> None:
    ask(store, "a", COST, "en", thumb="up")
    ask(store, "b", COST, "de", thumb="down")
    ask(store, "c", COST, "de", thumb="up", days=standing.DAYS - 1)
    ask(store, "d", COST, "en", kind="choice")  # pressed: its words are the widget's, and no language of the patient
    ask(store, "e", COST, "ar", days=standing.DAYS + 1)
    ask(store, "f", STAY, "zh")
    with store.write() as connection:
        greeting = {"label": "greet", "outcome": "answer", "language": "en"}
        assert connection.execute(update(Message).where(Message.seq == 0).values(understood=greeting)).rowcount == 6

    assert standing.used(store, now_ms=NOW_MS) == {
        COST: Use(4, 2, 1, (("de", 2), ("en", 1))), STAY: Use(1, 0, 0, (("zh", 1),))
    }  # fmt: skip
    assert standing.used(store, now_ms=NOW_MS, days=1)[COST].asked == 3


def test_when_a_model_was_measured_then_each_question_says_what_it_is_taken_for_and_what_for_it() -> None:
    pairs = [["a", "a"]] * 5 + [["a", "b"]] * 3 + [["a", "c"], ["a", "d"], ["a", "d"], ["b", "b"], ["e", "a"]]

    assert standing.confusions(pairs) == {
        "a": Confusion(11, 5, (("b", 3), ("d", 2)), 1),
        "b": Confusion(1, 1, (), 3),
        "c": Confusion(0, 0, (), 1),
        "d": Confusion(0, 0, (), 2),
        "e": Confusion(1, 0, (("a", 1),), 0),
    }
    assert standing.confusions([]) == {}
