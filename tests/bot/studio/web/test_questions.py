"""Questions on their pages: the list, one of them, a new one, its preview, and what the check and an undo say."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.desk.render import POLICY
from bot.errors import ModelError
from bot.journal import audit
from bot.settings import Settings
from bot.studio import history
from bot.studio.checker import Comparer
from bot.studio.files import Files
from bot.studio.questions import Studio
from tests.bot.studio.web.conftest import asked, candidate, post, question, waiting

NEW = {
    "label": "topic/parking", "text": "You can park behind house two. The first hour is free.",
    "question": "Where can I park?", "source": "none", "owner": "Front office", "review_by": "2099-01-01",
    "next_shown": "1", "next": "contact_human", "added": "\n".join(f"where do I park, way {n}" for n in range(10)),
}  # fmt: skip


def row_of(browser, label: str) -> list[str]:
    """The cells of a question in the list, as words."""
    page = browser.http.get("/studio/questions").text
    (row,) = re.findall(rf'<tr>\s*<th scope="row"><a href="/studio/q/{label}">.*?</tr>', page, re.DOTALL)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]


def test_when_questions_are_listed_then_each_says_how_it_was_asked_and_what_the_live_model_confuses(
    at_work, browser, project, brain, brain_turn
) -> None:
    assert row_of(browser, "topic/cost")[1:4] == ["0", "0, 0", "not measured"]
    turn = brain_turn("It depends.", label="topic/cost")
    for language in ("de", "de", "ar"):
        said = {"label": "topic/cost", "outcome": "answer", "language": language}
        brain.answer = lambda _body, said=said: {**turn, "understood": said}
        patient = at_work.begin()
        patient.answer_to(patient.say("kosten").json()["seq"])
    live = project / "models" / "marrow-1.tar.gz"
    live.parent.mkdir()
    live.write_bytes(b"model")
    sha256 = hashlib.sha256(b"model").hexdigest()
    (project / "models" / "current.json").write_text(json.dumps({"file": live.name, "sha256": sha256}))
    pairs = [["topic/cost", "topic/cost"]] * 9 + [["topic/cost", "topic/insurance"]]
    danger = {"candidate": {"caught": 1}}
    candidate(project, sha256=sha256, report={"confusion": pairs, "danger": danger})

    row = row_of(browser, "topic/cost")
    assert row[1:4] == ["3", "0, 0", "9 of 10 right 1 read as topic/insurance"]
    assert row[-1] == "de 2 , ar 1"
    assert row_of(browser, "topic/insurance")[3] == "not measured 1 of others read as this"


def test_when_a_new_question_is_saved_then_it_is_in_the_files(at_work, browser, project) -> None:
    got = post(browser, "/new", **NEW)

    assert got.headers["location"] == "/studio/q/topic/parking?saved=1"
    made = question(at_work, project, "topic/parking")
    assert (len(made.examples), made.text, made.next) == (10, NEW["text"], ("contact_human",))
    assert audit.newest(at_work.store, action="studio_add")


def test_when_an_example_collides_then_it_blocks_until_a_reason_is_written(at_work, browser, project, said) -> None:
    said.collisions = [
        {"example": "where do I park, way 3", "other": "room <near> you", "label": "topic/accommodation", "same": False,
         "likeliest": "topic/accommodation"}
    ]  # fmt: skip

    got = post(browser, "/new", **NEW)

    assert got.status_code == 422
    assert "room &lt;near&gt; you" in got.text
    assert 'name="reason"' in got.text
    assert question(at_work, project, "topic/parking") is None

    assert post(browser, "/new", **NEW, reason="They are told apart.").status_code == 303


def test_when_something_must_be_changed_then_no_reason_is_asked_for(browser) -> None:
    got = post(browser, "/new", **{**NEW, "text": "It costs 12 dollars."})

    assert got.status_code == 422
    assert "figure typed by hand" in got.text
    assert 'name="reason"' not in got.text


def test_when_somebody_was_quicker_then_it_is_said(at_work, browser, project) -> None:
    got = post(browser, "/q/topic/cost", version="0" * 16, text="Other words.")

    assert got.status_code == 409
    assert question(at_work, project, "topic/cost").text != "Other words."


def test_when_a_change_is_undone_then_the_question_is_as_before(at_work, browser, project) -> None:
    before = question(at_work, project, "topic/cost")
    post(browser, "/q/topic/cost", version=before.version, added="a price for two", remove="0")
    changed = question(at_work, project, "topic/cost")
    assert changed.examples == (*before.examples[1:], "a price for two")

    assert post(browser, "/undo/1").status_code == 303

    assert set(question(at_work, project, "topic/cost").examples) == set(before.examples)


def test_when_a_change_cannot_be_undone_then_the_page_says_why(at_work, browser, project) -> None:
    before, other = (question(at_work, project, label) for label in ("topic/cost", "topic/insurance"))
    post(browser, "/q/topic/cost", version=before.version, remove="0")
    post(browser, "/q/topic/insurance", version=other.version, added=before.examples[0])

    got = post(browser, "/undo/1")

    assert got.status_code == 409
    assert "is an example of topic/insurance now" in got.text
    assert question(at_work, project, "topic/cost").examples == before.examples[1:]


def test_when_an_answer_is_withdrawn_then_the_page_says_so(at_work, browser, project) -> None:
    assert post(browser, "/retire", label="faq/bmt_survival", reason="").status_code == 422
    assert post(browser, "/retire", label="faq/bmt_survival", reason="Being checked.").status_code == 303
    assert question(at_work, project, "faq/bmt_survival").state == "withdrawn"


def test_when_a_made_topic_without_a_source_is_opened_then_it_can_be_withdrawn(at_work, browser, project) -> None:
    post(browser, "/new", **NEW)
    assert 'action="/studio/retire"' in browser.http.get("/studio/q/topic/parking").text

    assert post(browser, "/retire", label="topic/parking", reason="The garage is closed.").status_code == 303
    assert question(at_work, project, "topic/parking").state == "withdrawn"


def test_when_words_were_reviewed_without_a_change_then_the_day_is_noted(at_work, browser, project) -> None:
    before = question(at_work, project, "topic/cost")
    today = Studio(Files(project), at_work.store, Settings(), None).today().isoformat()  # type: ignore[arg-type]
    assert f'value="{before.reviewed_on}" readonly' in browser.http.get("/studio/q/topic/cost").text
    assert before.reviewed_on < today

    assert post(browser, "/q/topic/cost", version=before.version, reviewed="1").status_code == 303

    after = question(at_work, project, "topic/cost")
    assert after == replace(before, reviewed_on=today)
    assert [one.fields for one in history.of(at_work.store, "topic/cost")] == [("reviewed_on",)]
    assert audit.newest(at_work.store, action="studio_change")[0].subject == "topic/cost"


def events(got) -> list[dict[str, Any]]:
    """What the frame of the preview gets."""
    (held,) = re.findall(r'data-events="([^"]*)"', got.text)
    return list(json.loads(unescape(held)))


def test_when_an_answer_is_written_then_the_preview_fills_it_in(browser) -> None:
    got = post(browser, "/preview", text="Ask {hospital.name}.\n<b>{no.such}</b>")

    assert "&lt;b&gt;" in got.text
    assert "no.such" in got.text
    assert events(post(browser, "/preview", text="Ask {hospital.name}."))[-1]["text"] == "Ask Test hospital."


def test_when_other_fields_are_changed_then_the_preview_has_them_before_they_are_saved(
    at_work, browser, project
) -> None:
    now = question(at_work, project, "faq/cart_duration")
    form = {"text": now.text, "question": now.question, "source": now.source, "owner": now.owner, "state": now.state,
            "review_by": now.review_by, "next_shown": "1", "next": "topic/cost"}  # fmt: skip

    def shown(**more: str) -> dict[str, Any]:
        asked, said = events(post(browser, "/preview?label=faq/cart_duration", **form | more))
        assert asked["text"] == now.question
        return dict(said)

    before, today = shown(), Studio(Files(project), at_work.store, Settings(), None).today().isoformat()  # type: ignore[arg-type]
    assert before["answer"]["reviewed_on"] == now.reviewed_on
    assert before["buttons"][0]["label"] == question(at_work, project, "topic/cost").question
    after = shown(owner="Somebody else", review_by="2098-01-01", reviewed="1")["answer"]
    assert (after["owner"], after["review_by"], after["reviewed_on"]) == ("Somebody else", "2098-01-01", today)
    assert shown(text="New words.")["answer"]["reviewed_on"] == today
    held = post(browser, "/preview?label=faq/cart_duration", **form | {"state": "draft", "state_reason": "x"})
    assert "Patients do not get it: draft" in held.text
    assert question(at_work, project, "faq/cart_duration") == now


def test_when_a_question_is_opened_then_it_alone_may_frame_and_only_the_studio_may_frame_the_widget(browser) -> None:
    page, frame = browser.http.get("/studio/q/topic/cost"), browser.http.get("/studio/preview/widget")

    assert page.headers["content-security-policy"] == f"{POLICY}; frame-src 'self'"
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'self'" in frame.headers["content-security-policy"]
    assert "frame-src" not in frame.headers["content-security-policy"]
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"
    assert browser.http.get("/studio/questions").headers["content-security-policy"] == POLICY


def proposed(got) -> dict[str, bool]:
    """The messages that a page proposes, and whether each is ticked."""
    found = re.findall(r'name="near" id="near-[\w-]+" value="([^"]*)"( checked)?', got.text)
    return {unescape(words): bool(ticked) for words, ticked in found}


def test_when_a_name_is_typed_then_waiting_messages_near_to_it_are_proposed(
    at_work, browser, brain, brain_turn, said
) -> None:
    asked(at_work, brain, brain_turn, "is there a place for my <car>")
    asked(at_work, brain, brain_turn, "do you have a garage")
    assert proposed(browser.http.get("/studio/new")) == {}
    assert proposed(post(browser, "/near", label="topic/")) == {}

    first = post(browser, "/near", label="topic/car_park")
    assert proposed(first) == {"is there a place for my <car>": False, "do you have a garage": False}
    assert said.near == ["car park"]

    said.nearness = 0.4
    later = post(browser, "/near", label="topic/car_park", added="where do I park\n", near="do you have a garage")
    assert proposed(later) == {"do you have a garage": True}
    assert said.near == ["car park", "where do I park"]


def test_when_near_messages_cannot_be_looked_for_then_it_is_said_and_the_form_is_there(
    at_work, browser, brain, brain_turn, monkeypatch
) -> None:
    asked(at_work, brain, brain_turn, "do you have a garage")
    (key,) = waiting(browser)

    def broken(_self: Comparer, op: str, **_request: Any) -> Any:
        raise ModelError(f"studio: no {op} now")

    monkeypatch.setattr(Comparer, "ask", broken)

    typed = {"csrf": browser.csrf, "label": "topic/parking"}
    got = browser.http.post("/studio/near", data=typed, headers={"HX-Request": "true"})
    assert 'hx-swap-oob="innerHTML:#near-said">Near messages cannot be looked for now: no near now<' in got.text
    form = browser.http.get(f"/studio/new?key={key}")
    assert (form.status_code, "no near now" in form.text) == (200, False)  # nothing else waits
    asked(at_work, brain, brain_turn, "and a second one")
    assert "no near now" in browser.http.get(f"/studio/new?key={key}").text
