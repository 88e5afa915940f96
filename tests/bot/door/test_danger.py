"""Danger is answered by its fixed text whatever else is wrong: the brain, the limits, the session, the journal.

Longer than 300 lines because everything that can be wrong is tried.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
import time
from contextlib import closing, nullcontext
from dataclasses import fields

import httpx
import pytest
from sqlalchemy import event

from bot.answer import safety_text
from bot.door import forward
from bot.door.app import build, create_app
from bot.door.danger import typed_in
from bot.errors import SettingsError
from bot.journal import review
from bot.records import RED
from bot.settings import Settings
from tests.doubted import doubted_text

RED_TEXT = "my husband is bleeding heavily from the nose"
CHECK_TEXT = "bleeding"
BEGIN = "/api/v1/conversations"
MESSAGES = [
    pytest.param(RED_TEXT, "emergency", None, id="emergency"),
    pytest.param("I want to die", "self_harm", None, id="self_harm"),
    pytest.param("I took all my pills", "self_harm", "overdose", id="overdose"),
]


def stored(served) -> str:
    """Every byte of the journal's words."""
    with served.door.store.read() as connection:
        return str([connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ("events", "messages")])


def safety_of(response: httpx.Response, status: int, slug: str) -> dict[str, str] | None:
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:marrow:problem:{slug}"
    return response.json().get("safety")


@pytest.mark.parametrize(("text", "verdict", "danger"), MESSAGES)
@pytest.mark.parametrize("broken", ["dead", "hanging"])
def test_when_the_brain_is_of_no_use_then_danger_is_answered_at_once_by_its_own_text(
    doors, brain, text, verdict, danger, broken
):
    served = doors.start(emergency_number="120", crisis_line="116 123", poison_line="555 0199", brain_timeout_ms=60_000)
    patient = served.begin().greeted()
    if broken == "dead":
        brain.stop()
    else:
        brain.answer = lambda body: time.sleep(5) or {}
        patient.say("how long does it take")
    seq = patient.say(text, client_id="red").json()["seq"]
    answer = next(event for event in patient.events() if event.get("reply_to") == seq)  # already there: one transaction
    assert (answer["safety"], answer["answer"]) == (verdict, {"label": f"safety/{verdict}"})
    assert answer["text"] == safety_text(verdict, served.door.settings, danger)
    assert text not in brain.texts()


def test_when_danger_is_written_then_the_answer_is_in_the_same_transaction(served, patient):
    with served.door.store.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_answer BEFORE INSERT ON events WHEN NEW.label LIKE 'safety/%' "
            "BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END"
        )
    assert patient.say(RED_TEXT).json()["safety"]["verdict"] == "emergency"
    assert len(patient.events()) == 1, "the message must not stand there without its answer"


def test_when_a_message_is_too_long_then_danger_in_its_beginning_is_answered_with_the_refusal(served, patient):
    long = patient.say(f"{RED_TEXT}. " + "x" * 2000)
    assert safety_of(long, 422, "message-too-long") == {
        "verdict": "emergency",
        "text": safety_text("emergency", served.door.settings),
    }
    assert safety_of(patient.say("a question " * 200), 422, "message-too-long") is None
    assert len(patient.events()) == 1


