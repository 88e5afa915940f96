"""Every route of the desk against every role, from one table. A route that is not in the table fails the first test."""

from __future__ import annotations

from itertools import islice

import pytest
from starlette.routing import Mount, Route

from bot.desk import live
from bot.desk.app import routes
from bot.desk.guard import OPEN, SELF, _route
from bot.desk.roles import RIGHTS, ROLES, may
from bot.door.app import create_api
from bot.journal import staff

EVERYBODY, LOGGED_IN, HALF_WAY = "everybody", "logged in", "half way"
READERS = ("viewer", "agent", "trainer", "admin")
REVIEWERS = ("agent", "trainer", "admin")
TALKERS = ("agent", "admin")
TRAINERS = ("trainer", "admin")
ADMINS = ("admin",)

WHO = {
    "GET /": LOGGED_IN,
    "GET /static/{file}": EVERYBODY,
    "GET /login": EVERYBODY,
    "POST /login": EVERYBODY,
    "GET /login/single": EVERYBODY,
    "GET /login/single/back": EVERYBODY,
    "GET /welcome/{token}": EVERYBODY,
    "POST /welcome/{token}": EVERYBODY,
    "GET /login/code": HALF_WAY,
    "POST /login/code": HALF_WAY,
    "GET /second": HALF_WAY,
    "POST /second": HALF_WAY,
    "POST /logout/half": HALF_WAY,
    "POST /logout": LOGGED_IN,
    "POST /logout/everywhere": LOGGED_IN,
    "GET /me": LOGGED_IN,
    "POST /me/keys": LOGGED_IN,
    "POST /me/password": LOGGED_IN,
    "GET /me/second": LOGGED_IN,
    "POST /me/second": LOGGED_IN,
    "GET /inbox": READERS,
    "GET /inbox/{queue}": READERS,
    "GET /inbox/{queue}/{conversation}": READERS,
    "GET /part/list/{queue}": READERS,
    "GET /part/talk/{conversation}": READERS,
    "GET /live": READERS,
    "GET /answers": READERS,
    "GET /c/{conversation}/contacts": TALKERS,
    "GET /teach/{conversation}/{seq}": REVIEWERS,
    "POST /c/{conversation}/assign": REVIEWERS,
    "POST /c/{conversation}/tag": REVIEWERS,
    "POST /c/{conversation}/note": REVIEWERS,
    "POST /c/{conversation}/unnote": REVIEWERS,
    "POST /c/{conversation}/flag": REVIEWERS,
    "POST /c/{conversation}/teach": REVIEWERS,
    "POST /c/{conversation}/read": REVIEWERS,
    "POST /c/{conversation}/unread": REVIEWERS,
    "POST /c/{conversation}/take": TALKERS,
    "POST /c/{conversation}/release": TALKERS,
    "POST /c/{conversation}/reply": TALKERS,
    "POST /c/{conversation}/typing": TALKERS,
    "POST /c/{conversation}/settle": TALKERS,
    "GET /kept": TALKERS,
    "POST /kept": TALKERS,
    "POST /kept/remove": TALKERS,
    "GET /teaching": TRAINERS,
    "POST /teaching/{conversation}/{seq}": TRAINERS,
    "GET /find": READERS,
    "POST /find/keep": READERS,
    "POST /find/remove": READERS,
    "POST /find/export": TRAINERS,
    "GET /figures": READERS,
    "GET /people": ADMINS,
    "POST /people": ADMINS,
    "POST /people/{number}": ADMINS,
    "GET /audit": ADMINS,
    "GET /audit/check": ADMINS,
}


def rows_of(route: Route) -> set[str]:
    return {f"{method} {route.path}" for method in route.methods - {"HEAD"}}


def test_when_the_desk_has_a_route_then_it_is_in_the_table_and_the_other_way_round():
    assert sorted(row for route in routes() for row in rows_of(route)) == sorted(WHO)


