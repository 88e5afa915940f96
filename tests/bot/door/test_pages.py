"""The widget's files and the demo page."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import insert

from bot.journal.models import Conversation
from bot.journal.staff_models import Handoff


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/widget.js", "text/javascript; charset=utf-8"),
        ("/tokens.css", "text/css; charset=utf-8"),
        ("/demo", "text/html; charset=utf-8"),
        ("/demo/", "text/html; charset=utf-8"),
    ],
)
def test_when_a_file_is_asked_for_then_it_comes_with_its_type_and_an_etag(served, path, kind):
    response = served.http.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == kind
    assert response.headers["cache-control"] == "no-cache"
    again = served.http.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert served.http.head(path).status_code == 200


def test_when_the_root_is_asked_for_then_it_leads_to_the_demo(served):
    response = served.http.get("/")
    assert response.status_code == 307
    assert response.headers["location"] == "/demo"


def test_when_the_widget_is_loaded_from_another_page_then_the_browser_may(served):
    assert served.http.get("/widget.js").headers["cross-origin-resource-policy"] == "cross-origin"
    assert served.http.get("/demo").headers["cross-origin-resource-policy"] == "same-origin"


def test_when_a_browser_takes_gzip_then_the_widget_comes_small_but_events_do_not_wait(served, patient):
    small = served.http.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip"
    assert small.text == "let widget=1;\n" * 100 or small.text == ";".join(["let widget=1"] * 100) + ";"
    plain = served.http.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in patient.http.get(f"{patient.path}/transcript", headers=patient.headers).headers


def test_when_the_demo_page_is_served_then_its_policy_allows_only_its_own_files(served):
    policy = served.http.get("/demo").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["/demo/%2e%2e/widget.js", "/demo/..%2f..%2fapp.py", "/demo/%00", "/demo//etc/passwd"])
def test_when_a_path_leads_out_of_the_folder_then_nothing_is_found(served, path):
    response = served.http.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_when_a_script_is_served_then_it_is_small_and_the_file_stays_readable(served):
    text = served.http.get("/widget.js").text
    assert "// the widget" not in text
    assert "widget = 1" not in text
    assert served.http.head("/widget.js").status_code == 200


def test_when_the_file_changes_then_the_next_answer_is_new(served, doors):
    first = served.http.get("/widget.js")
    (doors.folder / "static" / "widget.js").write_text("let other = 2;")
    again = served.http.get("/widget.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.text == "let other=2;"


def test_when_a_script_is_missing_then_nothing_is_found(served):
    for path in ("/widget/none.js", "/widget/%2e%2e/app.js", "/widget/%00.js", "/widget/"):
        assert served.http.get(path).status_code == 404


@pytest.mark.parametrize(("zone_hours", "open_now"), [("Mon-Sun 00:00-24:00", True), ("Mon-Fri 08:30-17:00", None)])
def test_when_the_hours_are_asked_for_then_config_says_whether_and_when_somebody_is_there(doors, zone_hours, open_now):
    served = doors.start(office_hours=zone_hours, time_zone="Asia/Shanghai")
    config = served.http.get("/api/v1/config").json()
    if open_now:
        assert (config["open_now"], config["opens_at"]) == (True, None)
        return
    for _ in range(8):  # at some hour of a day and a half it is closed
        if not config["open_now"]:
            break
        served.clock.ahead_ms += 5 * 3_600_000
        config = served.http.get("/api/v1/config").json()
    assert config["opens_at"].endswith("00:30:00.000Z")
    assert config["expected_wait_min"] is None


def test_when_patients_were_met_lately_then_config_says_how_long_it_takes(doors):
    served = doors.start(office_hours="Mon-Sun 00:00-24:00")
    now_ms = served.clock.now_ms()
    with served.door.store.write() as connection:
        for number in range(5):
            name = f"c{number}"
            connection.execute(
                insert(Conversation).values(
                    id=name, created_at_ms=now_ms, expires_at_ms=now_ms + 10**9, last_seq=2, state={}
                )
            )
            connection.execute(
                insert(Handoff).values(
                    conversation_id=name, kind="person_now", asked_at_ms=now_ms - 600_000, taken_at_ms=now_ms - 360_000
                )
            )
    ends = time.monotonic() + 5
    while (wait_min := served.http.get("/api/v1/config").json()["expected_wait_min"]) is None:
        assert time.monotonic() < ends, "the wait was never looked up"
        time.sleep(0.05)
    assert wait_min == 4
