"""What is replayed before a promotion: patients' words with what came before them, and no words in what is kept of it."""

# ruff: noqa: F811  # fixtures of other files are arguments here
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import conversations, inbox, queue, staff, talk
from bot.journal.models import Conversation
from bot.journal.rows import Claim
from bot.journal.store import Store
from bot.records import Reply
from bot.studio import replays
from bot.studio.replays import Asked, Words
from tests.bot.journal.conftest import store  # noqa: F401 - a fixture, on both databases

CART, BMT = "faq/cart_duration", "faq/bmt_duration"
ASIDE = Reply("If this is happening now, call.", "", safety="check")
PERSON = Reply("I am asking.", "contact_human", handoff={"kind": "person_now"})


def say(store: Store, conversation: str, words: str, *replies: Reply | str, at_ms: int = 5) -> int:
    """A message, and what the brain said to it; without a reply it was not for the brain."""
    with store.read() as connection:
        begun = connection.execute(select(Conversation.id).where(Conversation.id == conversation)).first()
    if begun is None:
        conversations.begin(
            store, conversation, now_ms=1, expires_at_ms=10**13, language="en", time_zone=None, claim=None
        )  # fmt: skip
    message = inbox.Incoming(f"{words} {at_ms}", "text", words, words)
    made = inbox.record(
        store, conversation, message, now_ms=at_ms, messages_per_minute=99, greeting=Reply("hello", "greet")
    )  # fmt: skip
    said = tuple(Reply("text", one) if isinstance(one, str) else one for one in replies)
    for job in queue.claim(store, Claim("door", 10**12), now_ms=at_ms, at_most=1) if said else ():
        queue.answer(
            store, job, said, now_ms=at_ms, renewed=Claim("x", 0), outcome="answered",
            understood={"label": said[0].label, "outcome": "answer"},
        )  # fmt: skip
    return made.seq


def asked(store: Store) -> dict[tuple[str, tuple[Any, ...]], int]:
    """Each message that is replayed, with the labels said before it, and how often it came."""
    found = replays.messages(store, now_ms=9)
    return {(one.text, one.said): len(places) for one, places in found.items()}


def test_when_the_same_words_come_after_other_answers_then_each_is_replayed_after_its_own(store: Store) -> None:
    for name, about, label in (("a", "cart", CART), ("b", "cart", CART), ("c", "transplant", BMT)):
        say(store, name, about, label)
        say(store, name, "and how long?", label)
    say(store, "d", "and how long?", "clarify")

    after = {label: ((label, None),) for label in (CART, BMT)}
    assert asked(store) == {
        ("cart", ()): 2, ("transplant", ()): 1, ("and how long?", ()): 1,
        ("and how long?", (after[CART],)): 2, ("and how long?", (after[BMT],)): 1,
    }  # fmt: skip


def test_when_door_or_staff_have_spoken_then_that_is_no_turn_of_the_brain(store: Store) -> None:
    anna = staff.add(
        store, email="a@x.example", name="Anna", role="agent", now_ms=1, actor="operator", invite="a", invite_until_ms=9
    )
    say(store, "a", "it hurts", "fallback", ASIDE)
    say(store, "a", "a person please", PERSON)
    talk.take(store, "a", anna, "Anna has joined.", now_ms=6)
    say(store, "a", "are you there", at_ms=7)
    say(store, "a", "hello?", at_ms=8)

    turns = ((("fallback", None),), (("contact_human", "person_now"),))
    assert set(asked(store)) == {
        ("it hurts", ()), ("a person please", turns[:1]), ("are you there", turns), ("hello?", turns)
    }  # fmt: skip


def test_when_a_conversation_is_long_then_the_last_turns_alone_lead(store: Store) -> None:
    for number in range(replays.TURNS + 2):
        say(store, "a", f"number {number}", f"topic/number_{number}")

    (last,) = [said for (text, said) in asked(store) if text == f"number {replays.TURNS + 1}"]

    assert [replies[0][0] for replies in last] == [f"topic/number_{number}" for number in range(1, replays.TURNS + 1)]


def test_when_messages_are_replayed_then_changes_name_places_and_no_words(store: Store) -> None:
    for name in ("a", "b"):
        say(store, name, "what is car-t", "faq/cart_what_is")
        say(store, name, "how  long", CART)
    requests: list[Any] = []

    def ask(what: str, request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request["asked"])
        (at,) = [at for at, one in enumerate(request["asked"]) if one["text"] == "how long"]
        return {"messages": 2, "changed": [{"at": at, "old": "clarify", "new": CART}]}

    found = replays.replay(store, Path("a"), Path("b"), now_ms=9, ask=ask)

    assert {"text": "how long", "said": ((("faq/cart_what_is", None),),)} in requests[0]
    (changed,) = found["changed"]
    assert (found["messages"], changed["times"]) == (2, 2)
    assert "how long" not in str(found)
    places = [tuple(place) for place in changed["places"]]
    assert set(replays.words(store, places).values()) == {Words("how long", "what is car-t")}
    assert replays.words(store, [("gone", 2)]) == {}

    conversations.erase(store, "a", now_ms=10, actor="operator")
    assert len(replays.words(store, places)) == 1
    assert Asked("how long", ((("faq/cart_what_is", None),),)) in replays.messages(store, now_ms=11)
