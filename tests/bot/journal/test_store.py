"""Durable, guarded by one writer, and clear when it refuses."""

from __future__ import annotations

import os
import sqlite3
import time

import pytest
from sqlalchemy import insert, select, text

from bot.errors import SettingsError, StoreError
from bot.journal import store as store_module
from bot.journal.models import Audit
from bot.journal.store import Store, address
from bot.settings import ROOT


def row(action="x"):
    return insert(Audit).values(at_ms=1, action=action, subject="s", detail={})


def count(store):
    with store.read() as connection:
        return len(connection.execute(select(Audit.id)).all())


@pytest.mark.parametrize(
    ("given", "driver", "database"),
    [
        ("sqlite:///var/journal.sqlite3", "sqlite", str(ROOT / "var/journal.sqlite3")),
        ("sqlite:////srv/journal.sqlite3", "sqlite", "/srv/journal.sqlite3"),
        ("postgresql://u:p@h/d", "postgresql+psycopg", "d"),
    ],
)
def test_when_an_address_is_given_then_it_is_made_whole(given, driver, database):
    assert (address(given).drivername, address(given).database) == (driver, database)


@pytest.mark.parametrize("given", ["", "journal.sqlite3", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d"])
def test_when_an_address_cannot_be_used_then_the_error_names_the_setting_and_no_password(given):
    with pytest.raises(SettingsError, match="MARROW_DATABASE_URL") as caught:
        Store(given)
    assert "secret" not in str(caught.value)


def test_when_sqlite_is_opened_then_it_is_durable_and_only_the_owner_reads_it(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/a/b/journal.sqlite3")
    with store.read() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": store_module.BUSY_TIMEOUT_MS,
        "secure_delete": 1,
    }
    assert os.stat(tmp_path / "a/b/journal.sqlite3").st_mode & 0o077 == 0


def test_when_a_block_raises_then_nothing_of_it_stays(store):
    def broken():
        with store.write() as connection:
            connection.execute(row())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert count(store) == 0
    with store.write() as connection:
        connection.execute(row())
    assert count(store) == 1


def test_when_somebody_writes_then_readers_do_not_wait(store):
    with store.write() as connection:
        connection.execute(row())
        assert count(store) == 0
    assert count(store) == 1


def test_when_another_process_holds_the_journal_then_a_writer_waits_and_then_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 200)
    store = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    with store.write() as connection:
        Audit.__table__.create(connection)
    other = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(StoreError, match="locked"), store.write() as connection:
        connection.execute(row())
    assert time.monotonic() - begun < 2
    other.execute("ROLLBACK")
    with store.write() as connection:
        connection.execute(row())


def test_when_the_disk_is_full_then_the_error_says_so_and_what_was_there_stays(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    with store.write() as connection:
        Audit.__table__.create(connection)
        connection.execute(row())
    with store.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    store.close()

    def full(connection, _record):
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")

    store_module.event.listen(store.engine, "connect", full)

    def fill():
        for _ in range(100):
            with store.write() as connection:
                connection.execute(row("x" * 30))
                connection.execute(insert(Audit).values(at_ms=1, action="y", subject="s", detail={"x": "y" * 9000}))

    with pytest.raises(StoreError, match="full"):
        fill()
    assert count(store) >= 1


def test_when_the_error_is_about_a_statement_then_its_values_are_not_in_it(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    with pytest.raises(StoreError) as caught, store.write() as connection:
        connection.execute(insert(Audit).values(at_ms=1, action="quinoa", subject="quinoa", detail={}))
    assert "quinoa" not in str(caught.value)
    assert "quinoa" not in str(caught.value.__cause__)


def test_when_the_server_is_away_then_the_error_is_the_stores():
    store = Store("postgresql://marrow@127.0.0.1:1/none")
    with pytest.raises(StoreError):
        store.check()


@pytest.mark.parametrize("then", ["moved away", "replaced"])
def test_when_the_file_is_not_the_one_that_was_opened_then_nothing_is_taken_until_it_is_back(tmp_path, then):
    file, away = tmp_path / "journal.sqlite3", tmp_path / "away"
    store = Store(f"sqlite:///{file}")
    with store.write() as connection:
        Audit.__table__.create(connection)
    file.rename(away)
    if then == "replaced":
        file.write_bytes(away.read_bytes())

    with pytest.raises(StoreError, match=str(file)), store.write() as connection:
        connection.execute(row())
    with pytest.raises(StoreError, match=str(file)):
        count(store)

    away.rename(file)
    with store.write() as connection:
        connection.execute(row())
    assert count(store) == 1


def test_when_it_was_refused_then_the_next_writers_are_told_sooner_until_a_write_succeeds(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 600)
    monkeypatch.setattr(store_module, "REFUSED_TIMEOUT_MS", 100)
    store = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    with store.write() as connection:
        Audit.__table__.create(connection)
    other = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    took_s = []
    for _ in range(2):
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(StoreError), store.write() as connection:
                connection.execute(row())
            took_s.append(time.monotonic() - begun)
        other.execute("ROLLBACK")
        with store.write() as connection:
            connection.execute(row())
    assert [took > 0.5 for took in took_s] == [True, False, True, False]
