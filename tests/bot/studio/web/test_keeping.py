"""Conversations kept as tests, from the desk and from the studio: who may, by which form, and what is written."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import audit
from bot.studio import keeping
from tests.bot.studio.web.conftest import post
from tests.browser.desk.scene import understood


@pytest.fixture
def talked(at_work, brain, brain_turn) -> Any:
    """A patient who was answered, and then not."""
    turn = brain_turn("About six weeks.", label="faq/cart_duration")
    brain.answer = lambda _body: {**turn, "understood": understood("faq/cart_duration", 0.9, "answer")}
    patient = at_work.begin()
    patient.answer_to(patient.say("how long does it take").json()["seq"])
    in_vain = brain_turn("I did not understand.", label="fallback")
    brain.answer = lambda _body: {**in_vain, "understood": understood("topic/cost", 0.2, "fallback")}
    patient.answer_to(patient.say("and the <zebra>").json()["seq"])
    return patient


def kept_in(project) -> list[dict[str, Any]]:
    """The tests that stand in the files; both files or neither."""
    found = keeping.kept(project)
    assert bool(found) == (project / keeping.STORIES).exists()
    return found


def test_when_a_message_waits_then_its_conversation_is_one_click_away_and_can_be_kept(
    at_work, browser, project, talked
) -> None:
    (project / "tests" / "stories").mkdir(parents=True)
    (project / "evaluation" / "sets").mkdir(parents=True)
    name = talked.conversation
    page = browser.http.get("/studio/inbox").text
    assert re.search(rf'href="/desk/inbox/all/{name}#l-\d+">conversation ', page)
    (link,) = re.findall(rf'href="(/studio/tests\?conversation={name})">keep as a test', page)

    form = browser.http.get(link).text
    assert "how long does it take" in form
    assert "zebra" not in form  # from there on it cannot be played
    (fields,) = re.findall(r'<form class="row" method="post" action="/studio/tests">(.*?)</form>', form)
    hidden = dict(re.findall(r'name="(csrf|conversation)" value="([^"]+)"', fields))
    got = browser.http.post("/studio/tests", data={**hidden, "name": "How long"})

    assert (got.status_code, got.headers["location"]) == (303, "/studio/tests?kept=1")
    assert [one["id"] for one in kept_in(project)] == ["How long"]
    assert [row.actor for row in audit.newest(at_work.store, action="studio_keep_test")] == ["staff:1"]
    again = post(browser, "/tests", conversation=name, name="How long")
    assert (again.status_code, "another name" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("role", "changed", "status"),
    [
        pytest.param("agent", {}, 403, id="no right"),
        pytest.param("viewer", {}, 403, id="may only read"),
        pytest.param("trainer", {"csrf": ""}, 403, id="no token"),
        pytest.param("trainer", {"csrf": "0" * 64}, 403, id="another session's token"),
        pytest.param("trainer", {"conversation": ""}, 422, id="no conversation"),
        pytest.param("trainer", {"conversation": "nobody"}, 404, id="an unknown one"),
        pytest.param("trainer", {"name": " "}, 409, id="no name"),
        pytest.param("trainer", {"name": "x" * 81}, 422, id="too long a name"),
    ],
)
def test_when_a_test_may_not_be_kept_then_nothing_is_written(
    at_work, project, talked, role: str, changed: dict[str, str], status: int
) -> None:
    browser = at_work.at_work(role)
    fields = {"csrf": browser.csrf, "conversation": talked.conversation, "name": "How long"}

    got = browser.http.post("/studio/tests", data=fields | changed)

    assert got.status_code == status
    assert kept_in(project) == []
    assert audit.newest(at_work.store, action="studio_keep_test") == []


@pytest.mark.parametrize(("role", "offered"), [("trainer", True), ("admin", True), ("agent", False), ("viewer", False)])
def test_when_a_conversation_is_open_at_the_desk_then_who_may_teach_can_keep_it(
    at_work, talked, role: str, offered: bool
) -> None:
    page = at_work.at_work(role).http.get(f"/desk/inbox/all/{talked.conversation}").text

    assert "how long does it take" in page
    assert (f'href="/studio/tests?conversation={talked.conversation}">Keep as a test' in page) == offered


def test_when_a_kept_test_is_removed_then_the_page_no_longer_has_it(at_work, browser, project) -> None:
    (project / "tests" / "stories").mkdir(parents=True)
    (project / "evaluation" / "sets").mkdir(parents=True)
    story = "- story: Hello\n  steps:\n  - user: |\n      hello\n    intent: greet\n  - action: utter_greet\n"
    (project / keeping.STORIES).write_text(f'version: "3.1"\nstories:\n{story}')
    line = {"id": "Hello", "turns": [{"user": "hello", "label": "greet"}]}
    (project / keeping.REPLAY).write_text(json.dumps(line) + "\n")
    assert "Remove this test" in browser.http.get("/studio/tests").text

    got = post(browser, "/tests/remove", name="Hello")

    assert (got.status_code, got.headers["location"]) == (303, "/studio/tests?removed=1")
    assert "Remove this test" not in browser.http.get("/studio/tests?removed=1").text
    assert keeping.kept(project) == []
    assert audit.newest(at_work.store, action="studio_remove_test")
    assert post(browser, "/tests/remove", name="Hello").status_code == 404
