"""The tables are what the models say, and migrating is safe to repeat and to do twice at once."""

from __future__ import annotations

import threading
import time

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import inspect, text

from bot.errors import StoreError
from bot.journal import contacts, conversations, inbox, review
from bot.journal import store as store_module
from bot.journal.migrate import _LOCK, SEARCH_INDEX, config, migrate, of_both_engines, opened
from bot.journal.models import Base
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.records import Reply
from bot.settings import Settings


def test_when_migrated_then_the_tables_are_those_of_the_models(store):
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": of_both_engines})
        assert compare_metadata(context, Base.metadata) == []
        tables = {name for name in inspect(connection).get_table_names() if not name.startswith(SEARCH_INDEX)}
        assert tables == {*Base.metadata.tables, "alembic_version"}


def test_when_migrated_again_then_nothing_changes(store):
    assert migrate(store) == migrate(store)


def test_when_two_doors_start_at_once_then_both_find_the_tables(store):
    with store.write() as connection:
        for table in [*reversed(Base.metadata.sorted_tables)]:
            connection.execute(text(f"DROP TABLE {table.name}"))
        connection.execute(text("DROP TABLE alembic_version"))
    failed: list[Exception] = []

    def door() -> None:
        own = Store(store.url.render_as_string(hide_password=False))
        ends = time.monotonic() + 20
        try:
            while True:
                try:
                    migrate(own)
                    return
                except StoreError:  # locked: on SQLite a door comes again
                    if not own.sqlite or time.monotonic() > ends:
                        raise
        except Exception as error:
            failed.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=door) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    store.check()


@pytest.mark.slow
def test_when_another_door_migrates_for_longer_than_a_patient_waits_then_this_one_waits(empty_postgresql, monkeypatch):
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 100)
    began, ended = threading.Event(), threading.Event()

    def other() -> None:
        own = Store(empty_postgresql)
        with own.write() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
            began.set()
            ended.wait(0.5)
        own.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert began.wait(20)
    waiting = Store(empty_postgresql)
    try:
        assert migrate(waiting)
    finally:
        ended.set()
        thread.join()
        waiting.close()


def test_when_the_journal_is_of_a_newer_version_then_it_is_left_alone(store):
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="another version"):
        migrate(store)
    with store.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_when_a_journal_of_before_holds_danger_then_it_is_marked_and_nothing_is_lost(store):
    conversations.begin(store, "c", now_ms=1, expires_at_ms=9, language=None, time_zone=None, claim=None)
    red = Reply("call now", "safety/self_harm", safety="self_harm")
    for words, safety in (("hello", None), ("red", red)):
        message = inbox.Incoming(words, "text", words, words, safety)
        inbox.record(store, "c", message, now_ms=5, messages_per_minute=9, greeting=Reply("hello", "greet"))
    made = config()
    with store.write() as connection:
        made.attributes["connection"] = connection
        command.downgrade(made, "0001")
    migrate(store)
    with store.read() as connection:
        rows = connection.execute(text("SELECT sent, verdict FROM messages ORDER BY seq")).all()
    assert rows == [("/greet", None), ("hello", None), ("red", "self_harm")]
    assert [one.danger_since_ms for one in review.queue(store)] == [5]


def test_when_numbers_were_left_before_they_were_encrypted_then_migrating_encrypts_them(store):
    box = Box(Fernet.generate_key().decode())
    with store.write() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.downgrade(made, "0002")
        connection.execute(
            text(
                "INSERT INTO conversations (id, created_at_ms, expires_at_ms, last_seq, state) VALUES ('c', 1, 2, 0, '{}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO contact_requests (conversation_id, consented_at_ms, name, phone) VALUES ('c', 1, 'Quinoa', '555 0199')"
            )
        )

    with pytest.raises(StoreError, match="MARROW_CONTACT_KEY"):
        migrate(store)
    migrate(store, seal=box.seal)
    store.scrub()

    (left,) = contacts.of(store, box, "c", now_ms=1, actor="anna")
    assert (left.name, left.phone, left.email, left.note) == ("Quinoa", "555 0199", None, None)
    assert b"555 0199" not in b"".join(path.read_bytes() for path in store.files())


def test_when_a_command_opens_a_new_journal_then_it_is_ready_and_closed_after(tmp_path):
    with opened(Settings(database_url=f"sqlite:///{tmp_path}/new/journal.sqlite3")) as store:
        with store.read() as connection:
            assert "conversations" in inspect(connection).get_table_names()

    assert not list(tmp_path.rglob("*-wal"))  # SQLite folds it in when the last connection is closed
