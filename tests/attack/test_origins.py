"""A web page that was not invited gets nothing done, not only nothing to read; nor does a name that is not the door's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.callers import is_own_origin
from bot.door.origins import allowed_hosts, allowed_origins, is_own_host, trusted_proxies
from bot.errors import SettingsError
from tests.bot.door.conftest import Patient, Served

LISTED = "https://hospital.example"
# Each is near the listed https://hospital.example or https://klinik-münchen.example:8443, and none of them is it.
FORBIDDEN = {
    "null": "null",
    "empty": "",
    "a star": "*",
    "suffix": "https://hospital.example.evil.example",
    "suffix without a dot": "https://hospital.exampleevil",
    "prefix": "https://evilhospital.example",
    "prefix with a dash": "https://evil-hospital.example",
    "below it": "https://evil.hospital.example",
    "above it": "https://example",
    "port": "https://hospital.example:8443",
    "usual port spelt out": "https://hospital.example:443",
    "port 0": "https://hospital.example:0",
    "no port": "https://hospital.example:",
    "plain scheme": "http://hospital.example",
    "other scheme": "ftp://hospital.example",
    "extension": "chrome-extension://hospital.example",
    "file": "file://",
    "no scheme": "hospital.example",
    "no scheme, slashes": "//hospital.example",
    "user": "https://hospital.example@evil.example",
    "user and word": "https://hospital.example:x@evil.example",
    "evil as the user": "https://evil@hospital.example",
    "upper case": "HTTPS://HOSPITAL.EXAMPLE",
    "upper case host": "https://Hospital.example",
    "trailing dot": "https://hospital.example.",
    "trailing slash": "https://hospital.example/",
    "path": "https://hospital.example/x",
    "query": "https://hospital.example?x",
    "fragment": "https://evil.example#https://hospital.example",
    "backslash": "https://evil.example\\hospital.example",
    "space": "https://hospital.example evil",
    "two": "https://hospital.example, https://evil.example",
    "two, spaces": "https://evil.example https://hospital.example",
    "tab": "https://hospital.example\tx",
    "encoded dot": "https://hospital%2eexample",
    "encoded NUL": "https://hospital.example%00.evil.example",
    "Cyrillic": "https://hоspital.example",
    "Cyrillic in ASCII": "https://xn--hspital-jof.example",
    "full-width": "https://ｈospital.example",
    "ideographic dot": "https://hospital。example",
    "name as typed": "https://klinik-münchen.example:8443",
    "name without its port": "https://xn--klinik-mnchen-3ob.example",
    "IPv4": "https://127.0.0.1",
    "decimal IPv4": "https://2130706433",
    "IPv6": "https://[::1]",
    "localhost": "http://localhost",
    "quote": "https://hospital.example'",
    "long": "https://hospital.example" + ".a" * 4000,
}
ALLOWED = [LISTED, "https://xn--klinik-mnchen-3ob.example:8443"]


@pytest.fixture
def served(doors: Any) -> Served:
    """A door with two pages that may carry the widget, one of them with an umlaut."""
    started: Served = doors.start(allowed_origins=f"{LISTED}/, https://klinik-münchen.example:8443")
    return started


def stored(served: Served) -> int:
    with served.door.store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one())


def test_when_a_page_is_not_listed_then_its_preflight_and_its_posts_are_refused(served: Served) -> None:
    wrong = []
    for name, origin in FORBIDDEN.items():
        sent = origin.encode("utf-8")
        ask = {b"Origin": sent, b"Access-Control-Request-Method": b"POST"}
        preflight = served.http.options("/api/v1/conversations", headers=ask)
        # what a page can send without a preflight
        simple = {b"Origin": sent, b"Content-Type": b"text/plain"}
        for response in (
            preflight,
            served.http.post("/api/v1/conversations", headers=simple, content=b'{"consent": true}'),
            served.http.post("/api/v1/conversations", headers={b"Origin": sent}, json={"consent": True}),
        ):
            refused = response.status_code == 403 and response.json()["type"] == "urn:marrow:problem:origin-not-allowed"
            if not refused or "access-control-allow-origin" in response.headers:
                wrong.append((name, response.request.method, response.status_code, response.text))
    assert wrong == []
    assert stored(served) == 0


@pytest.mark.parametrize("origin", ALLOWED)
def test_when_a_page_is_listed_then_it_may_do_all_that_the_widget_does(served: Served, origin: str) -> None:
    ask = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = served.http.options("/api/v1/conversations", headers=ask)
    assert preflight.status_code == 200
    begun = served.http.post("/api/v1/conversations", headers={"Origin": origin}, json={"consent": True})
    assert begun.status_code == 201
    for response in (preflight, begun):
        assert response.headers["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("ask", [{"method": "PUT"}, {"method": "TRACE"}, {"headers": "x-evil"}, {"headers": "cookie"}])
def test_when_a_preflight_asks_for_more_than_there_is_then_it_is_refused(served: Served, ask: dict[str, str]) -> None:
    headers = {"Origin": LISTED, "Access-Control-Request-Method": ask.get("method", "POST")}
    if "headers" in ask:
        headers["Access-Control-Request-Headers"] = ask["headers"]
    assert served.http.options("/api/v1/conversations", headers=headers).status_code == 403


def test_when_a_page_is_not_listed_then_even_a_token_opens_nothing_for_it(served: Served) -> None:
    patient = served.begin().greeted()
    for method, path, body in [
        ("GET", "/events", None),
        ("GET", "/transcript", None),
        ("POST", "/messages", {"client_id": "a", "text": "hello"}),
        ("DELETE", "", None),
    ]:
        headers = patient.headers | {"Origin": "https://evil.example", "Accept": "application/json"}
        response = served.http.request(method, patient.path + path, headers=headers, json=body)
        assert response.status_code == 403, (method, path)
    assert len(patient.events()) == 1


def test_when_a_page_is_not_listed_then_danger_in_its_post_is_answered_all_the_same(served: Served) -> None:
    response = served.http.post(
        "/api/v1/conversations",
        headers={"Origin": "https://evil.example"},
        json={"consent": False, "text": "my son is bleeding"},
    )
    assert response.status_code == 403
    assert response.json()["safety"]["verdict"] == "emergency"


def test_when_the_doors_own_page_posts_then_it_may(served: Served) -> None:
    own = str(served.http.base_url)
    for origin in (own, own.replace("http:", "https:")):
        response = served.http.post("/api/v1/conversations", headers={"Origin": origin}, json={"consent": True})
        assert response.status_code == 201
    other_port = served.http.post("/api/v1/conversations", headers={"Origin": f"{own}0"}, json={"consent": True})
    assert other_port.status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "hospital.example", "localhost.evil.example"]
)
def test_when_a_name_is_led_to_this_machine_then_the_door_does_not_know_it(served: Served, host: str) -> None:
    """DNS rebinding: the page's own name leads here, so the browser takes door and page for one origin."""
    headers = {"Host": host, "Origin": f"http://{host}"}
    response = served.http.post("/api/v1/conversations", headers=headers, json={"consent": True})
    assert response.status_code == 421
    assert response.json()["type"] == "urn:marrow:problem:host-not-allowed"
    assert "MARROW_ALLOWED_HOSTS" in response.json()["detail"]
    assert served.http.get("/demo", headers={"Host": host}).status_code == 421
    assert stored(served) == 0


