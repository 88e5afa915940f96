"""The demo fills a journal of its own, believably and repeatably, and never touches another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from bot.boot.made_secrets import made
from bot.desk.demo.fill import NotADemo, fill, remove
from bot.desk.demo.script import PREFIX, Script, questions
from bot.journal import audit, conversations, handoffs
from bot.journal.migrate import migrate
from bot.journal.models import Conversation, Event, Feedback, Message
from bot.journal.sealing import Box
from bot.journal.staff_models import Handoff, Staff
from bot.journal.store import Store
from bot.screen import screen
from bot.settings import ROOT, Settings

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
KEY = made()["MARROW_CONTACT_KEY"]
BOX = Box(KEY)
NOW_MS = int(NOW.timestamp() * 1000)


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path}/demo.sqlite3")
    migrate(made)
    yield made
    made.close()


def play(store, count=80, seed=1):
    return fill(store, BOX, Script(Settings(), NOW, days=21, seed=seed), count, now_ms=NOW_MS)


def number(store, table, *conditions):
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def test_when_it_is_played_then_there_is_some_of_everything_and_nothing_in_the_future(store):
    messages = play(store)
    assert messages > 150
    assert number(store, Conversation) == 80
    with store.read() as connection:
        handled = Counter(connection.execute(select(Message.handled).where(Message.seq > 0)).scalars())
        latest = connection.execute(select(func.max(Event.at_ms))).scalar_one()
        words = connection.execute(select(Event.text)).scalars().all()
    assert {"answer", "clarify", "fallback", "handoff", "safety", "staff"} <= set(handled)
    assert None not in handled
    assert latest <= NOW_MS
    assert not [text for text in words if "{" in text or not text.strip()]
    assert number(store, Handoff, Handoff.taken_at_ms.is_not(None)) > 0
    assert number(store, Feedback) > 0
    assert audit.verify(store).faults == ()


def test_when_the_seed_is_the_same_then_the_script_is(store):
    def script(seed):
        return [
            (talk.id, [turn.text for turn in talk.turns])
            for talk in Script(Settings(), NOW, days=9, seed=seed).talks(9)
        ]

    assert script(1) == script(1) != script(2)


def test_when_it_is_played_again_then_it_stands_in_place_of_the_old(store):
    play(store, 20)
    play(store, 10, seed=2)
    assert number(store, Conversation) == 10
    assert number(store, Staff) == 2


def test_when_a_real_conversation_is_there_then_nothing_is_done(store):
    conversations.begin(store, "r" * 24, now_ms=1, expires_at_ms=9, language=None, time_zone=None, claim=None)
    with pytest.raises(NotADemo, match="left alone"):
        play(store)
    assert number(store, Conversation) == 1
    assert number(store, Staff) == 0


def test_when_it_is_removed_then_real_conversations_stay(store):
    play(store, 20)
    conversations.begin(store, "r" * 24, now_ms=1, expires_at_ms=9, language=None, time_zone=None, claim=None)
    assert remove(store) == 20
    assert number(store, Conversation) == 1
    assert number(store, Event) == 0
    assert number(store, Staff) == 0


def test_when_patients_of_the_demo_tell_of_danger_in_english_then_the_real_screen_sees_it():
    missed = [text for text in questions()["safety/emergency"] if "|" not in text and not screen(text).is_red]
    assert missed == []
    others = [
        text for kind, lines in questions().items() if not kind.startswith("safety/") and kind != "chats"
        for text in lines if screen(text.split("|")[-1]).is_red
    ]  # fmt: skip
    assert others == []


def test_when_invented_patients_wait_then_not_for_days_and_nobody_is_alerted(store):
    play(store)
    day_ms = 86_400_000
    assert not handoffs.any_overdue(store, before_ms=NOW_MS + day_ms)
    assert number(store, Handoff, Handoff.taken_at_ms.is_(None), Handoff.asked_at_ms < NOW_MS - 4 * day_ms) == 0


def test_when_the_command_runs_then_it_says_what_it_did(tmp_path):
    environment = {**os.environ, "MARROW_DATABASE_URL": f"sqlite:///{tmp_path}/j.sqlite3", "MARROW_CONTACT_KEY": KEY}

    def run(*arguments):
        command = [sys.executable, "-m", "bot.desk.demo", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    done = run("--conversations", "5")
    assert json.loads(done.stdout)["conversations"] == 5
    assert json.loads(run("--remove").stdout) == {"removed": 5}
    assert run("--conversations", "0").returncode == 2
    environment["MARROW_ALERT_EMAILS"] = "desk@hospital.example"
    refused = run("--conversations", "5")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "MARROW_ALERT_EMAILS: set, so real patients may write here" in refused.stderr
    assert PREFIX == "demo-"
