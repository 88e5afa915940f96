"""From a question that was not answered to examples or a new question, and models, as the pages do it."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import audit
from tests.bot.studio.web.conftest import asked, candidate, post, question, waiting


@pytest.mark.parametrize(
    "path", ["/inbox", "/questions", "/new", "/models", "/tests", "/q/topic/cost", "/q/contact_human"]
)
def test_when_a_page_is_opened_then_it_is_there(browser, path: str) -> None:
    got = browser.http.get(f"/studio{path}")

    assert got.status_code == 200
    assert "<h1" in got.text


def test_when_a_question_is_unknown_then_it_is_said(browser) -> None:
    assert browser.http.get("/studio/q/topic/none").status_code == 404
    assert browser.http.get("/studio/models/none.tar.gz").status_code == 404


def test_when_a_training_is_wished_for_then_it_starts(browser, trained) -> None:
    assert post(browser, "/models/train").status_code == 303
    assert trained == ["Anna"]


def test_when_there_is_nothing_to_promote_or_go_back_to_then_it_is_said(browser) -> None:
    assert post(browser, "/models/none.tar.gz/promote").status_code == 404
    assert post(browser, "/models/rollback").status_code == 404


def test_when_a_reading_changes_then_the_message_before_it_is_shown(at_work, browser, project) -> None:
    patient = at_work.begin()
    first, second = (patient.say(words).json()["seq"] for words in ("about <b>cord</b> blood", "and how long?"))
    changed = [
        {"old": "clarify", "new": new, "times": 1, "places": [[patient.conversation, seq]]}
        for new, seq in (("faq/cord_blood_uses", first), ("faq/bmt_duration", second))
    ]
    candidate(project, replay={"messages": 2, "days": 14, "changed": changed})

    page = browser.http.get("/studio/models/marrow-1.tar.gz").text

    assert "<li>about &lt;b&gt;cord&lt;/b&gt; blood</li>" in page
    assert re.search(r"<li>and how long\? <span[^>]*>after “about &lt;b&gt;cord&lt;/b&gt; blood”</span></li>", page)


def test_when_a_candidate_is_out_of_date_then_its_page_says_so_and_measures_it_again(browser, project, trained) -> None:
    candidate(project)
    page = browser.http.get("/studio/models/marrow-1.tar.gz").text
    assert "measured against another live model (replay)" in page
    assert "/studio/models/marrow-1.tar.gz/measure" in page

    got = post(browser, "/models/marrow-1.tar.gz/measure")

    assert (got.status_code, got.headers["location"], trained) == (303, "/studio/models", ["Anna marrow-1.tar.gz"])


def test_when_a_question_in_vain_becomes_an_example_then_it_is_saved_and_leaves_the_inbox(
    at_work, browser, project, brain, brain_turn
) -> None:
    asked(at_work, brain, brain_turn, "what is the tariff for a room")
    (key,) = waiting(browser)

    went = post(browser, "/inbox", key=key, label="topic/cost")

    assert went.headers["location"] == f"/studio/q/topic/cost?key={key}"
    form = browser.http.get(went.headers["location"]).text
    assert re.search(r'<textarea name="added"[^>]*>what is the tariff for a room</textarea>', form)
    assert f'<input type="hidden" name="key" value="{key}">' in form
    (version,) = re.findall(r'name="version" value="([^"]+)"', form)
    saved = post(browser, "/q/topic/cost", version=version, key=key, added="what is the tariff for a room")
    assert saved.status_code == 303
    assert question(at_work, project, "topic/cost").examples[-1] == "what is the tariff for a room"
    assert waiting(browser) == []
    assert audit.newest(at_work.store, action="studio_used")[0].subject == "topic/cost"


def test_when_a_new_question_is_chosen_then_its_form_has_the_message_and_nothing_chosen_is_refused(
    at_work, browser, brain, brain_turn
) -> None:
    asked(at_work, brain, brain_turn, "is there a place for my car")
    (key,) = waiting(browser)

    went = post(browser, "/inbox", key=key, label="")

    assert went.headers["location"] == f"/studio/new?key={key}"
    assert ">is there a place for my car</textarea>" in browser.http.get(went.headers["location"]).text
    assert post(browser, "/inbox", label="topic/cost").status_code == 422


def test_when_a_message_holds_a_phone_number_then_trainers_never_see_it(at_work, browser, brain, brain_turn) -> None:
    asked(at_work, brain, brain_turn, "please call me on +44 20 7946 0958 about the tariff")
    (key,) = waiting(browser)
    shown = browser.http.get("/studio/inbox").text

    assert "[phone number] about the tariff" in shown
    taken = browser.http.get(f"/studio/q/topic/cost?key={key}").text
    assert "[phone number] about the tariff" in taken
    assert "7946" not in shown + taken


def test_when_an_answer_gets_a_thumb_down_then_its_question_waits(at_work, browser) -> None:
    patient = at_work.begin()
    line = patient.answer_to(patient.say("how long is the treatment").json()["seq"])
    assert waiting(browser) == []

    patient.post("feedback", seq=line["seq"], value="down").raise_for_status()

    assert len(waiting(browser)) == 1
    assert "thumbs down" in browser.http.get("/studio/inbox").text


def test_when_a_message_is_discarded_then_it_is_found_again_and_waits_after_undo(
    at_work, browser, brain, brain_turn
) -> None:
    asked(at_work, brain, brain_turn, "do you like <b>zebras</b>")
    (key,) = waiting(browser)
    assert 'id="discarded"' not in browser.http.get("/studio/inbox").text

    assert post(browser, "/inbox/discard", key=key).status_code == 303

    assert waiting(browser) == []
    away = browser.http.get("/studio/inbox").text.partition('id="discarded"')[2]
    assert "do you like &lt;b&gt;zebras&lt;/b&gt;" in away
    assert f'name="key" value="{key}"' in away
    assert post(browser, "/inbox/reopen", key=key).status_code == 303
    assert waiting(browser) == [key]
    assert 'id="discarded"' not in browser.http.get("/studio/inbox").text
