"""The private link: it is good only while it is, and leads to what the widget needs and to nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.studio.trial import Trial, Trials


class Candidate(BaseHTTPRequestHandler):
    """Stands for the candidate's door: says back what it got."""

    def do_GET(self) -> None:
        body = f"{self.command} {self.path} {self.headers.get('Cookie')} {self.headers.get('Authorization')}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Set-Cookie", "evil=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Candidate)
    Thread(target=server.serve_forever, daemon=True).start()
    running = SimpleNamespace(poll=lambda: None)
    made = Trial("s" * 32, "marrow-1.tar.gz", server.server_port, time.monotonic() + 60, running)  # type: ignore[arg-type]
    monkeypatch.setattr(Trials, "of", lambda self, token: made if token == made.token and made.is_open else None)
    yield made
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["", "widget.js", "api/v1/config"])
def test_when_the_link_is_not_good_then_there_is_nothing(at_work, trial: Trial, path: str) -> None:
    assert at_work.browser().http.get(f"/studio/try/wrong/{path}").status_code == 404


def test_when_the_link_is_good_then_the_widget_gets_through_without_cookies(at_work, trial: Trial) -> None:
    browser = at_work.at_work("trainer")

    got = browser.http.get(
        f"/studio/try/{trial.token}/api/v1/conversations/c/events?after=3", headers={"Authorization": "Bearer x"}
    )

    assert got.text == "GET /api/v1/conversations/c/events?after=3 None Bearer x"
    assert "set-cookie" not in got.headers
    assert browser.http.delete(f"/studio/try/{trial.token}/api/v1/conversations/c").text.startswith("DELETE ")


@pytest.mark.parametrize(
    "path",
    [
        "desk/login",
        "studio/inbox",
        "metrics",
        "healthz",
        "demo",
        "api/v2/x",
        "widget/../desk/login",
        "api/v1/../../desk",
    ],
)
def test_when_something_else_is_asked_for_then_it_is_not_passed_on(at_work, trial: Trial, path: str) -> None:
    got = at_work.browser().http.get(f"/studio/try/{trial.token}/{path.replace('..', '%2e%2e')}")

    assert "GET /" not in got.text
    assert got.status_code in (303, 307, 404)


def test_when_no_candidate_runs_then_no_token_is_good() -> None:
    trials = Trials()

    assert trials.of("") is None
    assert trials.named("marrow-1.tar.gz") is None
    trials.close()


def test_when_the_hour_is_over_then_the_link_is_not_good() -> None:
    trials, process = Trials(), SimpleNamespace(poll=lambda: None)
    trials._open = Trial("t", "m", 1, time.monotonic() - 1, process)  # type: ignore[arg-type]

    assert trials.of("t") is None
