"""Nothing is kept longer than its kind may be; what is erased leaves a tombstone and no word."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from bot.journal import audit, conversations, inbox, retention, wishes
from bot.journal.export import exported
from bot.journal.rows import ConversationGone
from bot.journal.sealing import Box
from bot.records import Reply
from bot.settings import Settings

DAY_MS = retention.DAY_MS
GREETING = Reply("hello", "greet")
BOX = Box(Fernet.generate_key().decode())
SETTINGS = Settings(
    conversation_retention_days=10, contact_retention_days=3, feedback_retention_days=5, audit_retention_days=20
)


def begin(store, name, now_ms, words="quinoa words"):
    """A conversation with a message, a thumb and something left for a call back."""
    conversations.begin(store, name, now_ms=now_ms, expires_at_ms=10**13, language="en", time_zone=None, claim=None)
    message = inbox.Incoming("m", "text", words, words)
    inbox.record(store, name, message, now_ms=now_ms, messages_per_minute=99, greeting=GREETING)
    wishes.rate(store, name, 1, "up", wishes.Aside("good"), now_ms=now_ms)
    reachable = wishes.Reachable("Olga", "555", None, None, None)
    wishes.leave_contact(store, BOX, name, reachable, "noted", now_ms=now_ms, per_minute=9)


def count(store, table):
    with store.read() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_when_nothing_is_old_then_nothing_is_erased_and_the_audit_is_silent(store):
    begin(store, "a", 0)

    assert not retention.retain(store, SETTINGS, now_ms=2 * DAY_MS).any()
    assert count(store, "audit") == 0


@pytest.mark.parametrize(
    ("days", "erased"),
    [
        pytest.param(4, retention.Erased(0, 1, 0, 0), id="contacts first"),
        pytest.param(6, retention.Erased(0, 1, 1, 0), id="then thumbs"),
        pytest.param(11, retention.Erased(1, 0, 0, 0), id="then the conversation with all that is in it"),
    ],
)
def test_when_a_kind_is_too_old_then_it_is_erased(store, days, erased):
    begin(store, "a", 0)

    assert retention.retain(store, SETTINGS, now_ms=days * DAY_MS) == erased


def test_when_a_patient_came_back_then_the_age_counts_from_the_last_line(store):
    begin(store, "a", 0)
    message = inbox.Incoming("later", "text", "again", "again")
    inbox.record(store, "a", message, now_ms=9 * DAY_MS, messages_per_minute=99, greeting=GREETING)

    assert retention.retain(store, SETTINGS, now_ms=11 * DAY_MS).conversations == 0
    assert retention.retain(store, SETTINGS, now_ms=20 * DAY_MS).conversations == 1


def test_when_many_are_old_then_all_are_erased_and_each_has_its_tombstone(store, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        begin(store, f"c{number}", 0)
    begin(store, "young", 10 * DAY_MS)

    assert retention.retain(store, SETTINGS, now_ms=11 * DAY_MS).conversations == 5
    for table, left in (("conversations", 1), ("messages", 2), ("feedback", 1), ("contact_requests", 1)):
        assert count(store, table) == left, table
    with store.read() as connection:
        actions = connection.execute(text("SELECT action FROM audit ORDER BY id")).scalars().all()
    assert actions == ["erase"] * 5 + ["retain"]
    assert b"quinoa" in b"".join(path.read_bytes() for path in store.files()) or not store.sqlite  # the young one's


def test_when_the_audit_is_too_old_then_its_rows_go_and_one_tells_of_it(store):
    begin(store, "a", 0)
    conversations.erase(store, "a", now_ms=0)

    assert retention.retain(store, SETTINGS, now_ms=21 * DAY_MS) == retention.Erased(0, 0, 0, 1)
    with store.read() as connection:
        rows = connection.execute(text("SELECT action, detail FROM audit ORDER BY id")).all()
    assert [row.action for row in rows] == ["prune_audit", "retain"]
    assert all("retention" in str(row.detail) for row in rows)
    assert audit.verify(store).faults == ()


def test_when_a_conversation_is_erased_then_no_byte_of_it_is_left_in_the_files(store):
    begin(store, "a", 0)

    conversations.erase(store, "a", now_ms=1, actor="operator")

    assert b"quinoa" not in b"".join(path.read_bytes() for path in store.files())
    with store.read() as connection:
        row = connection.execute(text("SELECT action, detail FROM audit")).one()
    assert row.action == "erase"
    assert "operator" in str(row.detail)


def test_when_a_conversation_is_exported_then_all_of_it_is_there_as_json(store):
    begin(store, "a", 0)

    found = json.loads(json.dumps(exported(store, BOX, "a", now_ms=5, actor="operator")))

    assert [line["text"] for line in found["events"]] == ["hello", "quinoa words", "noted"]
    assert found["contacts"][0]["phone"] == "555"
    assert found["feedback"][0]["comment"] == "good"
    assert found["messages"][1]["sent"] == "quinoa words"
    with store.read() as connection:
        assert connection.execute(text("SELECT action FROM audit ORDER BY id")).scalars().all() == [
            "read_contact",
            "export",
        ]


def test_when_there_is_no_such_conversation_then_the_export_says_so(store):
    with pytest.raises(ConversationGone):
        exported(store, BOX, "nobody", now_ms=5, actor="operator")