def test_when_the_door_serves_then_nothing_but_these_routes_lies_under_the_desk(console):
    app = create_api(console.served.door.settings, console.served.door)
    under = [route for route in app.router.routes if getattr(route, "path", "").startswith("/desk")]

    (to_inbox,) = [route for route in under if isinstance(route, Route)]
    (mounted,) = [route for route in under if isinstance(route, Mount)]

    assert len(under) == 2
    assert to_inbox.endpoint.__name__ == "_to_desk"
    assert {row for route in mounted.app.routes for row in rows_of(route)} == set(WHO)
    assert all(route.right in (*RIGHTS, OPEN, "half", SELF) for route in mounted.app.routes)


def test_when_a_path_is_no_route_then_nobody_gets_anything_of_it(console):
    browsers = [console.browser(), console.at_work("admin")]
    for path in ("/inbox/", "/part/talk", "/find/export", "/audit/verify", "/static/app.py"):
        assert {browser.http.get(f"/desk{path}").status_code for browser in browsers} <= {404, 405}, path


def test_when_a_route_is_made_then_it_names_a_right_that_there_is():
    assert {getattr(route, "right", None) for route in routes()} <= {*RIGHTS, OPEN, "half", SELF}
    with pytest.raises(ValueError, match="is no right"):
        _route("/x", None, "everything", "GET", "x")


def test_when_the_role_is_unknown_then_it_may_do_nothing():
    assert not any(may("janitor", right) for right in RIGHTS)
    assert all(may("admin", right) for right in RIGHTS)


def path_of(row: str, conversation: str) -> tuple[str, str]:
    method, path = row.split(" ")
    for name, value in {
        "conversation": conversation, "queue": "review", "seq": "2", "file": "desk.css", "token": "x", "number": "999",
    }.items():  # fmt: skip
        path = path.replace(f"{{{name}}}", value)
    return method, path


def is_refused(got) -> bool:
    return got.status_code == 403 and "may not do this" in got.text


def to_login(got) -> bool:
    return got.status_code == 303 and got.headers["location"].startswith("/desk/login")


@pytest.fixture(scope="module")
def rows():
    return [row for row in WHO if row != "GET /live"]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_when_somebody_asks_then_only_their_role_decides(console, role, rows):
    patient = console.begin()
    browser = console.at_work(role)
    csrf = browser.csrf
    wrong = []
    for row in rows:
        if row.startswith(("POST /logout", "POST /me/password")):
            continue
        method, path = path_of(row, patient.conversation)
        got = browser.http.request(method, f"/desk{path}", data={"csrf": csrf} if method == "POST" else None)
        who = WHO[row]
        allowed = who in (EVERYBODY, LOGGED_IN) or (isinstance(who, tuple) and role in who)
        # half a login is behind whoever is logged in: they are sent on
        right = not is_refused(got) and got.status_code < 500 if allowed or who == HALF_WAY else is_refused(got)
        if not right:
            wrong.append((row, got.status_code))

    assert wrong == []


def test_when_nobody_is_logged_in_then_only_the_way_in_is_open(console, rows):
    patient = console.begin()
    browser = console.browser()
    browser.get("/login")
    wrong = []
    for row in rows:
        method, path = path_of(row, patient.conversation)
        got = browser.http.request(method, f"/desk{path}", data={"csrf": browser.csrf} if method == "POST" else None)
        if to_login(got) == (WHO[row] == EVERYBODY) or got.status_code >= 500:
            wrong.append((row, got.status_code, got.headers.get("location")))

    assert wrong == []


