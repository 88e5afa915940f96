"""A conversation kept as a test: a Rasa story and a line for a replay, in words without secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import audit, conversations, inbox, queue
from bot.journal.rows import Claim, ConversationGone
from bot.journal.store import Store
from bot.records import Reply
from bot.studio import keeping
from bot.studio.files import Files
from tests.bot.studio.conftest import ANNA, git


def talk(store: Store, turns: list[tuple[str, str, str]], intents: dict[str, str] | None = None) -> None:
    """A conversation of words, label and outcome; `intents` has the intent by words where the brain told it."""
    conversations.begin(store, "c", now_ms=1, expires_at_ms=10**13, language="en", time_zone=None, claim=None)
    for number, (words, label, outcome) in enumerate(turns):
        message = inbox.Incoming(f"m{number}", "text", words, words)
        inbox.record(store, "c", message, now_ms=2, messages_per_minute=99, greeting=Reply("hello", "greet"))
        (job,) = queue.claim(store, Claim("door", 10**12), now_ms=3, at_most=1)
        queue.answer(
            store, job, (Reply("text", label),), now_ms=3, renewed=Claim("x", 0), outcome="answered",
            understood={
                "label": label, "outcome": outcome, "entities": entities(words),
                **({"intent": intents[words]} if intents and words in intents else {}),
            },
        )  # fmt: skip


def entities(words: str) -> list[dict[str, object]]:
    start = words.find("car-t")
    return [{"entity": "therapy", "value": "cart", "start": start, "end": start + 5}] if start >= 0 else []


HOW_LONG = [("how long is [car-t]?", "faq/cart_duration", "answer"), ("and then: what?", "faq/cart_relapse", "answer")]


def test_when_a_conversation_is_kept_then_story_and_replay_have_its_words(checkout: Path, store: Store) -> None:
    talk(store, [*HOW_LONG, ("mumble", "fallback", "fallback"), ("hi", "greet", "answer")])
    (checkout / "tests" / "stories").mkdir(parents=True)
    (checkout / "evaluation" / "sets").mkdir(parents=True)

    keeping.keep(Files(checkout), store, "c", "How long, and then", ANNA, now_ms=9)

    story = yaml.safe_load((checkout / keeping.STORIES).read_text())["stories"][0]
    assert story["story"] == "How long, and then"
    assert story["steps"] == [
        {"user": 'how long is [car-t]{"entity": "therapy", "value": "cart"} ?\n', "intent": "faq_cart_duration"}, {"action": "utter_faq_cart_duration"},
        {"user": "and then: what?\n", "intent": "faq_cart_relapse"}, {"action": "utter_faq_cart_relapse"},
    ]  # fmt: skip
    (line,) = keeping.kept(checkout)
    assert [turn["label"] for turn in line["turns"]] == ["faq/cart_duration", "faq/cart_relapse"]
    assert json.dumps(line)
    assert git(checkout, "log", "-1", "--format=%an %s").startswith("Anna Trainer Kept a conversation")
    with pytest.raises(keeping.CannotKeep, match="already"):
        keeping.keep(Files(checkout), store, "c", "How long, and then", ANNA, now_ms=9)


def test_when_a_follow_up_is_kept_then_its_story_has_the_intent_that_is_read(checkout: Path, store: Store) -> None:
    asked = [("what is car-t", "faq/cart_what_is", "answer"), ("how long does it take", "faq/cart_duration", "answer")]
    talk(store, asked, {"what is car-t": "faq_cart_what_is", "how long does it take": "followup_duration"})
    (checkout / "tests" / "stories").mkdir(parents=True)
    (checkout / "evaluation" / "sets").mkdir(parents=True)

    keeping.keep(Files(checkout), store, "c", "A follow-up", ANNA, now_ms=9)

    steps = yaml.safe_load((checkout / keeping.STORIES).read_text())["stories"][0]["steps"]
    assert [step["intent"] for step in steps if "intent" in step] == ["faq_cart_what_is", "followup_duration"]
    assert [step["action"] for step in steps if "action" in step] == [
        "utter_faq_cart_what_is", "utter_faq_cart_duration",
    ]  # fmt: skip
    (line,) = keeping.kept(checkout)
    assert [turn["label"] for turn in line["turns"]] == ["faq/cart_what_is", "faq/cart_duration"]


@pytest.mark.parametrize(
    "turns", [[("mumble", "fallback", "fallback")], [("hm", "clarify", "clarify")]], ids=["not understood", "readings"]
)
def test_when_nothing_was_answered_then_it_cannot_be_kept(checkout: Path, store: Store, turns) -> None:
    talk(store, turns)

    with pytest.raises(keeping.CannotKeep):
        keeping.keep(Files(checkout), store, "c", "a name", ANNA, now_ms=9)


def test_when_there_is_no_conversation_or_no_name_then_it_is_said(checkout: Path, store: Store) -> None:
    with pytest.raises(ConversationGone):
        keeping.keep(Files(checkout), store, "none", "a name", ANNA, now_ms=9)
    with pytest.raises(keeping.CannotKeep, match="name"):
        keeping.keep(Files(checkout), store, "none", " {} ", ANNA, now_ms=9)


def test_when_a_test_is_removed_then_story_and_line_go_and_the_others_stay(checkout: Path, store: Store) -> None:
    talk(store, HOW_LONG)
    (checkout / "tests" / "stories").mkdir(parents=True)
    (checkout / "evaluation" / "sets").mkdir(parents=True)
    files = Files(checkout)
    keeping.keep(files, store, "c", "The first", ANNA, now_ms=9)
    before = {name: files.read(name) for name in (keeping.STORIES, keeping.REPLAY)}
    keeping.keep(files, store, "c", "It's the second", ANNA, now_ms=9)

    keeping.remove(files, store, "It's the second", ANNA, now_ms=9)

    assert {name: files.read(name) for name in before} == before
    assert git(checkout, "log", "-1", "--format=%an %s").strip() == (
        "Anna Trainer Removed a conversation test: It's the second"
    )
    assert git(checkout, "status", "--porcelain") == ""
    (row,) = audit.newest(store, action="studio_remove_test")
    assert (row.subject, row.detail["by"], row.detail["turns"]) == ("It's the second", ANNA.actor, 2)

    keeping.remove(files, store, "The first", ANNA, now_ms=9)

    assert not any((checkout / name).exists() for name in before)
    assert git(checkout, "status", "--porcelain") == ""
    assert keeping.kept(checkout) == []
    with pytest.raises(keeping.NoSuchTest, match="The first"):
        keeping.remove(files, store, "The first", ANNA, now_ms=9)


def test_when_somebody_has_half_done_work_in_the_tests_then_it_is_not_committed_for_them(
    checkout: Path, store: Store
) -> None:
    talk(store, HOW_LONG)
    for folder in (checkout / "tests" / "stories", checkout / "evaluation" / "sets"):
        folder.mkdir(parents=True)
    (checkout / keeping.STORIES).write_text('version: "3.1"\nstories:\n# half done\n')  # not even added to git

    keeping.keep(Files(checkout), store, "c", "How long", ANNA, now_ms=9)

    assert git(checkout, "log", "--format=%s").splitlines() == ["as it was"]
    assert [one["id"] for one in keeping.kept(checkout)] == ["How long"]
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "mine")
    keeping.remove(Files(checkout), store, "How long", ANNA, now_ms=9)
    assert git(checkout, "log", "-1", "--format=%an").strip() == "Anna Trainer"
