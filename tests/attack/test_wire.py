"""Requests that are no browser's: doubled and contradictory headers, endless heads, slow bodies, bombs, odd paths."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.door import limits, wire
from tests.attack.conftest import raw_to
from tests.bot.door.conftest import Patient, Served

RED = "my son is bleeding"
BEGIN = b"POST /api/v1/conversations HTTP/1.1\r\nContent-Type: application/json\r\n"
HOST = b"Host: door\r\n"
CONSENT = b'{"consent": true}'


def begun(served: Served) -> int:
    with served.door.store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one())


SMUGGLED = {
    "length and chunks": HOST + b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + CONSENT,
    "chunks and length": HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 17\r\n\r\n0\r\n\r\n" + CONSENT,
    "two lengths": HOST + b"Content-Length: 17\r\nContent-Length: 3\r\n\r\n" + CONSENT,
    "two equal lengths": HOST + b"Content-Length: 17\r\nContent-Length: 17\r\n\r\n" + CONSENT,
    "length list": HOST + b"Content-Length: 17, 17\r\n\r\n" + CONSENT,
    "length signed": HOST + b"Content-Length: +17\r\n\r\n" + CONSENT,
    "length negative": HOST + b"Content-Length: -1\r\n\r\n" + CONSENT,
    "length hexadecimal": HOST + b"Content-Length: 0x11\r\n\r\n" + CONSENT,
    "length with a space before the colon": HOST + b"Content-Length : 17\r\n\r\n" + CONSENT,
    "length of many digits": HOST + b"Content-Length: 99999999999999999999999\r\n\r\n" + CONSENT,
    "chunks misspelt": HOST + b"Transfer-Encoding: xchunked\r\n\r\n11\r\n" + CONSENT + b"\r\n0\r\n\r\n",
    "chunks and identity": HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n11\r\n" + CONSENT + b"\r\n0\r\n\r\n",
    "chunk of bad size": HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + CONSENT + b"\r\n0\r\n\r\n",
    "chunk of minus size": HOST + b"Transfer-Encoding: chunked\r\n\r\n-11\r\n" + CONSENT + b"\r\n0\r\n\r\n",
    "folded header": HOST + b"X: a\r\n Content-Length: 17\r\n\r\n" + CONSENT,
    "bare line feeds": b"Host: door\nContent-Length: 17\n\n" + CONSENT,
    "NUL in a header": HOST + b"X: a\x00b\r\nContent-Length: 17\r\n\r\n" + CONSENT,
    "no host": b"Content-Length: 17\r\n\r\n" + CONSENT,
    "two hosts": HOST + b"Host: evil.example\r\nContent-Length: 17\r\n\r\n" + CONSENT,
    "two kinds of body": HOST + b"Content-Type: text/plain\r\nContent-Length: 17\r\n\r\n" + CONSENT,
    "two origins": HOST + b"Origin: https://hospital.example\r\nOrigin: https://evil.example\r\nContent-Length: 17\r\n\r\n"
    + CONSENT,
}  # fmt: skip


def test_when_a_request_can_be_read_in_two_ways_then_it_is_refused(served: Served) -> None:
    wrong = {}
    for name, rest in SMUGGLED.items():
        got = raw_to(served, silence_s=1.0)(BEGIN + rest)
        statuses = [line for line in got.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
        if not statuses or not all(line[9:12] in (b"400", b"403", b"415", b"421", b"413") for line in statuses):
            wrong[name] = got
        assert b"x-content-type-options: nosniff" in got.lower(), name
        assert b"server:" not in got.lower()
    assert wrong == {}
    assert begun(served) == 0


def test_when_a_request_is_as_it_should_be_then_the_same_bytes_are_taken(served: Served) -> None:
    """The control of the one above."""
    got = raw_to(served, silence_s=1.0)(BEGIN + HOST + b"Content-Length: 17\r\nConnection: close\r\n\r\n" + CONSENT)
    assert got.startswith(b"HTTP/1.1 201 ")
    old = BEGIN.replace(b"1.1", b"1.0") + b"Content-Length: 17\r\n\r\n" + CONSENT
    assert raw_to(served)(old).startswith(b"HTTP/1.1 201 ")
    assert begun(served) == 2


def test_when_a_second_request_hides_in_the_body_of_the_first_then_it_is_only_its_body(served: Served) -> None:
    hidden = b"DELETE /api/v1/conversations/x HTTP/1.1\r\nHost: door\r\n\r\n"
    head = BEGIN + HOST + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(hidden)
    got = raw_to(served, silence_s=1.0)(head + hidden)
    assert got.count(b"HTTP/1.1 ") == 1
    assert got.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "kind", ["\x16\x03\x01\x02\x00\x01\x00", "GET\r\n\r\n", "G" * 100, "\r\n\r\nGET / HTTP/9.9\r\n\r\n"]
)
def test_when_it_is_no_http_then_the_refusal_is_a_problem_document_with_the_security_headers(
    raw: Any, kind: str
) -> None:
    got = raw(kind.encode("latin-1"))
    if got:
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-security-policy: default-src 'none'" in head
        assert json.loads(body)["type"] == "urn:marrow:problem:bad-request"


@pytest.mark.parametrize("whole", [True, False], ids=["at once", "bit by bit"])
def test_when_a_head_never_ends_then_it_is_refused(served: Served, whole: bool) -> None:
    lines = [b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(60)]
    begin = b"GET /healthz HTTP/1.1\r\nHost: door\r\n"
    parts = [begin + b"".join(lines) + b"\r\n"] if whole else [begin, *lines]
    where = urlsplit(str(served.http.base_url))
    got = b""
    with socket.create_connection((where.hostname, where.port), timeout=3) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(0 if whole else 0.002)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while came := connection.recv(65_536):
                got += came
        except (TimeoutError, ConnectionResetError):
            pass
    assert b" 200 " not in got
    if got:  # a reset connection may take the answer along
        assert got.startswith(b"HTTP/1.1 431 ")
        assert b"head-too-large" in got


@pytest.mark.slow  # it waits for time-outs
def test_when_a_head_comes_too_slowly_then_the_door_hangs_up(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_TIMEOUT_S", 0.3)
    send = raw_to(doors.start(), silence_s=1.5)
    for head in (b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: door\r\nX-Slow: "):
        began = time.monotonic()
        got = send(head)
        assert got.startswith(b"HTTP/1.1 408 "), head
        assert b"head-too-slow" in got
        assert time.monotonic() - began < 10, "as if nothing had been set"
    second = send(b"GET /healthz HTTP/1.1\r\nHost: door\r\n\r\nGET /he")
    assert second.startswith(b"HTTP/1.1 200 ")


@pytest.mark.slow  # it waits for time-outs
def test_when_a_body_comes_too_slowly_then_danger_in_what_came_is_answered(
    doors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.BodyLimit.__init__, "__defaults__", (0.3,))
    served = doors.start()
    head = BEGIN + HOST + b"Content-Length: 500\r\n\r\n"
    got = raw_to(served, silence_s=5)(head + f'{{"consent": false, "text": "{RED}'.encode())
    assert got.startswith(b"HTTP/1.1 408 ")
    assert json.loads(got.partition(b"\r\n\r\n")[2])["safety"]["verdict"] == "emergency"


def _long(words: str, most: int) -> bytes:
    filler = "we live near the hospital and have a question about the costs of it all "
    return json.dumps({"client_id": "a", "text": filler * (most // len(filler)) + words}).encode()


@pytest.mark.parametrize("way", ["declared", "streamed", "a megabyte"])
def test_when_a_body_is_too_large_then_danger_in_what_was_read_is_answered(patient: Patient, way: str) -> None:
    data = json.dumps(
        {"client_id": "a", "text": f"{RED}. " + "x " * (500_000 if way == "a megabyte" else 10_000)}
    ).encode()
    content: Any = iter([data[:10_000], data[10_000:]]) if way == "streamed" else data
    headers = patient.headers | {"Content-Type": "application/json"}
    response = patient.http.post(f"{patient.path}/messages", content=content, headers=headers)
    assert response.status_code == 413
    assert response.json()["safety"]["verdict"] == "emergency"
    assert len(patient.events()) == 1


@pytest.mark.parametrize(
    ("where", "status"), [(1_000, 202), (1_900, 422), (4_000, 422), (9_000, 422), (15_000, 422), (15_900, 413)]
)
def test_when_danger_stands_far_down_then_it_is_found_all_the_same(patient: Patient, where: int, status: int) -> None:
    body = _long(f"and now {RED} " + "." * 200, where)
    if status == 413:
        body = body[:-2] + b" and more" * 200 + b'"}'
    response = patient.http.post(
        f"{patient.path}/messages", content=body, headers=patient.headers | {"Content-Type": "application/json"}
    )
    assert response.status_code == status
    told = response.json()["safety"]["verdict"] if status != 202 else patient.events()[-1]["safety"]
    assert told == "emergency"


@pytest.mark.slow  # it waits for time-outs
def test_when_a_length_lies_then_what_it_promises_is_not_waited_for(served: Served) -> None:
    head = BEGIN + HOST + b"Content-Length: %d\r\n\r\n"
    began = time.monotonic()
    got = raw_to(served, silence_s=5)(head % 10**9 + CONSENT)
    assert got.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - began < limits.BODY_TIMEOUT_S / 2
    short = raw_to(served, silence_s=1)(head % 5 + CONSENT)
    assert short.startswith(b"HTTP/1.1 400 ")
    assert begun(served) == 0


def test_when_a_body_is_a_bomb_then_it_is_not_unpacked(patient: Patient) -> None:
    bomb = gzip.compress(b'{"client_id": "a", "text": "' + b"0" * 5_000_000 + b'"}')
    assert len(bomb) < 16_384
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP", "x-gzip"):
        headers = patient.headers | {"Content-Type": "application/json", "Content-Encoding": encoding}
        response = patient.http.post(f"{patient.path}/messages", content=bomb, headers=headers)
        assert response.status_code == 415, encoding
        assert response.json()["type"] == "urn:marrow:problem:unsupported-media-type"
    assert len(patient.events()) == 1


@pytest.mark.parametrize(
    "body", ['{"a":' * 1500 + "1" + "}" * 1500, "[" * 16_000, '{"text":"' + "\\u0041" * 2600 + '"}']
)
def test_when_a_body_is_deep_or_dense_then_it_is_refused_without_a_fault(patient: Patient, body: str) -> None:
    headers = patient.headers | {"Content-Type": "application/json"}
    response = patient.http.post(f"{patient.path}/messages", content=body.encode(), headers=headers)
    assert 400 <= response.status_code < 500, response.text


STATIC = [
    "/demo/../app.py", "/demo/%2e%2e/app.py", "/demo/..%2fapp.py", "/demo/%2e%2e%2fapp.py", "/demo/..%5capp.py",
    "/demo/%252e%252e/app.py", "/demo/....//app.py", "/demo/./../../app.py", "/demo//etc/passwd", "/demo/%2fetc/passwd",
    "/demo/%00", "/demo/index.html%00.css", "/demo/index.html%20", "/demo/%c0%ae%c0%ae/app.py",
    "/demo/%uff0e%uff0e/app.py", "/demo/%ff", "/demo/" + "a" * 4000, "/demo/" + "../" * 400 + "etc/passwd",
    "//widget.js", "/widget.js/", "/widget.js/..", "/WIDGET.JS", "/widget.js%00", "/widget.js;x", "/.env", "/.git/config",
    "/demo/.env", "/static/widget.js", "/openapi.json", "/docs", "/redoc", "/api/v1", "/api/v1/", "/api/v1/../v1/confi",
    "/api//v1/config", "//api/v1/config", "/API/V1/CONFIG", "/api/v1/config/", "/api/v1/conversations/", "/metrics/",
]  # fmt: skip


def test_when_a_path_is_a_trick_then_nothing_is_found(served: Served) -> None:
    wrong = {}
    for path in STATIC:
        line = b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        got = raw_to(served)(line)
        if not got.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 405 ")) or b"application/problem+json" not in got:
            wrong[path] = got[:200]
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://evil.example/healthz HTTP/1.1",
        b"CONNECT evil.example:443 HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"TRACE / HTTP/1.1",
        b"PROPFIND / HTTP/1.1",
        b"GET /\xff\xfe HTTP/1.1",
        b"get /healthz HTTP/1.1",
    ],
)
def test_when_a_request_line_is_odd_then_nothing_breaks(served: Served, line: bytes) -> None:
    got = raw_to(served)(line + b"\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert got.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200 "))
    assert b"evil" not in got
    if got.startswith(b"HTTP/1.1 200 "):
        assert b"GET http" in line, "an absolute address is served by its path alone"
    assert served.http.get("/healthz").status_code == 200
