"""Buttons: the payload stays here, the choice is the patient's own, and pressing it is a message."""

from __future__ import annotations

import pytest

BUTTONS = [{"label": "CAR-T", "payload": "/faq_cart_duration"}, {"label": "Transplant", "payload": "/faq_bmt_duration"}]


@pytest.fixture
def asked(patient, brain, brain_turn):
    brain.answer = lambda body: brain_turn("which one?", label="clarify", buttons=BUTTONS)
    answer = patient.answer_to(patient.say("how long").json()["seq"])
    brain.answer = lambda body: brain_turn(f"got {body.get('choice')}")
    return answer


def test_when_an_answer_has_buttons_then_the_payload_is_not_shown(patient, asked):
    assert [button["label"] for button in asked["buttons"]] == ["CAR-T", "Transplant"]
    assert all(set(button) == {"label", "choice"} for button in asked["buttons"])
    assert "faq_cart_duration" not in patient.http.get(
        f"{patient.path}/transcript", headers=patient.headers
    ).text.replace('"label":"faq/cart_duration"', "")


def test_when_a_button_is_pressed_then_its_label_is_said_and_the_brain_gets_the_payload(patient, asked, brain):
    response = patient.post("messages", client_id="press", choice=asked["buttons"][1]["choice"])
    assert response.status_code == 202
    seq = response.json()["seq"]
    assert patient.answer_to(seq)["text"] == "got /faq_bmt_duration"
    (line,) = [event for event in patient.events() if event["seq"] == seq]
    assert line["text"] == "Transplant"
    assert line["from"] == "patient"
    assert line["client_id"] == "press"
    assert "text" not in brain.asked[-1]
    again = patient.post("messages", client_id="press", choice=asked["buttons"][1]["choice"])
    assert (again.status_code, again.json()) == (200, {"seq": seq})
    other = patient.post("messages", client_id="press", choice=asked["buttons"][0]["choice"])
    assert other.status_code == 409


def test_when_an_old_button_is_pressed_then_it_still_works(patient, asked):
    for text in "abc":
        patient.answer_to(patient.say(text).json()["seq"])
    response = patient.post("messages", client_id="late", choice=asked["buttons"][0]["choice"])
    assert patient.answer_to(response.json()["seq"])["text"] == "got /faq_cart_duration"


def test_when_a_choice_is_not_this_conversations_then_it_is_refused(served, patient, asked, brain):
    other = served.begin().greeted()
    mine = asked["buttons"][0]["choice"]
    signer = served.door.signer
    cases = {
        "foreign": (other, mine),
        "forged": (patient, mine[:-3] + "AAA"),
        "typed payload": (patient, "/faq_cart_duration"),
        "no such line": (patient, signer.choice(patient.conversation, 99, 0)),
        "no such button": (patient, signer.choice(patient.conversation, asked["seq"], 2)),
        "negative": (patient, signer.choice(patient.conversation, asked["seq"], -1)),
        "empty": (patient, ""),
    }
    before = len(brain.asked)
    for name, (who, choice) in cases.items():
        response = who.post("messages", client_id="x", choice=choice)
        assert response.status_code == 422, name
        assert response.json()["type"] == "urn:marrow:problem:no-such-choice", name
    assert len(brain.asked) == before
    assert len(other.events()) == 1


def test_when_a_slash_is_typed_then_the_journal_keeps_it_and_the_brain_gets_words(patient, brain):
    seq = patient.say(" \uff0f\u200b/faq_cart_duration ").json()["seq"]
    patient.answer_to(seq)
    assert brain.texts() == ["faq_cart_duration"]
    assert patient.events(after=seq - 1)[0]["text"] == " \uff0f\u200b/faq_cart_duration "
