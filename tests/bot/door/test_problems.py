"""Every refusal is a problem document that says what was wrong."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.door.signing import Session, Signer

MEMBERS = {"type", "title", "status", "detail", "instance"}


def check(response: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) >= MEMBERS
    assert body["status"] == status
    assert body["type"] == f"urn:marrow:problem:{slug}"
    assert body["instance"] == response.request.url.path
    return body


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "slug"),
    [
        ("GET", "/nowhere", {}, 404, "not-found"),
        ("GET", "/api/v1/nowhere", {}, 404, "not-found"),
        ("GET", "/demo/%2e%2e/%2e%2e/app.py", {}, 404, "not-found"),
        ("GET", "/demo/nowhere.css", {}, 404, "not-found"),
        ("DELETE", "/api/v1/conversations", {}, 405, "method-not-allowed"),
        ("POST", "/widget.js", {}, 405, "method-not-allowed"),
        ("POST", "/", {}, 405, "method-not-allowed"),
        ("POST", "/api/v1/conversations", {"json": {"consent": "yes"}}, 422, "invalid"),
        ("POST", "/api/v1/conversations", {"json": [1]}, 422, "invalid"),
        ("POST", "/api/v1/conversations", {"json": {"consent": True, "language": "x" * 99}}, 422, "invalid"),
        ("POST", "/api/v1/conversations", {"json": {}}, 403, "consent-needed"),
        ("POST", "/api/v1/conversations", {"data": {"consent": "true"}}, 415, "unsupported-media-type"),
    ],
)
def test_when_a_request_is_wrong_then_a_problem_says_so(served, method, path, sent, status, slug):
    check(served.http.request(method, path, **sent), status, slug)


@pytest.mark.parametrize(
    "body",
    [b'{"consent": tru', b"\xff\xfe{}", b'{"consent": true' + b"}" * 9, b"[" * 9000],
    ids=["cut", "no UTF-8", "too much", "deep"],
)
def test_when_a_body_is_no_json_then_a_problem_says_so(served, body):
    response = served.http.post("/api/v1/conversations", content=body, headers={"Content-Type": "application/json"})
    check(response, 400, "bad-request")


def test_when_a_refusal_is_about_words_then_they_are_not_repeated(patient):
    response = patient.post("messages", client_id="no spaces", text=["my secret"])
    body = check(response, 422, "invalid")
    assert "my secret" not in response.text
    assert {"at", "message", "kind"} == set(body["errors"][0])


@pytest.mark.parametrize("way", ["declared", "streamed"])
def test_when_a_body_is_too_large_then_the_limit_is_named(patient, way):
    data = json.dumps({"client_id": "a", "text": "x" * 20_000}).encode()
    content = data if way == "declared" else iter([data[:10_000], data[10_000:]])
    headers = patient.headers | {"Content-Type": "application/json"}
    response = patient.http.post(f"{patient.path}/messages", content=content, headers=headers)
    body = check(response, 413, "body-too-large")
    assert body["limit"] == {"name": "body_max_bytes", "value": 16384, "unit": "bytes"}
    assert len(patient.events()) == 1


@pytest.mark.parametrize(
    ("text", "status"),
    [("x" * 2000, 202), ("x" * 2001, 422), ("é" * 2000, 202), ("\ufdfa" * 200, 422), ("😀" * 2000, 202)],
    ids=["at the limit", "above", "accents", "grows under NFKC", "emoji"],
)
def test_when_a_message_is_long_then_the_limit_decides(patient, text, status):
    headers = patient.headers | {"Content-Type": "application/json"}
    content = json.dumps({"client_id": "a", "text": text}, ensure_ascii=False).encode()
    response = patient.http.post(f"{patient.path}/messages", content=content, headers=headers)
    assert response.status_code == status
    if status == 422:
        body = check(response, 422, "message-too-long")
        assert body["limit"] == {"name": "message_max_characters", "value": 2000, "unit": "characters"}


@pytest.mark.parametrize("text", ["", "   ", "///", "\u200b\u2060", "\x00\x07", "\u3164", "/ \uff0f \u2044"])
def test_when_nothing_readable_is_sent_then_it_is_refused(patient, text):
    check(patient.say(text), 422, "empty-message")
    assert len(patient.events()) == 1


@pytest.mark.parametrize("body", [{}, {"text": "a", "choice": "b"}], ids=["neither", "both"])
def test_when_not_one_of_text_and_choice_is_sent_then_it_is_refused(patient, body):
    check(patient.post("messages", client_id="a", **body), 422, "invalid")


def test_when_a_token_does_not_open_a_conversation_then_nothing_tells_why(served, patient):
    other = served.begin()
    signer: Signer = served.door.signer
    now_ms = served.clock.now_ms()
    erased = served.begin().greeted()
    served.http.delete(erased.path, headers=erased.headers)
    cases = {
        "garbage": (patient.conversation, "garbage"),
        "cut": (patient.conversation, patient.token[:-2]),
        "another's": (patient.conversation, other.token),
        "over": (patient.conversation, signer.token(Session(patient.conversation, now_ms - 1))),
        "other key": (patient.conversation, Signer("k" * 40).token(Session(patient.conversation, now_ms + 9999))),
        "unknown conversation": ("A" * 24, patient.token),
        "erased": (erased.conversation, erased.token),
    }
    seen = set()
    for name, (conversation, token) in cases.items():
        for method, what, body in [
            ("GET", "/events", None),
            ("GET", "/transcript", None),
            ("POST", "/messages", {"client_id": "a", "text": "b"}),
            ("POST", "/feedback", {"seq": 1, "value": "up"}),
            ("POST", "/contact", {"phone": "555 0100", "consent": True}),
            ("DELETE", "", None),
        ]:
            response = served.http.request(
                method,
                f"/api/v1/conversations/{conversation}{what}",
                headers={"Authorization": f"Bearer {token}"},
                json=body,
            )
            body_got = check(response, 404, "no-such-conversation")
            seen.add((body_got["title"], body_got["detail"]))
            assert name
    assert len(seen) == 1
    assert len(patient.events()) == 1


@pytest.mark.parametrize("header", [None, "", "Basic eDp5", "Bearer", "Bearer\tx"])
@pytest.mark.parametrize("known", [True, False])
def test_when_there_is_no_token_then_one_is_asked_for(served, patient, header, known):
    conversation = patient.conversation if known else "A" * 24
    headers = {} if header is None else {"Authorization": header}
    response = served.http.get(f"/api/v1/conversations/{conversation}/events", headers=headers)
    check(response, 401, "token-needed")
    assert response.headers["www-authenticate"] == "Bearer"


def test_when_a_token_is_over_then_the_conversation_is_closed(served, patient):
    served.clock.ahead_ms = 30 * 86_400_000 - 60_000
    assert patient.say("still open").status_code == 202
    served.clock.ahead_ms += 120_000
    check(patient.say("too late"), 404, "no-such-conversation")


def test_when_a_form_is_not_offered_then_the_offered_ones_are_named(patient):
    response = patient.http.get(f"{patient.path}/events", headers=patient.headers | {"Accept": "text/html"})
    check(response, 406, "not-acceptable")


def test_when_something_unexpected_happens_then_the_problem_says_nothing_of_it(served, patient, monkeypatch, caplog):
    def broken(_text: str) -> None:
        raise RuntimeError("secret inside")

    object.__setattr__(served.door, "danger", broken)
    response = patient.say("hello")
    check(response, 500, "internal")
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert len(patient.events()) == 1


def test_when_the_store_refuses_then_nothing_is_acknowledged_and_it_recovers(patient, locked):
    with locked():
        response = patient.say("hello", client_id="kept")
    check(response, 503, "store-unavailable")
    assert int(response.headers["retry-after"]) > 0
    again = patient.say("hello", client_id="kept")
    assert again.status_code == 202
    patient.answer_to(again.json()["seq"])


def test_when_half_a_character_is_sent_then_it_is_kept_as_unreadable_and_nothing_breaks(patient):
    headers = patient.headers | {"Content-Type": "application/json"}
    content = rb'{"client_id": "a", "text": "\ud800 hello \ud83d\ude00"}'
    response = patient.http.post(f"{patient.path}/messages", content=content, headers=headers)
    assert response.status_code == 202
    assert patient.events(after=1)[0]["text"] == "\ufffd hello \U0001f600"
    for what, body, status in [
        ("contact", rb'{"consent": true, "phone": "555 0100", "note": "a\u0000b"}', 201),
        ("contact", rb'{"consent": true, "phone": "555 0100", "name": "\ud800"}', 201),
        ("feedback", rb'{"seq": 1, "value": "up", "comment": "a\u0000b"}', 201),
        ("feedback", rb'{"seq": 1, "value": "up", "comment": "\ud800"}', 200),
    ]:
        response = patient.http.post(f"{patient.path}/{what}", content=body, headers=headers)
        assert response.status_code == status, (what, body)
    for body, status in [
        (rb'{"client_id": "\ud800", "text": "x"}', 422),
        (rb'{"client_id": "b", "choice": "\ud800"}', 422),
        (rb'{"client_id": "b", "text": NaN}', 422),
    ]:
        assert patient.http.post(f"{patient.path}/messages", content=body, headers=headers).status_code == status
