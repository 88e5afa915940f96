"""Take-over through the real door: the bot is silent, both hear each other, and it goes on after a restart.

Longer than 300 lines because each step of a take-over is seen from both sides.
"""

from __future__ import annotations

import json
import re
import threading
import time

import pytest

from bot.journal import audit


def choice_of(patient):
    return next(event["buttons"][0]["choice"] for event in patient.events() if event.get("buttons"))


def asked(console):
    return [body.get("text", body.get("choice")) for body in console.served.brain.asked]


def with_button(console, brain_turn):
    console.served.brain.answer = lambda body: brain_turn(
        "an answer", buttons=[{"label": "More?", "payload": "/faq_cart_duration"}]
    )
    patient = console.begin()
    patient.answer_to(patient.say("first").json()["seq"])
    return patient


def take(browser, patient):
    return browser.post(f"/c/{patient.conversation}/take")


def words(patient):
    return [(event["from"], event["text"]) for event in patient.events()]


def test_when_staff_take_over_then_the_bot_is_silent_and_both_hear_each_other(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()

    assert take(browser, patient).status_code == 303
    browser.post(f"/c/{patient.conversation}/reply", {"text": "Hello, I am Anna.", "client_id": "a"})
    patient.say("hello there")
    pressed = patient.post("messages", client_id="button", choice=choice_of(patient))
    time.sleep(0.6)

    events = patient.events()
    assert pressed.status_code == 202
    joined, line = events[-4], events[-3]
    assert (joined["from"], joined["presence"], joined["staff"]) == ("system", "joined", {"name": "Anna"})
    assert (line["from"], line["text"], line["staff"]) == ("staff", "Hello, I am Anna.", {"name": "Anna"})
    assert [event["from"] for event in events[-2:]] == ["patient", "patient"]
    assert asked(console) == ["/greet", "first"]
    page = browser.get(f"/inbox/mine/{patient.conversation}").text
    assert "hello there" in page
    assert "Pressed a button" in page


def test_when_the_person_has_a_surname_too_then_the_patient_is_never_told_it(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work("agent", "Anna Lindqvist")
    assert "The patient sees Anna." in browser.get(f"/inbox/all/{patient.conversation}").text
    assert "see the name Anna." in browser.get("/me").text

    with patient.http.stream("GET", f"{patient.path}/events", headers=patient.headers) as stream:
        take(browser, patient)
        browser.post(f"/c/{patient.conversation}/typing", {"on": "1"})
        browser.post(f"/c/{patient.conversation}/reply", {"text": "Hello.", "client_id": "a"})
        browser.post(f"/c/{patient.conversation}/release")
        told = ""
        for line in stream.iter_lines():
            told += line
            if '"left"' in line:
                break

    assert told.count('{"name":"Anna"}') + told.count('"name": "Anna"') >= 3
    assert "Anna has left the chat" in told
    assert "Lindqvist" not in told
    page = browser.get(f"/inbox/all/{patient.conversation}").text
    assert "Anna Lindqvist" in page, "colleagues see the whole name"
    offered = browser.post("/kept", {"title": "Me", "text": "I am {my.name}."})
    assert offered.status_code == 303
    assert "I am Anna." in browser.get("/answers?q=me").text


def test_when_the_door_starts_again_then_the_bot_is_still_silent(consoles, brain_turn):
    console = consoles()
    patient, browser = with_button(console, brain_turn), console.at_work()
    take(browser, patient)
    console.served.stop()

    after = consoles()
    again = type(patient)(after.served.http, patient.conversation, patient.token, sent=50)
    again.say("are you there?")
    assert again.post("messages", client_id="old-button", choice=choice_of(again)).status_code == 202
    time.sleep(0.6)
    assert words(again)[-2:] == [("patient", "are you there?"), ("patient", "More?")]
    assert asked(after) == ["/greet", "first"]
    other = after.browser()
    other.log_in("anna.agent@hospital.example")
    assert other.post(f"/c/{patient.conversation}/reply", {"text": "Yes.", "client_id": "b"}).status_code == 303
    assert other.post(f"/c/{patient.conversation}/release").status_code == 303

    again.answer_to(again.say("and now?").json()["seq"])

    said = [event for event in again.events() if event["from"] in ("staff", "system")]
    assert [(event["from"], event.get("presence")) for event in said] == [
        ("system", "joined"), ("staff", None), ("system", "left"),
    ]  # fmt: skip
    assert "Marrow" in said[-1]["text"]


def test_when_danger_is_written_to_a_person_then_the_safety_text_comes_at_once(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    take(browser, patient)

    seq = patient.say("My father has a fever of 39.5 and is confused since this morning").json()["seq"]

    assert patient.answer_to(seq)["safety"] == "emergency"
    assert "Danger" in browser.get("/inbox/danger").text
    page = browser.get(f"/inbox/danger/{patient.conversation}").text
    assert re.search("<mark>[^<]*fever[^<]*</mark>", page)
    assert re.search(r'<details class="why red"><summary>Screen: danger</summary><p>Rule <code>\w+</code>\. \w', page)


def test_when_a_conversation_is_read_then_it_tells_what_was_understood_hidden_and_answered(console):
    console.served.brain.answer = lambda _body: {
        "replies": [{
            "text": "Several weeks.", "label": "faq/cart_duration",
            "answer": {
                "label": "faq/cart_duration", "source": "the hospital's page", "owner": "Transplant team",
                "reviewed_on": "2026-01-02", "review_by": "2027-03-04", "state": "published by source",
            },
        }],
        "understood": {
            "label": "faq/cart_duration", "confidence": 0.8712, "outcome": "answer", "language": "de",
            "ranking": [
                {"label": "faq/cart_duration", "confidence": 0.8712}, {"label": "faq/bmt_duration", "confidence": 0.0634},
            ],
        },
        "state": {},
    }  # fmt: skip
    patient, browser = console.begin(), console.at_work()
    patient.answer_to(patient.say("how long, my number is +44 20 7946 0958").json()["seq"])

    page = " ".join(browser.get(f"/inbox/all/{patient.conversation}").text.split())

    assert "+44 20" not in page
    for shown in (
        '<span class="label">faq/cart_duration</span>', "</meter> 0.87</span>", "<span>answered</span>",
        "<span>read as de</span>", '<span class="chip">phone hidden</span>', "<summary>1 other reading</summary>",
        '<span class="label">faq/bmt_duration</span> 0.06', "<span>the hospital&#39;s page</span>",
        "<span>reviewed 2026-01-02, again by 2027-03-04</span>", "<span>published by source</span>",
    ):  # fmt: skip
        assert shown in page, shown


def test_when_a_colleague_talks_already_then_the_second_one_is_told_who(console, brain_turn):
    patient, anna, bo = with_button(console, brain_turn), console.at_work(), console.at_work("agent", "Bo")
    take(anna, patient)

    refused = take(bo, patient)
    wrote = bo.post(f"/c/{patient.conversation}/reply", {"text": "me too", "client_id": "c"})
    released = bo.post(f"/c/{patient.conversation}/release")

    assert [got.status_code for got in (refused, wrote, released)] == [409, 409, 409]
    assert "Anna talks to this patient already" in refused.text
    assert console.at_work("admin", "Cleo").post(f"/c/{patient.conversation}/release").status_code == 303


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001], ids=["empty", "blank", "too long"])
def test_when_a_reply_cannot_be_sent_then_nothing_is(console, brain_turn, text):
    patient, browser = with_button(console, brain_turn), console.at_work()
    take(browser, patient)
    before = words(patient)

    assert browser.post(f"/c/{patient.conversation}/reply", {"text": text, "client_id": "d"}).status_code == 422
    assert words(patient) == before


def test_when_a_reply_is_sent_twice_then_it_stands_once(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    take(browser, patient)
    for _ in range(2):
        browser.post(f"/c/{patient.conversation}/reply", {"text": "Hello.", "client_id": "same"})

    assert words(patient).count(("staff", "Hello.")) == 1


class Stream:
    """Reads a stream of server-sent events in a thread."""

    def __init__(self, client, path, headers=None):
        self.events, self.times = [], []
        self._client, self._path, self._headers = client, path, headers or {}
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        name = ""
        try:
            with self._client.stream("GET", self._path, headers=self._headers, timeout=20) as response:
                for line in response.iter_lines():
                    if line.startswith("event:"):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data:"):
                        self.events.append((name, json.loads(line.removeprefix("data: "))))
                        self.times.append(time.monotonic())
        except Exception:
            self.events.append(("cut", {}))

    def wait(self, name, fits=lambda data: True, within_s=20):
        ends = time.monotonic() + within_s
        while time.monotonic() < ends:
            found = [data for what, data in self.events if what == name and fits(data)]
            if found:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"no {name} came: {self.events}")


def test_when_somebody_types_then_the_other_side_sees_it(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    path = f"{patient.path}/events?after=99"
    seen = Stream(patient.http, path, {**patient.headers, "Accept": "text/event-stream"})
    desk = Stream(browser.http, f"/desk/live?c={patient.conversation}")
    desk.wait("ready")

    browser.post(f"/c/{patient.conversation}/typing", {"on": "1"})
    time.sleep(0.2)
    assert not [event for event in seen.events if event[0] == "typing"], "nobody has taken it over yet"
    take(browser, patient)
    browser.post(f"/c/{patient.conversation}/typing", {"on": "1"})
    assert seen.wait("typing") == {"from": "staff", "on": True, "staff": {"name": "Anna"}}
    browser.post(f"/c/{patient.conversation}/typing", {"on": "0"})
    assert seen.wait("typing", lambda data: not data["on"])["from"] == "staff"

    assert patient.post("typing", on=True).status_code == 204
    assert desk.wait("typing") == {"on": True}
    patient.post("typing", on=False)
    assert desk.wait("typing", lambda data: not data["on"]) == {"on": False}


@pytest.mark.parametrize("body", [{}, {"on": "yes"}, {"on": 1}], ids=str)
def test_when_typing_is_told_wrongly_then_it_is_refused(console, body):
    assert console.begin().post("typing", **body).status_code == 422


def test_when_the_patients_browser_gets_the_words_then_staff_see_that_they_arrived(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    take(browser, patient)
    browser.post(f"/c/{patient.conversation}/reply", {"text": "Hello.", "client_id": "a"})
    assert ">sent<" in browser.get(f"/inbox/mine/{patient.conversation}").text

    Stream(patient.http, f"{patient.path}/events?after=0", {**patient.headers, "Accept": "text/event-stream"}).wait(
        "message", lambda data: data["from"] == "staff"
    )

    ends = time.monotonic() + 20
    while ">delivered<" not in (page := browser.get(f"/inbox/mine/{patient.conversation}").text):
        assert time.monotonic() < ends, page
        time.sleep(0.05)


def test_when_something_happens_then_open_pages_hear_of_it_within_a_second(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    desk = Stream(browser.http, f"/desk/live?c={patient.conversation}")
    desk.wait("ready")
    begun = time.monotonic()

    patient.say("something new")

    assert desk.wait("changed")["shown"] is True
    assert desk.times[-1] - begun < 1


def test_when_another_door_writes_then_open_pages_hear_of_it_too(consoles, brain_turn):
    one, two = consoles(), consoles()
    patient = with_button(one, brain_turn)
    browser = two.at_work()
    desk = Stream(browser.http, f"/desk/live?c={patient.conversation}")
    desk.wait("ready")
    time.sleep(0.3)
    desk.events.clear()

    patient.say("through the other door")

    assert desk.wait("changed", within_s=3)["shown"] is True


def test_when_the_session_ends_then_its_open_pages_end_too(console):
    browser = console.at_work()
    desk = Stream(browser.http, "/desk/live")
    desk.wait("ready")

    browser.post("/logout")

    desk.wait("over", within_s=8)


def test_when_a_conversation_is_read_then_the_audit_says_so_once_for_an_open_page(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    subject = audit.subject_of(patient.conversation)

    browser.get(f"/inbox/all/{patient.conversation}")
    for _ in range(3):
        browser.part(f"/part/talk/{patient.conversation}?live")
    views = [row for row in audit.newest(console.store, subject=subject) if row.action == "view"]
    assert len(views) == 1

    # an address that pretends to be an open page's is a view like any other
    other = console.at_work("viewer", "Vic")
    other.part(f"/part/talk/{patient.conversation}?live")
    views = [row for row in audit.newest(console.store, subject=subject) if row.action == "view"]
    assert len(views) == 2
    console.served.clock.ahead_ms += 11 * 60_000
    browser.part(f"/part/talk/{patient.conversation}?live")
    assert len([row for row in audit.newest(console.store, subject=subject) if row.action == "view"]) == 3


def test_when_words_hold_markup_then_they_are_shown_as_words(console, brain_turn):
    evil = '<img src=x onerror="alert(1)"><script>alert(1)</script>{{ 7*7 }}'
    console.served.brain.answer = lambda body: brain_turn(evil, label="faq/cart_duration")
    patient, browser = console.begin(), console.at_work("admin")
    patient.answer_to(patient.say(evil).json()["seq"])
    browser.post(f"/c/{patient.conversation}/note", {"text": evil})
    browser.post(f"/c/{patient.conversation}/teach", {"seq": "2", "verdict": "new_question", "note": evil})

    for path in (f"/inbox/all/{patient.conversation}", "/teaching", f"/teach/{patient.conversation}/2", "/inbox/all"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49" not in page.split("7*7")[0][-20:]


def test_when_staff_mark_messages_then_the_page_shows_it(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    of = f"/c/{patient.conversation}"
    assert browser.post(f"{of}/tag", {"tag": "  Visa   Help "}).status_code == 303
    assert browser.post(f"{of}/tag", {"tag": "<b>"}).status_code == 422
    assert browser.post(f"{of}/note", {"text": "call her sister"}).status_code == 303
    assert browser.post(f"{of}/flag", {"seq": "2"}).status_code == 303
    assert (
        browser.post(f"{of}/teach", {"seq": "2", "verdict": "relabel", "label": "faq/bmt_duration"}).status_code == 303
    )
    assert browser.post(f"{of}/teach", {"seq": "2", "verdict": "relabel", "label": "no/label"}).status_code == 422
    assert browser.post(f"{of}/teach", {"seq": "3", "verdict": "right"}).status_code == 409
    assert browser.post(f"{of}/read", {"seq": "3"}).status_code == 303

    page = browser.get(f"/inbox/all/{patient.conversation}").text

    for shown in ("visa help", "call her sister", "flagged by Anna", "should be faq/bmt_duration", "Mark as unread"):
        assert shown in page
    assert "All is read" in browser.get("/inbox/review").text
    browser.post(f"{of}/unread", {"seq": "2"})
    assert "All is read" not in browser.get("/inbox/review").text


def test_when_kept_replies_are_made_then_they_are_found_with_their_placeholders_filled_in(console):
    agent, admin = console.at_work(), console.at_work("admin", "Cleo")
    assert agent.post("/kept", {"title": "Hello", "text": "I am {my.name} of {hospital.name}."}).status_code == 303
    assert agent.post("/kept", {"title": "Bad", "text": "{patient.name}"}).status_code == 422
    assert agent.post("/kept", {"title": "Mine?", "text": "x", "shared": "1"}).status_code == 403
    assert admin.post("/kept", {"title": "For all", "text": "Call {contact.ways}.", "shared": "1"}).status_code == 303

    found = agent.get("/answers?q=hello").text
    assert "I am Anna of Test hospital." in found
    assert "Call call +1 555 0100" in agent.get("/answers?q=for all").text
    assert "I am Anna" not in admin.get("/answers?q=hello").text
    assert "faq/cart_duration" in agent.get("/answers?q=cart_duration").text
    assert "safety/" not in agent.get("/answers?q=emergency").text


def test_when_a_number_was_left_then_agents_see_it_and_the_audit_says_who_did(console, brain_turn):
    patient, browser = with_button(console, brain_turn), console.at_work()
    patient.post("contact", consent=True, name="Ines", phone="+49 30 1234567")
    assert "1234567" not in browser.get(f"/inbox/waiting/{patient.conversation}").text
    assert "1234567" not in browser.get("/audit").text

    assert "1234567" in browser.get(f"/c/{patient.conversation}/contacts").text

    assert audit.newest(console.store)[0].action == "read_contact"
    browser.post(f"/c/{patient.conversation}/settle")
    assert "Nobody waits" in browser.get("/inbox/waiting").text
