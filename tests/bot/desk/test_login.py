"""Logging in: password, second step, limits, sessions, and where it leads.

Longer than 300 lines because every way in is tried with every way of being refused.
"""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import select, text

from bot.desk import login
from bot.desk.vault import weakness
from bot.journal import audit, sessions, staff
from bot.journal.staff_models import Staff

HOUR_MS = 3_600_000


def cookie(browser):
    return browser.http.cookies.get("marrow-desk")


def is_in(browser):
    return browser.get("/inbox/review").status_code == 200


def test_when_the_password_is_right_then_the_inbox_opens_under_a_new_session(console):
    account, browser = console.staff(), console.browser()
    browser.get("/login")
    before = cookie(browser)

    got = browser.log_in(account.email)

    assert (got.status_code, got.headers["location"]) == (303, "/desk/inbox")
    assert is_in(browser)
    assert before
    assert cookie(browser) != before


def test_when_logged_in_then_the_cookie_is_kept_from_scripts_and_other_sites(console):
    account, browser = console.staff(), console.browser()

    said = browser.log_in(account.email).headers["set-cookie"].lower()

    assert all(part in said for part in ("httponly", "samesite=lax", "path=/"))
    assert "max-age" not in said


def test_when_the_door_is_behind_https_then_the_cookie_is_secure_and_bound_to_the_host(consoles):
    console = consoles(trusted_proxies="127.0.0.1")
    account, browser = console.staff(), console.browser()
    browser.http.headers["X-Forwarded-Proto"] = "https"

    got = browser.get("/login")

    assert got.headers["set-cookie"].startswith("__Host-marrow-desk=")
    assert "secure" in got.headers["set-cookie"].lower()
    assert account.active


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("anna.agent@hospital.example", "wrong horse battery staple", id="wrong password"),
        pytest.param("nobody@hospital.example", "winter coat on a green hook", id="no such account"),
        pytest.param("anna.agent@hospital.example", "", id="empty"),
        pytest.param("' OR 1=1 --", "x", id="sql"),
    ],
)
def test_when_the_login_is_wrong_then_it_does_not_say_why(console, email, password):
    console.staff()
    browser = console.browser()

    got = browser.log_in(email, password)

    assert got.status_code == 401
    assert login.WRONG in got.text
    assert not is_in(browser)


def test_when_an_account_is_closed_then_its_browsers_are_out_and_it_cannot_log_in(console):
    account, browser = console.staff(), console.browser()
    browser.log_in(account.email)
    console.staff("admin", "Cleo")
    now_ms = console.served.clock.now_ms()

    staff.change(console.store, account.id, "staff_disable", now_ms=now_ms, actor="operator", disabled_at_ms=now_ms)

    assert not is_in(browser)
    assert console.browser().log_in(account.email).status_code == 401


def test_when_an_account_is_tried_too_often_then_even_the_right_password_waits(consoles):
    console = consoles(desk_login_attempts=3)
    account, browser = console.staff(), console.browser()
    for _ in range(3):
        assert browser.log_in(account.email, "wrong").status_code == 401

    assert browser.log_in(account.email).status_code == 429
    assert console.browser().log_in(account.email).status_code == 429
    console.served.clock.ahead_ms += sessions.WINDOW_MS + 1
    assert browser.log_in(account.email).status_code == 303


def test_when_an_address_tries_many_accounts_then_it_waits(consoles):
    console = consoles(desk_login_attempts=2)
    browser = console.browser()
    tries = [browser.log_in(f"{number}@hospital.example", "wrong").status_code for number in range(11)]

    assert tries == [401] * 10 + [429]


def test_when_a_login_succeeds_then_the_tries_before_it_are_forgotten(consoles):
    console = consoles(desk_login_attempts=3)
    account = console.staff()
    for _ in range(4):
        assert console.browser().log_in(account.email, "wrong").status_code == 401
        assert console.browser().log_in(account.email).status_code == 303


