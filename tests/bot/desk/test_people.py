"""Accounts as an admin makes and changes them, and the audit as an admin reads it."""

from __future__ import annotations

import re
import time

import pytest

from bot.desk import check
from bot.errors import StoreError
from bot.journal import audit, staff

NEW = {"email": "nia@hospital.example", "name": "Nia Okafor", "role": "agent"}


def people(console):
    return {one.email: (one.name, one.role, one.active) for one in staff.everybody(console.store)}


def test_when_somebody_is_added_then_a_link_is_shown_once_and_the_account_is_there(console):
    browser = console.at_work("admin", "Cleo")

    shown = browser.post("/people", NEW).text

    assert "/desk/welcome/" in shown
    assert people(console)["nia@hospital.example"] == ("Nia Okafor", "agent", True)
    assert "/desk/welcome/" not in browser.get("/people").text
    assert browser.post("/people", NEW).status_code == 409


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        pytest.param("name", "nia@hospital.example", "first name first", id="an address for a name"),
        pytest.param("name", "Dr. Okafor", "first name first", id="a title"),
        pytest.param("name", "", "first name first", id="no name"),
        pytest.param("email", "nia", "e-mail address", id="no address"),
        pytest.param("role", "janitor", "a role", id="no such role"),
    ],
)
def test_when_what_is_given_does_not_fit_then_nobody_is_added_or_changed(console, field, value, said):
    browser = console.at_work("admin", "Cleo")

    refused = browser.post("/people", {**NEW, field: value})

    assert (refused.status_code, said in refused.text) == (422, True)
    assert list(people(console)) == ["cleo.admin@hospital.example"]
    if field != "email":
        browser.post("/people", NEW)
        number = next(one.id for one in staff.everybody(console.store) if one.name == "Nia Okafor")
        refused = browser.post(f"/people/{number}", {"what": "edit", **NEW, field: value})
        assert refused.status_code == 422
        assert people(console)["nia@hospital.example"] == ("Nia Okafor", "agent", True)


def test_when_role_and_name_are_changed_then_the_account_has_them_and_is_logged_out(console):
    account, agent, admin = console.staff("agent", "Bo"), console.browser(), console.at_work("admin", "Cleo")
    agent.log_in(account.email)

    admin.post(f"/people/{account.id}", {"what": "edit", "name": "  Bo   Ek ", "role": "viewer"})

    assert people(console)[account.email] == ("Bo Ek", "viewer", True)
    assert agent.get("/inbox").headers["location"].startswith("/desk/login")


def fill_audit(console, count):
    with console.store.write() as connection:
        for number in range(count):
            audit.append(connection, at_ms=number, actor="staff:9", action="view", subject=f"s{number}", detail={})


def test_when_the_chain_is_short_then_its_check_is_shown_at_once(console):
    fill_audit(console, 30)
    browser = console.at_work("admin", "Cleo")
    rows = audit.verify(console.store)

    page = browser.get("/audit/check").text

    assert f"All {rows.rows} rows are as they were written" in page
    assert f"{rows.last_id}:{rows.last_hash}" in page
    with console.store.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET at_ms = 77 WHERE id = 3")
    assert "rows are as they were written" in browser.part("/audit/check?live").text, "looking again begins no check"
    assert "row 3 is not as it was written" in browser.get("/audit/check").text


def test_when_the_chain_is_long_then_the_page_shows_how_far_the_check_is_until_it_has_ended(console, monkeypatch):
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    monkeypatch.setattr(check, "REST_S", 0.05)
    fill_audit(console, 40)
    browser, begun, verify = console.at_work("admin", "Cleo"), [], audit.verify
    rows = verify(console.store).rows
    monkeypatch.setattr(audit, "verify", lambda *args, **named: begun.append(1) or verify(*args, **named))

    page = browser.get("/audit/check").text

    assert "The check is under way" in page
    assert re.search(rf"[1-9]\d* of {rows} rows", page)
    assert '<meta http-equiv="refresh" content="2; url=/desk/audit/check?live">' in page
    assert "under way" in browser.get("/audit/check").text
    ends = time.monotonic() + 10
    while "under way" in (part := browser.part("/audit/check?live").text):
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert f"All {rows} rows are as they were written" in part
    assert "<html" not in part
    assert begun == [1], "one at a time"


def test_when_the_journal_is_away_then_the_check_says_that_it_knows_nothing(console, monkeypatch):
    browser = console.at_work("admin", "Cleo")

    def away(*_args, **_named):
        raise StoreError("away")

    monkeypatch.setattr(audit, "verify", away)

    page = browser.get("/audit/check").text

    assert "could not be done" in page
    assert "as they were written" not in page


def test_when_the_door_closes_then_a_check_under_way_ends(console, monkeypatch):
    monkeypatch.setattr(audit, "AT_ONCE", 1)
    monkeypatch.setattr(check, "REST_S", 1)
    fill_audit(console, 40)
    console.at_work("admin", "Cleo").get("/audit/check")

    began = time.monotonic()
    console.served.stop()

    assert time.monotonic() - began < 4
