"""From a question that was not answered to examples or a new question, as the pages do it."""

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
from bot.studio import history, keeping
from bot.studio.checker import Comparer
from bot.studio.files import Files
from bot.studio.questions import Studio
from tests.browser.desk.scene import understood

NEW = {
    "label": "topic/parking", "text": "You can park behind house two. The first hour is free.",
    "question": "Where can I park?", "source": "none", "owner": "Front office", "review_by": "2099-01-01",
    "next_shown": "1", "next": "contact_human", "added": "\n".join(f"where do I park, way {n}" for n in range(10)),
}  # fmt: skip


def asked(at_work, brain, brain_turn, words: str) -> Any:
    """A patient whose question was not understood."""
    turn = brain_turn("I did not understand.", label="fallback")
    brain.answer = lambda _body: {**turn, "understood": {"label": "topic/cost", "outcome": "fallback"}}
    patient = at_work.begin()
    patient.answer_to(patient.say(words).json()["seq"])
    return patient


def waiting(browser) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)" checked', browser.http.get("/studio/inbox").text)


@pytest.fixture
def browser(at_work):
    return at_work.at_work("trainer")


def post(browser, path: str, **data: Any):
    return browser.http.post(f"/studio{path}", data={"csrf": browser.csrf, **data})


def question(at_work, project, label: str):
    studio = Studio(Files(project), at_work.store, Settings(), None)  # type: ignore[arg-type]
    return {one.label: one for one in studio.questions()}.get(label)


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


def test_when_a_training_is_wished_for_then_it_starts(browser, trained) -> None:
    assert post(browser, "/models/train").status_code == 303
    assert trained == ["Anna"]


def test_when_there_is_nothing_to_promote_or_go_back_to_then_it_is_said(browser) -> None:
    assert post(browser, "/models/none.tar.gz/promote").status_code == 404
    assert post(browser, "/models/rollback").status_code == 404


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


def candidate(project, **about: Any) -> None:
    """A candidate of which this is known."""
    folder = project / "models" / "candidates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "marrow-1.tar.gz").write_bytes(b"model")
    known = {
        "sha256": "0" * 64, "fingerprint": "f", "made_at_ms": 1, "by": "Tea", "report": None, "signed": {},
        "tests": {"passed": True, "count": 1, "failed": []}, "replay": {"messages": 0, "days": 14, "changed": []},
        "promoted_at_ms": None,
    }  # fmt: skip
    (folder / "marrow-1.json").write_text(json.dumps(known | about))


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