@pytest.mark.parametrize(
    ("idle_ms", "busy"),
    [pytest.param(61 * 60_000, False, id="idle"), pytest.param(30 * 60_000, True, id="busy all day")],
)
def test_when_a_session_is_idle_or_too_old_then_it_is_over(console, idle_ms, busy):
    browser = console.at_work()
    for _ in range(25 if busy else 1):
        console.served.clock.ahead_ms += idle_ms
        if not busy:
            break
        if console.served.clock.ahead_ms < 12 * HOUR_MS:
            assert is_in(browser)

    assert not is_in(browser)


def test_when_a_page_only_keeps_itself_up_to_date_then_the_session_still_gets_idle(console):
    browser = console.at_work()
    for _ in range(2):
        console.served.clock.ahead_ms += 31 * 60_000
        browser.part("/part/list/review?live")

    assert not is_in(browser)


def test_when_logged_out_then_the_old_cookie_opens_nothing(console):
    browser = console.at_work()
    token = cookie(browser)

    browser.post("/logout")

    browser.http.cookies.set("marrow-desk", token)
    assert not is_in(browser)


def test_when_logged_out_everywhere_then_the_other_browsers_are_out_too(console):
    account, one, two = console.staff(), console.browser(), console.browser()
    one.log_in(account.email), two.log_in(account.email)

    one.post("/logout/everywhere")

    assert not is_in(two)


def test_when_the_password_is_changed_then_only_this_browser_stays(console):
    account, one, two = console.staff(), console.browser(), console.browser()
    one.log_in(account.email), two.log_in(account.email)
    new = "seven quiet boats at noon"

    wrong = one.post("/me/password", {"old": "no", "password": new, "again": new})
    right = one.post("/me/password", {"old": "winter coat on a green hook", "password": new, "again": new})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert is_in(one)
    assert not is_in(two)
    assert console.browser().log_in(account.email, new).status_code == 303


def test_when_the_journal_is_read_then_no_session_password_or_key_stands_in_it(console):
    browser = console.at_work()
    console.store.scrub()

    raw = b"".join(file.read_bytes() for file in console.store.files())

    assert cookie(browser).encode() not in raw
    assert b"winter coat" not in raw
    with console.store.read() as connection:
        assert connection.execute(select(Staff.password_hash)).scalar_one().startswith("$argon2id$")


def secret_on(page):
    return re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page.text)[1].replace(" ", "")


def set_up(console, browser, path="/second"):
    page = browser.get(path)
    secret = secret_on(page)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)[1]
    now_s = console.served.clock.now_ms() / 1000
    password = {} if path == "/second" else {"password": "winter coat on a green hook"}
    done = browser.post(path, {"sealed": sealed, "code": pyotp.TOTP(secret).at(now_s), **password})
    return secret, done


def test_when_the_second_step_is_needed_then_it_is_set_up_at_the_first_login_and_asked_for_at_the_next(consoles):
    console = consoles(desk_second_step="required")
    account, browser = console.staff(), console.browser()
    assert browser.log_in(account.email).headers["location"].startswith("/desk/second")
    page = browser.get("/second")
    assert "data:image/svg+xml" in page.text
    assert not is_in(browser)

    secret, done = set_up(console, browser)

    assert done.status_code == 200
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert is_in(browser)
    console.served.clock.ahead_ms += 60_000
    other = console.browser()
    assert other.log_in(account.email).headers["location"].startswith("/desk/login/code")
    assert not is_in(other)
    other.get("/login/code")
    before = cookie(other)
    code = pyotp.TOTP(secret).at(console.served.clock.now_ms() / 1000)
    assert other.post("/login/code", {"code": code}).headers["location"] == "/desk/inbox"
    assert cookie(other) != before
    assert is_in(other)


