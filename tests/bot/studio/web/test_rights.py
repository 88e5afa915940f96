"""Every route of the studio against every role."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.desk.guard import OPEN
from bot.desk.roles import ROLES, TEACH
from bot.studio.web.app import routes

TEACHERS = ("trainer", "admin")


def rows() -> list[tuple[str, str, str]]:
    return [(next(iter(route.methods - {"HEAD"})), route.path, route.right) for route in routes()]


def test_when_a_route_is_made_then_only_who_teaches_may_use_it() -> None:
    assert {right for _, path, right in rows() if not path.startswith(("/static", "/try/"))} == {TEACH}
    assert [path for _, path, right in rows() if right == OPEN] == ["/static/{file}", "/try/{token}/"]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_when_somebody_asks_then_only_their_role_decides(at_work, role: str) -> None:
    browser, wrong = at_work.at_work(role), []
    for method, path, right in rows():
        asked = path.replace("{label:path}", "topic/cost").replace("{file}", "studio.css")
        asked = asked.replace("{name}", "none.tar.gz").replace("{change}", "999").replace("{token}", "x")
        data = {"csrf": browser.csrf} if method == "POST" else None
        got = browser.http.request(method, f"/studio{asked}", data=data)
        refused = got.status_code == 403 and "may not do this" in got.text
        if refused == (right == OPEN or role in TEACHERS) or got.status_code >= 500:
            wrong.append((method, path, got.status_code))

    assert wrong == []


def test_when_nobody_is_logged_in_then_every_page_leads_to_the_login(at_work) -> None:
    browser = at_work.browser()
    for method, path, right in rows():
        if right == TEACH and method == "GET":
            got = browser.http.get(f"/studio{path}".replace("{label:path}", "topic/cost"))
            assert (got.status_code, got.headers["location"][:11]) == (303, "/desk/login")


@pytest.mark.parametrize(
    ("headers", "csrf"),
    [({}, "wrong"), ({"Origin": "https://evil.example"}, None), ({"Sec-Fetch-Site": "cross-site"}, None)],
    ids=["no token", "another origin", "another site"],
)
def test_when_another_site_posts_then_nothing_is_done(at_work, trained, headers, csrf) -> None:
    browser = at_work.at_work("trainer")

    got = browser.http.post("/studio/models/train", data={"csrf": csrf or browser.csrf}, headers=headers)

    assert got.status_code == 403
    assert trained == []
