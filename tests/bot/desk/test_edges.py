"""The desk stands behind the door's own checks: names, origins, headers, and what a trusted proxy says."""

from __future__ import annotations

import time

import pytest

from bot.desk.render import POLICY
from bot.door.edge import API_POLICY, HEADERS

FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


def test_when_the_desk_is_asked_under_another_name_then_it_is_refused_before_it_answers(console):
    got = console.browser().get("/login", headers={"Host": "rebound.attacker.example"})
    assert (got.status_code, got.json()["type"].rsplit(":", 1)[-1]) == (421, "host-not-allowed")


@pytest.mark.parametrize("path", ["/login", "/inbox/all", "/static/desk.js", "/nothing"])
def test_when_the_desk_answers_then_it_carries_the_door_s_headers_and_a_policy_of_its_own(console, path):
    got = console.at_work().get(path)
    own = {"Content-Security-Policy", "Referrer-Policy", "Cache-Control"}
    assert {name: got.headers[name] for name in HEADERS if name not in own} == {
        name: value for name, value in HEADERS.items() if name not in own
    }
    assert got.headers["content-security-policy"] == (
        API_POLICY if path.startswith("/static") or not got.text else POLICY
    )
    assert "unsafe" not in POLICY
    assert "form-action 'self'" in POLICY
    assert "frame-ancestors 'none'" in POLICY


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://127.0.0.1:1"])
def test_when_another_site_s_page_posts_to_the_desk_then_it_is_refused(console, origin):
    browser = console.at_work()
    assert browser.post("/logout", headers={"Origin": origin}).status_code == 403
    assert browser.get("/inbox/all").status_code == 200


def test_when_a_page_that_may_carry_the_widget_posts_to_the_desk_then_it_is_refused(consoles):
    browser = consoles(allowed_origins="https://www.hospital.example").at_work()
    assert browser.post("/logout", headers={"Origin": "https://www.hospital.example"}).status_code == 403


def test_when_a_trusted_proxy_takes_tls_away_then_the_cookie_is_secure_and_tries_count_for_the_patient_s_side(consoles):
    console = consoles(trusted_proxies="127.0.0.1", allowed_hosts="chat.hospital.example")
    account, browser = console.staff(), console.browser()
    headers = {**FORWARDED, "Host": "chat.hospital.example"}
    got = browser.get("/login", headers=headers)
    cookie = got.headers["set-cookie"]
    assert cookie.startswith("__Host-marrow-desk=")
    assert "Secure" in cookie
    assert "max-age" in got.headers["strict-transport-security"]

    headers |= {"Origin": "https://chat.hospital.example", "Cookie": cookie.partition(";")[0]}
    wrong = browser.post("/login", {"email": account.email, "password": "wrong"}, headers=headers)
    assert wrong.status_code == 401
    right = browser.post("/login", {"email": account.email, "password": "winter coat on a green hook"}, headers=headers)
    assert right.status_code == 303
    headers["Cookie"] = right.headers["set-cookie"].partition(";")[0]
    assert "203.0.113.9" in browser.get("/me", headers=headers).text


def test_when_nobody_named_the_proxy_then_what_it_says_of_tls_and_address_is_not_believed(console):
    cookie = console.browser().get("/login", headers=FORWARDED).headers["set-cookie"]
    assert cookie.startswith("marrow-desk=")


@pytest.mark.parametrize("path", ["/desk/inbox/all", "/studio/questions"])
def test_when_a_page_breaks_then_the_log_names_what_broke_it_and_no_words(consoles, monkeypatch, caplog, path):
    console = consoles()
    browser = console.at_work("admin")

    words = "".join(("se", "cret"))  # a traceback has the line as it is written

    def broken(*_given: object, **_more: object) -> None:
        raise ZeroDivisionError(words)

    monkeypatch.setattr("bot.desk.render.Environment.get_template", broken)
    got = browser.http.get(path)

    assert got.status_code == 500
    end = time.monotonic() + 5
    while "unexpected" not in caplog.text and time.monotonic() < end:  # it is noted after the answer
        time.sleep(0.01)
    assert "unexpected ZeroDivisionError" in caplog.text
    assert words not in got.text + caplog.text