def test_when_the_second_step_is_still_to_come_then_nothing_else_is_open(consoles, rows):
    console = consoles(desk_second_step="required")
    patient, account = console.begin(), console.staff("admin")
    browser = console.browser()
    assert browser.log_in(account.email).headers["location"].startswith("/desk/second")
    browser.get("/second")
    wrong = []
    for row in [row for row in rows if WHO[row] not in (EVERYBODY, HALF_WAY)]:
        method, path = path_of(row, patient.conversation)
        got = browser.http.request(method, f"/desk{path}", data={"csrf": browser.csrf} if method == "POST" else None)
        if got.status_code != 303 or got.headers["location"] != "/desk/second":
            wrong.append((row, got.status_code, got.headers.get("location")))

    assert wrong == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_when_the_live_stream_is_asked_for_then_each_role_that_may_read_gets_it(console, role):
    with console.at_work(role).http.stream("GET", "/desk/live?c=x") as stream:
        assert stream.status_code == (200 if role in WHO["GET /live"] else 403)
        assert next(stream.iter_lines()) == "retry: 1000"


@pytest.mark.parametrize("how", ["nobody", "half way", "logged out", "closed"])
def test_when_the_live_stream_is_asked_for_without_a_login_then_there_is_none(consoles, how):
    console = consoles(desk_second_step="required" if how == "half way" else "optional")
    account, browser = console.staff("admin"), console.browser()
    console.staff("admin", "Cleo")
    if how != "nobody":
        browser.log_in(account.email)
    if how == "logged out":
        cookie = browser.http.cookies["marrow-desk"]
        browser.post("/logout")
        browser.http.cookies.set("marrow-desk", cookie)
    elif how == "closed":
        staff.change(console.store, account.id, "staff_disable", now_ms=1, actor="operator", disabled_at_ms=1)

    got = browser.http.get("/desk/live")

    assert (got.status_code, got.headers["location"].split("?")[0]) == (
        303, "/desk/second" if how == "half way" else "/desk/login",
    )  # fmt: skip


def test_when_a_login_ends_while_its_stream_is_open_then_the_stream_ends_and_says_so(console, monkeypatch):
    monkeypatch.setattr(live, "KEEP_ALIVE_S", 0.1)
    account, browser = console.staff("viewer"), console.browser()
    console.staff("admin", "Cleo")
    browser.log_in(account.email)
    with browser.http.stream("GET", "/desk/live") as stream:
        lines = stream.iter_lines()
        assert "event: ready" in (next(lines), next(lines), next(lines))

        staff.change(console.store, account.id, "staff_disable", now_ms=1, actor="operator", disabled_at_ms=1)

        assert "event: over" in islice(lines, 200)


@pytest.mark.parametrize("row", [row for row in WHO if row.startswith("GET /part/")])
def test_when_a_part_of_a_page_is_asked_for_without_a_login_then_the_whole_page_is_sent_to_it(console, row):
    patient = console.begin()
    _, path = path_of(row, patient.conversation)

    browser = console.browser()
    around = "http://hospital.example/desk/inbox/all?c=1"
    got = browser.http.get(f"/desk{path}", headers={"HX-Request": "true", "HX-Current-URL": around})

    assert (got.status_code, got.text) == (401, "")
    assert got.headers["hx-redirect"] == "/desk/login?to=%2Fdesk%2Finbox%2Fall%3Fc%3D1"  # not to the part alone
    assert browser.part(path).headers["hx-redirect"] == "/desk/login"


FORMS = [row for row in WHO if row.startswith("POST")]


@pytest.mark.parametrize("how", ["no token", "another session's token", "another site", "another origin"])
def test_when_a_write_was_not_meant_then_it_is_refused(console, how):
    patient = console.begin()
    browser, other = console.at_work("admin"), console.at_work("admin", "Eve")
    token = {"no token": "", "another session's token": other.csrf}.get(how, browser.csrf)
    headers = {"another site": {"Sec-Fetch-Site": "cross-site"}, "another origin": {"Origin": "https://evil.example"}}
    wrong = []
    for row in FORMS:
        _, path = path_of(row, patient.conversation)
        got = browser.http.post(f"/desk{path}", data={"csrf": token}, headers=headers.get(how))
        if got.status_code != 403 or "may not do this" in got.text:
            wrong.append((row, got.status_code))

    assert wrong == []