def test_when_a_name_is_listed_then_the_door_is_known_by_it(doors: Any) -> None:
    served = doors.start(allowed_hosts="chat.hospital.example, Klinik-München.example", trusted_proxies="127.0.0.1")
    for host in ("chat.hospital.example", "chat.hospital.example:443", "xn--klinik-mnchen-3ob.example"):
        headers = {
            "Host": host,
            "Origin": f"https://{host.removesuffix(':443')}",
            "X-Forwarded-Proto": "https",
        }
        assert served.http.post("/api/v1/conversations", headers=headers, json={"consent": True}).status_code == 201
    plain = {"Host": "chat.hospital.example", "Origin": "http://chat.hospital.example", "X-Forwarded-Proto": "https"}
    assert served.http.post("/api/v1/conversations", headers=plain, json={"consent": True}).status_code == 403
    for host in ("evil.example", "chat.hospital.example.evil.example", "chat.hospital.example."):
        assert served.http.get("/demo", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8080", True),
        ("10.1.2.3", True),
        ("[::1]:8080", True),
        ("[fe80::1]", True),
        ("localhost", True),
        ("LOCALHOST:8080", True),
        ("demo.localhost", True),
        ("door", True),
        ("door:8080", True),
        ("listed.example:9", True),
        ("other.example", False),
        ("127.0.0.1.nip.example", False),
        ("127.1.", False),
        ("", False),
        ("a b", False),
        ("door:99999", False),
        ("door:0", False),
        ("door:x", False),
        ("user@door", False),
        ("door/x", False),
        ("[::1", False),
        ("[evil.example]", False),
        ("door\\x", False),
        ("höst", False),
        ("-door", False),
        ("x" * 64, False),
    ],
)
def test_when_a_host_is_sent_then_it_is_the_doors_or_not(host: str, own: bool) -> None:
    assert is_own_host(host, frozenset({"listed.example"})) is own


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "own"),
    [
        ("http://door:8080", "door:8080", "http", True),
        ("https://door:8080", "door:8080", "http", True),
        ("https://door", "door", "https", True),
        ("https://door", "door:443", "https", True),
        ("http://door", "door:80", "http", True),
        ("http://door", "door", "https", False),
        ("http://door:443", "door", "http", False),
        ("http://", "", "http", False),
        ("null", "null", "http", False),
        ("ftp://door", "door", "ftp", False),
        ("http://door.", "door", "http", False),
        ("http://DOOR", "door", "http", False),
        ("http://x@door", "door", "http", False),
    ],
)
def test_when_an_origin_is_sent_then_it_is_the_doors_or_not(origin: str, host: str, scheme: str, own: bool) -> None:
    assert is_own_origin(origin, host, scheme) is own