def test_when_a_code_comes_twice_then_the_second_one_opens_nothing(consoles):
    console = consoles(desk_second_step="required")
    account, browser = console.staff(), console.browser()
    browser.log_in(account.email)
    secret, _ = set_up(console, browser)

    def with_code(code):
        other = console.browser()
        other.log_in(account.email)
        other.get("/login/code")
        return other.post("/login/code", {"code": code}).status_code

    totp = pyotp.TOTP(secret)
    # the one that set it up is used as well
    assert with_code(totp.at(console.served.clock.now_ms() / 1000)) == 401
    console.served.clock.ahead_ms += 60_000
    code = totp.at(console.served.clock.now_ms() / 1000)
    assert [with_code(code), with_code(code)] == [303, 401]
    assert with_code(totp.at(console.served.clock.now_ms() / 1000 - 30)) == 401


def test_when_a_recovery_code_is_used_then_it_works_once(consoles):
    console = consoles(desk_second_step="required")
    account, browser = console.staff(), console.browser()
    browser.log_in(account.email)
    _, done = set_up(console, browser)
    code = re.search(r"<li><code>([a-z2-7-]+)</code>", done.text)[1]

    def use(code):
        other = console.browser()
        other.log_in(account.email)
        other.get("/login/code")
        return other.post("/login/code", {"code": code}).status_code

    assert [use(code.upper().replace("-", " ")), use(code), use("aaaa-bbbb-cccc-dddd")] == [303, 401, 401]


def test_when_codes_are_guessed_then_the_account_waits(consoles):
    console = consoles(desk_second_step="required", desk_login_attempts=4)
    account, browser = console.staff(), console.browser()
    browser.log_in(account.email)
    set_up(console, browser)
    other = console.browser()
    other.log_in(account.email)
    other.get("/login/code")

    tries = [other.post("/login/code", {"code": f"{number:06d}"}).status_code for number in range(6)]

    assert tries[-1] == 429


def test_when_the_second_step_is_set_up_anew_then_the_password_is_needed(console):
    browser = console.at_work()
    page = browser.get("/me/second")
    secret = secret_on(page)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)[1]
    code = pyotp.TOTP(secret).at(console.served.clock.now_ms() / 1000)

    assert browser.post("/me/second", {"sealed": sealed, "code": code, "password": "no"}).status_code == 422
    _, done = set_up(console, browser, "/me/second")
    assert done.status_code == 200


def test_when_a_secret_of_somebody_else_is_sent_then_it_is_not_set(console):
    mine, other = console.at_work(), console.at_work("agent", "Eve")
    page = other.get("/me/second")
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)[1]
    code = pyotp.TOTP(secret_on(page)).at(console.served.clock.now_ms() / 1000)

    got = mine.post("/me/second", {"sealed": sealed, "code": code, "password": "winter coat on a green hook"})

    assert got.status_code == 422


def test_when_a_link_is_used_then_it_sets_the_password_once(console):
    now_ms = console.served.clock.now_ms()
    staff.add(
        console.store, email="New@Hospital.example", name="Nia", role="viewer", now_ms=now_ms, actor="operator",
        invite="link-secret", invite_until_ms=now_ms + 60_000,
    )  # fmt: skip
    browser, new = console.browser(), "seven quiet boats at noon"
    assert "Welcome, Nia" in browser.get("/welcome/link-secret").text
    assert browser.post("/welcome/link-secret", {"password": "short", "again": "short"}).status_code == 422
    assert browser.post("/welcome/link-secret", {"password": new, "again": new + "x"}).status_code == 422

    assert browser.post("/welcome/link-secret", {"password": new, "again": new}).status_code == 303

    assert is_in(browser)
    assert console.browser().get("/welcome/link-secret").status_code == 410
    assert console.browser().log_in("new@hospital.example ", new).status_code == 303


def test_when_a_link_is_over_then_it_sets_nothing(console):
    now_ms = console.served.clock.now_ms()
    staff.add(
        console.store, email="new@hospital.example", name="Nia", role="viewer", now_ms=now_ms, actor="operator",
        invite="link-secret", invite_until_ms=now_ms + 1000,
    )  # fmt: skip
    console.served.clock.ahead_ms += 2000

    assert console.browser().get("/welcome/link-secret").status_code == 410