@pytest.mark.parametrize(("text", "verdict", "danger"), MESSAGES)
def test_when_there_is_no_consent_then_danger_is_answered_and_nothing_is_stored_or_logged(
    served, caplog, text, verdict, danger
):
    caplog.set_level("DEBUG")
    response = served.http.post(BEGIN, json={"consent": False, "text": text})
    assert safety_of(response, 403, "consent-needed") == {
        "verdict": verdict,
        "text": safety_text(verdict, served.door.settings, danger),
    }
    with served.door.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 0
    assert stored(served) == "[[], []]"
    assert not any(text in record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert f'marrow_danger_answered_total{{verdict="{verdict}"}} 1.0' in served.http.get("/metrics").text


def test_when_there_is_no_consent_and_no_danger_then_the_refusal_says_nothing_more(served):
    for text in ("how long does it take", CHECK_TEXT, ""):
        assert safety_of(served.http.post(BEGIN, json={"consent": False, "text": text}), 403, "consent-needed") is None


def test_when_text_comes_with_consent_then_it_is_refused_and_not_lost_without_a_word(served):
    refused = served.http.post(BEGIN, json={"consent": True, "text": RED_TEXT})
    assert safety_of(refused, 422, "invalid")["verdict"] == "emergency"


@pytest.mark.parametrize("over", ["token", "time", "erased", "none"])
def test_when_the_session_is_over_then_danger_is_answered_all_the_same(served, patient, over):
    if over == "token":
        patient.token = "garbage"
    elif over == "time":
        served.clock.ahead_ms = 31 * 86_400_000
    elif over == "erased":
        served.http.delete(patient.path, headers=patient.headers)
    headers = {} if over == "none" else patient.headers
    response = served.http.post(f"{patient.path}/messages", headers=headers, json={"client_id": "a", "text": RED_TEXT})
    expected = (401, "token-needed") if over == "none" else (404, "no-such-conversation")
    assert safety_of(response, *expected)["verdict"] == "emergency"
    assert RED_TEXT not in stored(served)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"client_id": "no spaces", "text": "my son is bleeding"}', id="a wrong member"),
        pytest.param(b'{"client_id": "a", "text": "my son is bleeding', id="cut"),
        pytest.param(b'{"client_id": "a", "text": "my son is bleeding" "x"}', id="no JSON"),
    ],
)
def test_when_a_request_cannot_be_read_then_danger_in_it_is_answered(patient, body):
    headers = patient.headers | {"Content-Type": "application/json"}
    response = patient.http.post(f"{patient.path}/messages", content=body, headers=headers)
    assert response.status_code in (400, 422)
    assert response.json()["safety"]["verdict"] == "emergency"


@pytest.mark.parametrize("fault", ["locked", "full", "tables gone"])
def test_when_the_journal_refuses_then_danger_is_answered_with_the_refusal(served, patient, doors, locked, fault):
    if fault == "full":
        served.door.store.engine.dispose()  # the limit below is a connection's own

        @event.listens_for(served.door.store.engine, "begin")
        def no_more_room(connection):
            connection.exec_driver_sql("PRAGMA max_page_count = 1")

    elif fault == "tables gone":
        with closing(sqlite3.connect(doors.folder / "journal.sqlite3", timeout=20)) as other:
            other.execute("ALTER TABLE messages RENAME TO elsewhere")
    text = RED_TEXT + " and it does not stop" * 90  # more than the pages that are there have room for
    with locked() if fault == "locked" else nullcontext():
        answers = [patient.say(text, client_id=f"c{number}") for number in range(8 if fault == "full" else 1)]
    assert safety_of(answers[-1], 503, "store-unavailable") == {
        "verdict": "emergency",
        "text": safety_text("emergency", served.door.settings),
    }


def test_when_an_address_is_refused_too_often_then_it_waits_and_danger_is_answered_all_the_same(doors):
    served = doors.start(refusals_per_minute=2)
    served.clock.ahead_ms = 60_000 - served.clock.now_ms() % 60_000  # a whole minute lies before us
    for _ in range(2):
        assert (
            safety_of(served.http.post(BEGIN, json={"consent": False, "text": "hello"}), 403, "consent-needed") is None
        )
    refused = served.http.post(BEGIN, json={"consent": False, "text": "hello"})
    assert safety_of(refused, 429, "too-many-refusals") is None
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["limit"] == {"name": "refusals_per_minute", "value": 2, "unit": "posts per minute"}
    danger = served.http.post(BEGIN, json={"consent": False, "text": RED_TEXT})
    assert safety_of(danger, 429, "too-many-refusals")["verdict"] == "emergency"
    served.begin()  # who agrees is not held up
    served.clock.ahead_ms += 60_000
    assert served.http.post(BEGIN, json={}).status_code == 403


