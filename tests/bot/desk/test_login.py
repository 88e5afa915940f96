"""Logging in: password, second step, limits, sessions and where it leads."""

from __future__ import annotations

import pytest


def test_when_the_password_is_right_then_the_inbox_opens(console):
    account, browser = console.staff(), console.browser()

    got = browser.log_in(account.email)

    assert (got.status_code, got.headers["location"]) == (303, "/desk/inbox")
    assert browser.get("/inbox/review").status_code == 200


@pytest.mark.parametrize("email", ["anna.agent@hospital.example", "nobody@hospital.example"])
def test_when_the_password_is_wrong_then_it_does_not_say_whether_there_is_an_account(console, email):
    console.staff()
    browser = console.browser()

    got = browser.log_in(email, "wrong horse battery staple")

    assert got.status_code == 401
    assert "do not belong together" in got.text
    assert browser.get("/inbox/review").headers["location"].startswith("/desk/login")