@pytest.mark.parametrize(
    ("password", "usable"),
    [
        pytest.param("winter coat on a green hook", True, id="words"),
        pytest.param("kX9#mQ2$vL7!", True, id="signs"),
        pytest.param("пять синих лодок", True, id="another script"),
        pytest.param("short one", False, id="short"),
        pytest.param("aaaaaaaaaaaaaaaa", False, id="one letter"),
        pytest.param("abcabcabcabcabc", False, id="repeated"),
        pytest.param("password1234", False, id="most used"),
        pytest.param("Passwort123456", False, id="most used, German"),
        pytest.param("qwerty123456", False, id="keyboard"),
        pytest.param("anna.agent@hospital.example", False, id="own address"),
        pytest.param("Hospital2026!", False, id="the place and the year"),
        pytest.param("x" * 300, False, id="too long"),
    ],
)
def test_when_a_password_is_easy_to_guess_then_it_is_refused(password, usable):
    assert (weakness(password, "Anna", "anna.agent@hospital.example") == "") is usable


@pytest.mark.parametrize(
    ("to", "where"),
    [
        ("/desk/inbox/all/abc?lines=9", "/desk/inbox/all/abc?lines=9"),
        ("https://evil.example/desk/", "/desk/inbox"),
        ("//evil.example/desk/x", "/desk/inbox"),
        ("/\\evil.example", "/desk/inbox"),
        ("/desk//evil.example", "/desk/inbox"),
        ("/desk/../demo", "/desk/inbox"),
        ("javascript:alert(1)", "/desk/inbox"),
        ("/demo", "/desk/inbox"),
        ("/studio/questions/faq/x?back=1", "/studio/questions/faq/x?back=1"),
        ("/studio/../demo", "/desk/inbox"),
        ("/desk/x\r\nSet-Cookie: a=b", "/desk/inbox"),
        ("", "/desk/inbox"),
    ],
)
def test_when_a_login_leads_on_then_only_to_desk_and_studio(to, where):
    assert login.inside(to) == where


def test_when_a_shared_link_needs_a_login_then_it_leads_there_afterwards(console):
    patient, account, browser = console.begin(), console.staff(), console.browser()
    asked = f"/inbox/all/{patient.conversation}"
    sent_to = browser.get(asked).headers["location"]
    browser.http.get(sent_to)
    browser.get("/login")

    got = browser.post(
        "/login", {"email": account.email, "password": "winter coat on a green hook", "to": f"/desk{asked}"}
    )

    assert sent_to.startswith("/desk/login?to=%2Fdesk%2Finbox%2Fall%2F")
    assert got.headers["location"] == f"/desk{asked}"


def test_when_somebody_logs_in_then_the_audit_says_who_and_from_where(console):
    browser = console.at_work()
    browser.post("/logout")

    rows = audit.newest(console.store)

    assert [row.action for row in rows][:2] == ["logout", "login"]
    assert rows[1].detail["address"] == "127.0.0.1"
    assert audit.verify(console.store).faults == ()


def test_when_a_login_is_refused_then_the_audit_says_whose_account_and_from_where_but_not_what_was_typed(console):
    account = console.staff()
    console.browser().log_in(account.email, "wrong horse battery")
    console.browser().log_in("nobody@hospital.example", "wrong horse battery")

    rows = [row for row in audit.newest(console.store) if row.action == "login_refused"]

    assert [row.subject for row in rows] == ["somebody", f"staff:{account.id}"]
    assert {row.detail["address"] for row in rows} == {"127.0.0.1"}
    assert "nobody" not in str(rows)
    assert "horse" not in str(rows)


def test_when_the_last_admin_would_go_then_it_is_refused(console):
    account, browser = console.staff("admin"), console.browser()
    browser.log_in(account.email)

    got = browser.post(f"/people/{account.id}", {"what": "close"})

    assert got.status_code == 409
    assert is_in(browser)
    with console.store.read() as connection:
        assert connection.execute(text("SELECT disabled_at_ms FROM staff")).scalar_one() is None
