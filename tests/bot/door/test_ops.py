"""Alive, ready, counted."""

from __future__ import annotations


def test_when_the_process_lives_then_healthz_says_so(served):
    assert served.http.get("/healthz").json() == {"status": "alive"}


def test_when_all_parts_answer_then_readyz_names_the_model(served):
    response = served.http.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "model": "model-1",
        "checks": {"store": "ok", "redaction": "ok", "brain": "ok"},
        "notes": [],
    }


def test_when_the_brain_has_no_model_then_readyz_says_which_part(served, brain):
    brain.model = None
    response = served.http.get("/readyz")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    checks = response.json()["checks"]
    assert checks["store"] == "ok"
    assert "no model" in checks["brain"]


def test_when_the_brain_is_down_then_the_door_is_alive_but_not_ready(served, brain):
    brain.stop()
    assert served.http.get("/readyz").status_code == 503
    assert served.http.get("/healthz").status_code == 200
    brain.start()
    assert served.http.get("/readyz").status_code == 200


def test_when_the_store_is_locked_then_readyz_says_which_part(served, locked):
    with locked():
        response = served.http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["store"] != "ok"
    assert served.http.get("/readyz").status_code == 200


def test_when_messages_went_through_then_they_are_counted(served, patient):
    patient.answer_to(patient.say("hello").json()["seq"])
    patient.say("hello", client_id="c1")
    patient.say("I am bleeding")
    served.http.get("/nowhere")
    text = served.http.get("/metrics").text
    for line in (
        'marrow_messages_acknowledged_total{kind="text"} 2.0',
        "marrow_messages_repeated_total 1.0",
        'marrow_messages_answered_total{outcome="answered"} 1.0',
        'marrow_messages_answered_total{outcome="safety"} 1.0',
        'marrow_danger_answered_total{verdict="emergency"} 1.0',
        'marrow_requests_refused_total{problem="not-found"} 1.0',
        "marrow_messages_waiting 0.0",
    ):
        assert line in text
    assert patient.conversation not in text