@pytest.mark.parametrize(
    ("read", "setting", "named"),
    [
        *[
            (allowed_origins, entry, "MARROW_ALLOWED_ORIGINS")
            for entry in (
                *("*", "null", "hospital.example", "https://*.hospital.example", "https://a/b", "https://u@a"),
                *(
                    "https://a:99999",
                    "https://a:0",
                    "ftp://a",
                    "https://",
                    "https://a b",
                    "https://a?x",
                    "javascript:1",
                ),
            )
        ],
        *[
            (allowed_hosts, entry, "MARROW_ALLOWED_HOSTS")
            for entry in (
                "*",
                "*.hospital.example",
                "https://hospital.example",
                "hospital.example:443",
                "a/b",
                ".a",
                "a..b",
            )
        ],
        *[
            (trusted_proxies, entry, "MARROW_TRUSTED_PROXIES")
            for entry in ("*", "nginx", "10.0.0.1/24", "300.1.1.1", "10.0.0.0/33", "127.0.0.1:80")
        ],
    ],
)
def test_when_a_setting_would_let_in_more_than_it_says_then_it_is_refused_at_the_start(
    read: Callable[[str], object], setting: str, named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        read(setting)


def test_when_settings_are_read_then_they_are_as_browsers_send_them() -> None:
    given = " https://A.example/ , http://b.example:80,https://b.example:8443 , https://[2001:DB8::1] ,"
    assert allowed_origins(given) == {
        "https://a.example", "http://b.example", "https://b.example:8443", "https://[2001:db8::1]",
    }  # fmt: skip
    assert allowed_origins("") == frozenset()
    assert trusted_proxies("127.0.0.1, 10.0.0.0/24,::1") == ["127.0.0.1", "10.0.0.0/24", "::1"]


def test_when_a_patient_is_of_the_doors_own_page_then_reading_has_no_origin_and_may(served: Served) -> None:
    patient: Patient = served.begin().greeted()
    assert len(patient.events()) == 1
