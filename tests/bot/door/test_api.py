"""The patient API over HTTP, with a real journal."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.journal import contacts
from bot.journal.models import Conversation


def test_when_a_patient_agrees_then_a_conversation_begins_with_a_greeting(served):
    response = served.http.post("/api/v1/conversations", json={"consent": True, "language": "en-GB"})
    assert response.status_code == 201
    begun = response.json()
    assert set(begun) == {"conversation", "token", "expires_at"}
    assert len(begun["conversation"]) >= 22  # 128 bit in base64
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", begun["expires_at"])
    patient = served.begin().greeted()
    (greeting,) = patient.events()
    assert greeting["seq"] == 1
    assert greeting["from"] == "bot"
    assert greeting["answer"] == {"label": "greet"}
    assert greeting["text"] == "hello from the brain"


@pytest.mark.parametrize("body", [{}, {"consent": False}], ids=["unsaid", "no"])
def test_when_there_is_no_consent_then_nothing_is_stored(served, body):
    response = served.http.post("/api/v1/conversations", json=body)
    assert response.status_code == 403
    with served.door.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 0


def test_when_a_message_is_sent_then_it_is_acknowledged_shown_and_answered(patient):
    response = patient.say("how long does it take")
    assert response.status_code == 202
    assert response.json() == {"seq": 2}
    answer = patient.answer_to(2)
    events = patient.events()
    assert [event["seq"] for event in events] == [1, 2, 3]
    assert events[1] | {"at": ""} == {
        "seq": 2, "at": "", "from": "patient", "text": "how long does it take", "language": "en", "client_id": "c1",
    }  # fmt: skip
    assert answer["text"] == "answer to how long does it take"
    assert answer["answer"] == {"label": "faq/cart_duration"}


def test_when_an_answer_has_an_origin_then_the_event_tells_it(patient, brain, brain_turn):
    origin = {
        "label": "faq/cart_duration", "source": "the FAQ", "owner": "BMT team",
        "reviewed_on": "2026-01-01", "review_by": "2027-01-01", "state": "published by source",
    }  # fmt: skip
    brain.answer = lambda body: brain_turn("6-8 weeks", answer=origin)
    seq = patient.say("how long").json()["seq"]
    assert patient.answer_to(seq)["answer"] == origin


def test_when_the_same_client_id_comes_again_then_the_same_seq_is_given_and_it_is_asked_once(patient, brain):
    first = patient.say("one", client_id="same")
    second = patient.say("one", client_id="same")
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json() == second.json()
    patient.answer_to(first.json()["seq"])
    assert brain.texts() == ["one"]


def test_when_twenty_duplicates_come_at_once_then_one_is_new(patient, brain):
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: patient.say("at once", client_id="same"), range(20)))
    assert sorted(response.status_code for response in responses) == [200] * 19 + [202]
    assert {response.json()["seq"] for response in responses} == {2}
    patient.answer_to(2)
    assert brain.texts() == ["at once"]


def test_when_a_client_id_comes_with_other_words_then_it_is_refused(patient):
    patient.say("one", client_id="same")
    response = patient.say("two", client_id="same")
    assert response.status_code == 409
    assert response.json()["type"] == "urn:marrow:problem:client-id-reused"


def test_when_a_conversation_is_erased_then_its_rows_are_gone_and_a_tombstone_stays(served, patient):
    patient.say("my secret is quinoa")
    patient.answer_to(2)
    patient.post("feedback", seq=3, value="up")
    patient.post("contact", phone="+1 555 0123", consent=True)
    response = served.http.delete(patient.path, headers=patient.headers)
    assert response.status_code == 204
    assert response.content == b""
    with served.door.store.read() as connection:
        for table in ("conversations", "events", "messages", "feedback", "contact_requests"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0, table
        (stone,) = connection.exec_driver_sql("SELECT action, subject, detail FROM audit").all()
    assert stone.action == "erase"
    assert patient.conversation not in str(stone)
    assert served.http.get(f"{patient.path}/transcript", headers=patient.headers).status_code == 404
    kept = b"".join(path.read_bytes() for path in served.door.store.files())
    assert b"quinoa" not in kept
    assert b"555 0123" not in kept


def test_when_feedback_is_given_twice_then_the_last_counts(served, patient):
    assert patient.post("feedback", seq=1, value="up").status_code == 201
    assert patient.post("feedback", seq=1, value="down", comment="no").status_code == 200
    with served.door.store.read() as connection:
        assert connection.exec_driver_sql("SELECT value, comment FROM feedback").all() == [("down", "no")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"seq": 99, "value": "up"}, 422),
        ({"seq": 2, "value": "up"}, 422),
        ({"seq": 1, "value": "sideways"}, 422),
        ({"seq": "1", "value": "up"}, 422),
    ],
    ids=["no such line", "own line", "no such value", "no number"],
)
def test_when_feedback_does_not_fit_then_it_is_refused(patient, body, status):
    patient.say("hello")
    assert patient.post("feedback", **body).status_code == status


def test_when_a_contact_is_left_then_it_is_kept_and_confirmed_without_the_number(served, patient):
    response = patient.post("contact", name="", phone="+49 170 5550123", note="after 5", consent=True)
    assert response.status_code == 201
    line = patient.events()[-1]
    assert line["from"] == "system"
    assert line["seq"] == response.json()["seq"]
    assert "5550123" not in line["text"]
    with served.door.store.read() as connection:
        assert connection.exec_driver_sql("SELECT waiting_kind FROM conversations").scalar_one() == "call_back"
    (left,) = contacts.of(served.door.store, served.door.box, patient.conversation, now_ms=1, actor="anna")
    assert (left.name, left.phone, left.email, left.note) == (None, "+49 170 5550123", None, "after 5")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"phone": "+1 555 0100"}, 403),
        ({"consent": True}, 422),
        ({"consent": True, "phone": "none"}, 422),
        ({"consent": True, "email": "not an address"}, 422),
    ],
    ids=["no consent", "no way", "no number", "no address"],
)
def test_when_a_contact_does_not_fit_then_nothing_is_kept(served, patient, body, status):
    assert patient.post("contact", **body).status_code == status
    with served.door.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM contact_requests").scalar_one() == 0


def test_when_a_transcript_is_asked_for_then_it_holds_every_line(served, patient):
    patient.say("how long?")
    patient.answer_to(2)
    whole = served.http.get(f"{patient.path}/transcript", headers=patient.headers).json()
    assert [event["text"] for event in whole["events"]] == ["hello from the brain", "how long?", "answer to how long?"]
    text = served.http.get(f"{patient.path}/transcript", headers=patient.headers | {"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "You:\nhow long?" in text.text
    assert "Marrow (a program):\nanswer to how long?" in text.text


def test_when_the_widget_asks_for_its_configuration_then_it_gets_it_without_a_token(served):
    config = served.http.get("/api/v1/config").json()
    assert config.pop("languages")[0] == "en"
    assert config.pop("open_now") is (config.pop("opens_at") is None)
    assert config.pop("expected_wait_min") is None
    assert config == {
        "hospital_name": "Test hospital", "contact_phone": "+1 555 0100", "contact_email": "ask@hospital.example",
        "office_hours": "Mon-Fri 08:30-17:00", "message_max_characters": 2000, "urgent_phone": "",
        "emergency_number": "",
    }  # fmt: skip


@pytest.mark.parametrize(("zone", "kept"), [("Europe/Berlin", "Europe/Berlin"), ("Etc/Unknown", None)])
def test_when_a_time_zone_is_given_then_the_brain_gets_it_if_it_exists(served, brain, zone, kept):
    patient = served.begin(time_zone=zone, language="de").greeted()
    patient.answer_to(patient.say("hallo").json()["seq"])
    assert brain.asked[-1].get("time_zone") == kept
    assert brain.asked[-1]["language"] == "de"


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        pytest.param("https://x.example/en/car-t?name=Ivan#me", "/en/car-t", id="no query, no fragment"),
        pytest.param("/en/" + "a" * 999, "/en/" + "a" * 251, id="long"),
        pytest.param("http://[broken", None, id="no address"),
        pytest.param("", None, id="empty"),
        pytest.param({"x": 1}, None, id="no text"),
        pytest.param("/a\x00b\ud83d", "/ab\ufffd", id="what no database keeps"),
    ],
)
def test_when_the_page_is_told_then_its_path_alone_is_kept_and_nobody_is_kept_out(doors, page, kept):
    served = doors.start()
    begun = served.http.post(
        "/api/v1/conversations", content=json.dumps({"consent": True, "page": page}),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert begun.status_code == 201, begun.text
    with served.door.store.read() as connection:
        assert connection.execute(select(Conversation.page)).scalar_one() == kept