def test_when_the_screen_fails_on_a_refused_request_then_the_refusal_still_comes(served, caplog):
    def broken(_text: str) -> None:
        raise RuntimeError("secret inside")

    object.__setattr__(served.door, "danger", broken)
    assert safety_of(served.http.post(BEGIN, json={"text": "secret"}), 403, "consent-needed") is None
    assert "could not be screened (RuntimeError)" in caplog.text
    assert "secret" not in caplog.text


def test_when_danger_is_written_then_it_is_marked_for_staff_whoever_saw_it(served, patient, brain, brain_turn):
    calm = served.begin().greeted()
    calm.answer_to(calm.say("how long does it take").json()["seq"])
    brain.answer = lambda body: brain_turn("the text", label="safety/self_harm", safety="self_harm")
    seen_by_brain = served.begin().greeted()
    seen_by_brain.answer_to(seen_by_brain.say("words run away").json()["seq"])
    patient.say(RED_TEXT)
    found = review.queue(served.door.store)
    assert [one.conversation for one in found] == [
        seen_by_brain.conversation, patient.conversation, calm.conversation,
    ]  # fmt: skip
    assert [one.danger_since_ms is not None for one in found] == [True, True, False]


def test_when_the_screen_is_not_sure_then_the_answer_comes_with_one_line_on_whom_to_call(served, patient):
    seq = patient.say(CHECK_TEXT).json()["seq"]
    patient.answer_to(seq)
    answer, line = (event for event in patient.events() if event.get("reply_to") == seq)
    assert answer["text"] == f"answer to {CHECK_TEXT}"
    assert line["text"] == safety_text("check", served.door.settings)
    assert (line["from"], line["safety"]) == ("bot", "check")
    assert "answer" not in line, "a line that answers nothing has no label"


def test_when_the_model_leaves_it_open_where_the_rules_saw_nothing_then_the_line_comes_too(
    served, patient, brain, brain_turn
):
    brain.answer = lambda body: {
        **brain_turn("6-8 weeks"),
        "understood": {"label": "greet", "screen": {"verdict": "check", "rule": "classifier", "span": None}},
    }
    seq = patient.say("it is an odd week").json()["seq"]
    patient.answer_to(seq)
    said = [event for event in patient.events() if event.get("reply_to") == seq]
    assert [event.get("safety") for event in said] == [None, "check"]


def test_when_the_brain_fails_on_an_unclear_message_then_the_line_stands_under_the_fallback(doors, brain):
    served = doors.start(brain_attempts=1)
    patient = served.begin().greeted()
    brain.stop()
    seq = patient.say(CHECK_TEXT).json()["seq"]
    patient.answer_to(seq)
    said = [event for event in patient.events() if event["from"] == "bot" and event.get("reply_to") == seq]
    assert [event.get("answer", {}).get("label") for event in said] == ["fallback", None]
    assert said[1]["safety"] == "check"


def test_when_the_screen_doubts_danger_then_the_brain_decides(served, patient, brain, brain_turn):
    seq = patient.say(doubted_text()).json()["seq"]
    assert patient.answer_to(seq)["text"] == f"answer to {doubted_text()}"
    brain.answer = lambda body: brain_turn("the text", label="safety/emergency", safety="emergency")
    assert patient.answer_to(patient.say(doubted_text()).json()["seq"])["safety"] == "emergency"


@pytest.mark.parametrize("broken", ["dead", "hanging", "failing"])
def test_when_the_screen_doubts_danger_and_no_brain_answers_then_it_is_danger(doors, brain, broken, monkeypatch):
    served = doors.start(brain_timeout_ms=60_000, brain_attempts=3)
    patient = served.begin().greeted()
    monkeypatch.setattr(forward, "SHORT_TIMEOUT_MS", 500)
    gate = threading.Event()
    if broken == "dead":
        brain.stop()
    elif broken == "hanging":
        brain.answer = lambda body: gate.wait(30) or {}
    else:
        brain.status = 500

    answer = patient.answer_to(patient.say(doubted_text()).json()["seq"])
    gate.set()

    assert (answer["safety"], answer["answer"]) == ("emergency", {"label": "safety/emergency"})
    assert review.queue(served.door.store)[0].danger_since_ms is not None
    assert 'marrow_danger_answered_total{verdict="emergency"} 1.0' in served.http.get("/metrics").text


