"""The list beside a conversation: which queue it is, who is in it, and what of each of them stands there."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bot.desk.context import MINUTE_MS
from bot.desk.inbox import NAMES

PERSON = {"text": "I am asking a person.", "label": "contact_human", "handoff": {"kind": "person_now"}}
MISSED = {"text": "I did not understand that.", "label": "fallback"}


def replies(*given):
    return lambda _body: {"replies": list(given), "understood": {"label": "x", "outcome": "answer"}, "state": {}}


def item(page, patient):
    """What stands in the list of one conversation: its words, its classes, and its time for machines."""
    found = re.search(rf'<a class="([^"]*)" id="c-{patient.conversation}".*?</a>', page, re.DOTALL)
    assert found, "not in the list"
    text = unescape(re.sub(r"<[^>]+>", " ", found[0]))
    return " ".join(text.split()), found[1].split(), re.search(r'<time datetime="([^"]+)"', found[0])[1]


def counts(page):
    rows = re.findall(r'data-queue="\d".*?class="(\w+)">(.*?)</a>', page, re.DOTALL)
    return {name: found[1] for name, row in rows if (found := re.search(r'class="count">([\d+]+)<', row))}


def test_when_a_conversation_is_listed_then_its_language_age_wait_and_what_is_unread_stand_there(console):
    console.served.brain.answer = replies(PERSON)
    waits = console.begin(language="de-AT")
    waits.answer_to(waits.say("Ich möchte mit jemandem reden").json()["seq"])
    console.served.clock.ahead_ms += 42 * MINUTE_MS
    console.served.brain.answer = replies(MISSED)
    missed = console.begin(language="ar")
    missed.answer_to(missed.say("zebra").json()["seq"])
    missed.post("feedback", seq=missed.events()[-1]["seq"], value="down")
    console.served.clock.ahead_ms += 3 * 60 * MINUTE_MS
    red = console.begin(language="en")
    red.answer_to(red.say("My father has a fever of 39.5 and is confused since this morning").json()["seq"])
    browser = console.at_work()
    browser.post(f"/c/{missed.conversation}/tag", {"tag": "travel"})
    browser.post(f"/c/{missed.conversation}/assign", {"to": "1"})

    page = browser.get("/inbox/review").text

    assert re.findall(r'id="c-([^"]+)"', page) == [red.conversation, waits.conversation, missed.conversation]
    text, classes, _ = item(page, red)
    assert re.fullmatch(r"[0-9A-F]{6} Danger now My father has .* Unread en", text)
    assert classes == ["item", "red", "unread"]
    text, classes, at = item(page, waits)
    assert re.fullmatch(r"[0-9A-F]{6} Wants a person · 3 h 3 h Ich möchte mit jemandem reden Unread de-AT", text)
    assert classes == ["item", "unread"]
    assert at == waits.events()[-1]["at"][:19] + "+00:00"
    text, _, _ = item(page, missed)
    assert re.fullmatch(r"[0-9A-F]{6} now zebra Unread ar not answered thumb down for Anna travel", text)
    assert counts(page) == {
        "danger": "1", "waiting": "1", "mine": "1", "unanswered": "1", "disliked": "1", "review": "3",
    }  # fmt: skip

    browser.post(f"/c/{waits.conversation}/read", {"seq": str(waits.events()[-1]["seq"])})
    browser.post(f"/c/{waits.conversation}/take")
    page = browser.get("/inbox/mine").text
    text, classes, _ = item(page, waits)
    assert "You talking" in text
    assert "Wants a person" not in text
    assert counts(page)["mine"] == "2"
    assert "waiting" not in counts(page)


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [pytest.param(0, "now", id="now"), pytest.param(5, "5 min", id="minutes"), pytest.param(150, "2 h", id="hours"),
     pytest.param(3 * 24 * 60 + 5, "3 d", id="days")],
)  # fmt: skip
def test_when_somebody_waits_for_a_call_then_the_list_says_since_when(console, minutes, shown):
    patient = console.begin()
    patient.post("contact", consent=True, phone="+49 30 1234567", time_zone="Europe/Berlin")
    console.served.clock.ahead_ms += minutes * MINUTE_MS
    browser = console.at_work()

    text, _, _ = item(browser.get("/inbox/waiting").text, patient)

    assert f"Call back · {shown} " in text
    # nothing was asked, so nothing is unread but the wish
    assert "Nothing was asked yet." in text
    assert "Unread" not in text


def test_when_a_thumb_goes_down_on_what_was_read_then_one_step_marks_it_as_read(console):
    patient = console.begin()
    line = patient.answer_to(patient.say("how long").json()["seq"])["seq"]
    browser = console.at_work()
    browser.post(f"/c/{patient.conversation}/read", {"seq": str(line)})
    assert "Mark as unread" in browser.get(f"/inbox/all/{patient.conversation}").text

    patient.post("feedback", seq=line, value="down")

    page = browser.get(f"/inbox/disliked/{patient.conversation}").text
    assert "Mark as read" in page
    assert "thumb down" in item(page, patient)[0]
    browser.post(f"/c/{patient.conversation}/read", {"seq": str(line)})
    assert counts(browser.get("/inbox/disliked").text) == {}


def test_when_there_is_no_such_queue_then_it_is_not_found(console):
    browser = console.at_work("viewer")

    assert [browser.get(f"/inbox/{name}").status_code for name in (*NAMES, "nothing")] == [200] * 7 + [404]
    assert browser.get("/part/list/nothing").status_code == 404


def test_when_a_queue_is_longer_than_the_page_then_the_rest_is_one_step_away(console, monkeypatch):
    monkeypatch.setattr("bot.desk.inbox.AT_MOST", 2)
    patients = [console.begin() for _ in range(3)]
    browser = console.at_work("viewer")

    first = browser.get("/inbox/all").text
    more = re.search(r'href="/desk(/inbox/all\?most=\d+)">Show more', first)[1]

    assert len(re.findall(r'id="c-', first)) == 2
    assert all(patient.conversation in browser.get(more).text for patient in patients)
