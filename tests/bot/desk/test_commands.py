"""`./marrow staff` and `./marrow audit`, through the command's own parser on a real journal."""

from __future__ import annotations

import io
import json

import pytest

from bot.desk import commands
from bot.journal.store import Store
from bot.settings import settings


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MARROW_DATABASE_URL", f"sqlite:///{tmp_path}/journal.sqlite3")
    monkeypatch.setenv("MARROW_SECRET_KEY", "a secret key of the tests, long enough for every use")
    monkeypatch.setenv("MARROW_PUBLIC_URL", "https://chat.hospital.example/")
    settings.cache_clear()

    def command(*arguments, given="", fails=False):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        try:
            failed = commands.main(list(arguments)) != 0
        except SystemExit as refused:  # the parser's own
            failed = refused.code != 0
        done = capsys.readouterr()
        assert failed == fails, done.err
        lines = [json.loads(line) for line in done.out.splitlines()]
        return (lines, done.err.strip()) if fails else lines

    yield command
    settings.cache_clear()


def test_when_somebody_is_added_then_a_link_is_given_and_they_are_listed(run):
    (made,) = run("staff", "add", "Anna@Hospital.example", "--name", "Anna", "--role", "admin")

    assert made["link"].startswith("https://chat.hospital.example/desk/welcome/")
    assert (made["email"], made["role"], made["password"]) == ("anna@hospital.example", "admin", False)
    (listed,) = run("staff", "list")
    assert "link" not in listed
    _, said = run("staff", "add", "anna@hospital.example", "--name", "A", "--role", "viewer", fails=True)
    assert "there is an account" in said
    for name in ("", "bo@hospital.example", "Dr. Bo"):
        _, said = run("staff", "add", "bo@hospital.example", "--name", name, "--role", "viewer", fails=True)
        assert "write the first name first" in said


def test_when_a_password_is_given_then_there_is_no_link(run):
    password = "winter coat on a green hook\n"
    (made,) = run(
        "staff", "add", "a@x.example", "--name", "Anna", "--role", "agent", "--password-stdin", given=password
    )

    assert (made["password"], "link" in made) == (True, False)
    _, said = run("staff", "reset", "a@x.example", "--password-stdin", given="short\n", fails=True)
    assert "12 characters" in said


def test_when_an_account_is_closed_and_reset_then_it_shows_and_the_last_admin_stays(run):
    run("staff", "add", "a@x.example", "--name", "Anna", "--role", "admin")
    run("staff", "add", "b@x.example", "--name", "Bo", "--role", "agent")
    assert run("staff", "disable", "b@x.example")[0]["active"] is False
    (again,) = run("staff", "reset", "b@x.example", "--role", "trainer")
    assert (again["active"], again["role"], "link" in again) == (True, "trainer", True)
    _, said = run("staff", "disable", "a@x.example", fails=True)
    assert "last admin" in said
    _, said = run("staff", "disable", "nobody@x.example", fails=True)
    assert "no account" in said


def test_when_the_audit_is_checked_then_the_exit_code_says_whether_it_holds(run, tmp_path):
    run("staff", "add", "a@x.example", "--name", "Anna", "--role", "admin")
    run("staff", "add", "b@x.example", "--name", "Bo", "--role", "agent")
    (found,) = run("audit", "verify")
    assert (found["rows"], found["faults"]) == (2, [])
    run("audit", "verify", "--head", found["head"])
    store = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET action = 'staff_list' WHERE id = 1")
    store.close()

    (found,), said = run("audit", "verify", fails=True)

    assert found["faults"] == ["row 1 is not as it was written"]
    assert "not as it was written" in said
    _, said = run("audit", "verify", "--head", "nonsense", fails=True)
    assert "NUMBER:HASH" in said