def test_when_the_screen_doubts_danger_in_a_refused_request_then_it_is_danger(served, patient):
    long = patient.say(f"{doubted_text()} " + "x" * 2000)
    assert safety_of(long, 422, "message-too-long")["verdict"] == "emergency"


@pytest.mark.parametrize("why", ["said already", "beside a safety text", "nothing unclear"])
def test_when_the_line_has_no_place_then_it_is_left_out(served, patient, brain, brain_turn, why):
    line = safety_text("check", served.door.settings)
    brain.answer = lambda body: {
        "said already": brain_turn(f"No answer yet.\n{line}"),
        "beside a safety text": brain_turn("the text", label="safety/emergency", safety="emergency"),
        "nothing unclear": brain_turn("6-8 weeks"),
    }[why]
    seq = patient.say("how long does it take" if why == "nothing unclear" else CHECK_TEXT).json()["seq"]
    patient.answer_to(seq)
    assert len([event for event in patient.events() if event.get("reply_to") == seq]) == 1


LARGEST = 2**31 - 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(spec.name, value, id=f"{spec.name}={str(value)[:12]}")
        for spec in fields(Settings)
        if spec.name != "database_url"  # where the journal is; what happens without one is tested above
        for value in ((1, LARGEST) if isinstance(spec.default, int) else ("", "off", "x" * 5000))
    ],
)
def test_when_any_setting_is_extreme_then_it_cannot_stop_the_text_for_danger(
    doors, tmp_path, empty_journal, name, value
):
    """No door that starts at all is without its screen; a setting that would stop it is refused at the start."""
    try:
        door = build(doors.settings(**{name: value}))
    except SettingsError:
        return  # the door does not start, with a reason: nobody is served without the screen

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(door))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            unheard = await client.post(BEGIN, json={"consent": False, "text": RED_TEXT})
            begun = (await client.post(BEGIN, json={"consent": True})).json()
            path = f"{BEGIN}/{begun['conversation']}"
            client.headers["Authorization"] = f"Bearer {begun['token']}"
            said = await client.post(f"{path}/messages", json={"client_id": "a", "text": RED_TEXT})
            return [unheard, said, await client.get(f"{path}/events", headers={"Accept": "application/json"})]

    shutil.copy(empty_journal, tmp_path / "journal.sqlite3")
    try:
        unheard, said, events = asyncio.run(ask())
    finally:
        door.store.close()
    assert unheard.json()["safety"]["verdict"] in RED
    told = said.json()["safety"]["text"] if said.is_error else events.json()[-1]["text"]
    assert told == safety_text("emergency", door.settings)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"text": "a \\"b\\" c"}', 'a "b" c'),
        (b'{"text": "cut of', "cut of"),
        (b'{"text": "cut \\', "cut "),
        (b'{"text": 5}', ""),
        (b"[1]", ""),
        (b"", ""),
        (b'{"text":"\xff bleeding', "\ufffd bleeding"),
        (b"[" * 9000, "[" * 9000),
        (b'{"text": "my son is \\u0062leeding \\u00', "my son is bleeding "),
        (b'{"words": {"a": ["he is bleeding"]}}', "he is bleeding"),
        (b'{"text": ["he", {"is": "bleeding"}], "other": "x"}', "he bleeding"),
        (b"text=he+is%20bleeding", "text=he is bleeding"),
    ],
    ids=[
        "whole",
        "cut",
        "cut escape",
        "a number",
        "a list",
        "nothing",
        "no UTF-8",
        "deep",
        "escapes",
        "other member",
        "nested",
        "a form",
    ],
)
def test_when_a_body_is_refused_then_its_words_are_found(body, text):
    assert typed_in(body) == text
