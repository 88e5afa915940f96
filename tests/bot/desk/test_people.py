"""Accounts as an admin makes and changes them, and the audit as an admin reads it."""

from __future__ import annotations

import pytest

from bot.journal import staff

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
