"""Security headers, other origins, and a log without words."""

from __future__ import annotations

import logging

import pytest

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/", 307),
        ("GET", "/demo", 200),
        ("GET", "/widget.js", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/healthz", 405),
        ("POST", "/api/v1/conversations", 415),
        ("GET", "/api/v1/conversations/x/events", 401),
    ],
)
def test_when_anything_is_answered_then_it_carries_the_security_headers(served, method, path, status):
    response = served.http.request(method, path)
    assert response.status_code == status
    for name, value in ALWAYS.items():
        assert response.headers[name] == value
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "server" not in response.headers
    assert "strict-transport-security" not in response.headers


def test_when_a_trusted_proxy_says_https_then_the_browser_is_told_to_keep_to_it(doors):
    response = doors.start(trusted_proxies="127.0.0.1").http.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert response.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_when_somebody_else_says_https_then_it_is_not_believed(served):
    response = served.http.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in response.headers


@pytest.mark.parametrize(("origin", "allowed"), [("https://hospital.example", True), ("https://evil.example", False)])
def test_when_another_origin_calls_then_only_a_listed_one_may_read(served, origin, allowed):
    ask = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = served.http.options("/api/v1/conversations/x/messages", headers=ask)
    assert (preflight.status_code == 200) is allowed
    if not allowed:
        assert preflight.headers["content-type"] == "application/problem+json"
        assert preflight.json()["type"] == "urn:marrow:problem:origin-not-allowed"
    for response in (
        preflight,
        served.http.get("/api/v1/config", headers={"Origin": origin}),
        served.http.get("/tokens.css", headers={"Origin": origin}),
        served.http.get("/nowhere", headers={"Origin": origin}),
        served.http.post("/api/v1/conversations", headers={"Origin": origin}, content=b"x" * 20_000),
    ):
        assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "access-control-allow-credentials" not in response.headers
        assert response.headers["x-content-type-options"] == "nosniff"


def test_when_a_patient_talks_then_the_log_holds_no_words_ids_or_tokens(served, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore", "httpx"):  # the test's own client logs its headers
        logging.getLogger(name).setLevel(logging.WARNING)
    patient = served.begin().greeted()
    patient.answer_to(patient.say("my secret is quinoa").json()["seq"])
    patient.say("quinoa", client_id="c1")
    patient.post("messages", client_id=["quinoa"], text=7)
    patient.post("contact", phone="+1 555 0199", consent=True)
    served.http.delete(patient.path, headers=patient.headers)
    text = caplog.text
    assert "POST /api/v1/conversations/{conversation}/messages 202" in text
    for secret in ("quinoa", "5550199", "555 0199", patient.token, patient.conversation):
        assert secret not in text
