"""`retain`, `export` and `erase` as an operator runs them."""

from __future__ import annotations

import json

import pytest

from bot.boot.made_secrets import made
from bot.journal import cli, conversations
from bot.journal.migrate import migrate
from bot.journal.store import Store

KEY = made()["MARROW_CONTACT_KEY"]


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """A journal with one conversation, in the environment's settings."""
    url = f"sqlite:///{tmp_path}/journal.sqlite3"
    monkeypatch.setenv("MARROW_DATABASE_URL", url)
    monkeypatch.setenv("MARROW_CONTACT_KEY", KEY)
    store = Store(url)
    migrate(store)
    conversations.begin(store, "abc", now_ms=1, expires_at_ms=10**13, language=None, time_zone=None, claim=None)
    yield store
    store.close()


def test_when_a_conversation_is_exported_then_it_is_one_json_object(journal, capsys):
    assert cli.main(["export", "abc"]) == 0
    assert json.loads(capsys.readouterr().out)["conversation"] == "abc"


def test_when_a_conversation_is_erased_then_it_is_gone_and_a_second_time_says_so(journal, capsys):
    assert cli.main(["erase", "abc"]) == 0
    assert cli.main(["erase", "abc"]) == 1
    assert "no conversation" in capsys.readouterr().err


def test_when_retention_is_run_then_it_says_how_much_was_erased(journal, capsys):
    assert cli.main(["retain"]) == 0
    # begun in 1970
    assert json.loads(capsys.readouterr().out)["erased"]["conversations"] == 1


def test_when_the_key_is_missing_then_the_setting_is_named(journal, monkeypatch, capsys):
    monkeypatch.setenv("MARROW_CONTACT_KEY", "short")
    assert cli.main(["retain"]) == 1
    assert "MARROW_CONTACT_KEY" in capsys.readouterr().err
