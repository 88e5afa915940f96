"""Secrets are hidden before anything is stored or sent on; danger is seen in the raw words."""

from __future__ import annotations

import pytest

from bot.redact import WITHHELD, Redacted

SECRET_TEXT = "My name is Olga Petrova, my phone is +44 20 7946 0958. How long is the stay?"
REDACTED = "My name is [name], my phone is [phone number]. How long is the stay?"
DANGER = "My name is Olga Petrova, my father has a fever of 39.5 and is confused since this morning"


class Broken:
    """A redactor that can look through nothing."""

    def redact(self, text, *, wait_s=0.0):
        return Redacted(WITHHELD, withheld=True)

    def check(self):
        pass


@pytest.fixture
def broken(served):
    """The door, with a redactor that fails on every text."""
    object.__setattr__(served.door, "redactor", Broken())
    return served


def test_when_secrets_are_typed_then_line_answer_and_brain_know_placeholders_alone(served, patient):
    said = patient.say(SECRET_TEXT)

    assert said.status_code == 202
    assert said.json() == {"seq": 2, "hidden": ["name", "phone"]}
    patient.answer_to(2)
    line = patient.events()[1]
    assert (line["text"], line["hidden"]) == (REDACTED, ["name", "phone"])
    assert served.brain.texts() == [REDACTED]


def test_when_nothing_is_secret_then_nothing_is_said_of_it(patient):
    assert patient.say("how long is the stay?").json() == {"seq": 2}
    assert "hidden" not in patient.events()[1]


def test_when_the_same_words_come_again_then_the_same_seq_is_given(patient):
    first = patient.say(SECRET_TEXT, "once")
    again = patient.say(SECRET_TEXT, "once")

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json()
    assert patient.say("something else", "once").status_code == 409


def test_when_secrets_come_with_danger_then_it_is_answered_at_once_and_they_are_hidden(served, patient):
    said = patient.say(DANGER)

    assert said.json()["hidden"] == ["name"]
    patients, answer = patient.events()[1:3]
    assert "[name]" in patients["text"]
    assert "39.5" in patients["text"]
    assert answer["safety"] == "emergency"


def test_when_the_words_are_a_command_in_disguise_then_the_brain_gets_no_slash(served, patient):
    patient.say("/my name is Olga Petrova")
    patient.answer_to(2)

    assert served.brain.texts() == ["my name is [name]"]


def test_when_a_text_cannot_be_looked_through_then_nothing_of_it_is_kept_and_the_patient_is_told(broken):
    patient = broken.begin().greeted()

    said = patient.say(SECRET_TEXT)

    assert said.status_code == 202
    line, told = patient.events()[1:3]
    assert line["text"] == WITHHELD
    assert told["reply_to"] == 2
    assert told["answer"]["label"] == "withheld"
    assert "did not keep it" in told["text"]
    assert broken.brain.texts() == []
    assert b"Petrova" not in b"".join(path.read_bytes() for path in broken.door.store.files())


def test_when_danger_cannot_be_looked_through_then_it_is_answered_all_the_same(broken):
    patient = broken.begin().greeted()

    patient.say(DANGER)

    line, answer = patient.events()[1:3]
    assert line["text"] == WITHHELD
    assert answer["safety"] == "emergency"


def test_when_a_withheld_text_comes_again_then_it_is_no_other_message(broken):
    patient = broken.begin().greeted()

    first = patient.say(SECRET_TEXT, "once")
    again = patient.say(SECRET_TEXT, "once")

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["seq"] == first.json()["seq"]


def test_when_a_comment_has_secrets_then_they_are_hidden(served, patient):
    response = patient.post("feedback", seq=1, value="down", comment="I am Olga Petrova and it did not help")

    assert response.status_code == 201
    assert response.json() == {"seq": 1, "value": "down", "hidden": ["name"]}
    with served.door.store.read() as connection:
        assert (
            connection.exec_driver_sql("SELECT comment FROM feedback").scalar_one() == "I am [name] and it did not help"
        )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("feedback", {"seq": 1, "value": "down", "comment": DANGER}, id="comment"),
        pytest.param("contact", {"consent": True, "phone": "+44 20 7946 0958", "note": DANGER}, id="note"),
    ],
)
def test_when_danger_is_told_beside_messages_then_it_is_answered_and_put_before_staff(served, patient, path, body):
    response = patient.post(path, **body)

    assert response.status_code == 201
    assert response.json()["safety"]["verdict"] == "emergency"
    assert [event["safety"] for event in patient.events() if "safety" in event] == ["emergency"]
    with served.door.store.read() as connection:
        ((sent,),) = connection.exec_driver_sql("SELECT sent FROM messages WHERE verdict = 'emergency'").all()
    assert "[name]" in sent
    assert "Petrova" not in sent
    # the conversation goes on with numbers without a gap
    assert patient.say("thank you").status_code == 202
    numbers = [event["seq"] for event in patient.events()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_when_a_number_is_left_for_a_call_back_then_it_stands_encrypted(served, patient):
    patient.post(
        "contact", consent=True, name="Olga Petrova", phone="+44 20 7946 0958", note="I am Olga Petrova, call me"
    )

    with served.door.store.read() as connection:
        sealed = connection.exec_driver_sql("SELECT sealed FROM contact_requests").scalar_one()
    opened = served.door.box.open(sealed)
    assert opened == {
        "name": "Olga Petrova", "phone": "+44 20 7946 0958", "email": None, "note": "I am [name], call me",
    }  # fmt: skip
    assert b"7946 0958" not in b"".join(path.read_bytes() for path in served.door.store.files())


def test_when_the_redactor_is_not_loaded_then_the_door_says_that_it_is_not_ready(served):
    class Loading(Broken):
        def check(self):
            from bot.errors import WeightsError

            raise WeightsError("bot.redact: still loading; texts wait for it")

    object.__setattr__(served.door, "redactor", Loading())

    response = served.http.get("/readyz")

    assert response.status_code == 503
    assert "still loading" in response.json()["checks"]["redaction"]
