"""The widget's files and the demo page."""

from __future__ import annotations

import pytest


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
    assert small.text.startswith("// the widget")
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
