"""The private link: it is good only while it is, and leads to what the widget needs and to nothing else."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.studio import trial as trial_module
from bot.studio.trial import Trials
from tests.bot.studio.test_training import is_alive
from tests.bot.studio.web.conftest import candidate, post


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

    do_POST = do_GET


@pytest.fixture
def port() -> Iterator[int]:
    """Of the candidate's door."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Candidate)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def processes(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """A process in place of the whole bot, which ends with its input; gives the numbers of those that were started."""
    script, started = tmp_path / "bot", tmp_path / "started"
    script.write_text(f"#!/bin/sh\necho $$ >> {started}\necho '{{\"port\": {port}}}'\nexec cat > /dev/null\n")
    script.chmod(0o755)
    monkeypatch.setattr(trial_module, "DOOR", SimpleNamespace(executable=script))
    return lambda: [int(line) for line in started.read_text().split()]


@pytest.fixture
def start(at_work, project: Path, processes: Callable[[], list[int]]) -> Callable[..., str]:
    """Starts a candidate as a trainer does, and gives the link's token."""
    browser = at_work.at_work("trainer")
    for name in ("marrow-1", "marrow-2"):
        candidate(project, name)

    def begin(name: str = "marrow-1.tar.gz") -> str:
        assert post(browser, f"/models/{name}/try").status_code == 303
        (token,) = re.findall(r'href="/studio/try/([^/"]+)/"', browser.http.get(f"/studio/models/{name}").text)
        return str(token)

    return begin


def status(at_work, token: str, path: str = "") -> int:
    """What somebody gets who has the link and no account."""
    return int(at_work.browser().http.get(f"/studio/try/{token}/{path}").status_code)


def gone(at_work, token: str) -> bool:
    """Whether the link stops being good within some seconds, for page, files and messages."""
    end = time.monotonic() + 20
    while status(at_work, token) == 200 and time.monotonic() < end:
        time.sleep(0.05)
    return {status(at_work, token, path) for path in ("", "widget.js", "api/v1/config")} == {404}


def test_when_the_link_is_not_good_then_there_is_nothing(at_work, start: Callable[..., str]) -> None:
    token = start()
    assert len(token) >= 32

    for wrong in ("wrong", token[:-1], token + "x", token.swapcase(), "%00", "é"):
        assert {status(at_work, wrong, path) for path in ("", "widget.js", "api/v1/config")} == {404}, wrong
    assert at_work.browser().http.post(f"/studio/try/{token[:-1]}/api/v1/conversations").status_code == 404


def test_when_the_link_is_good_then_the_widget_gets_through_without_cookies(at_work, start: Callable[..., str]) -> None:
    token, browser = start(), at_work.at_work("trainer", "Ben")
    page = at_work.browser().http.get(f"/studio/try/{token}/")
    assert (page.status_code, 'src="widget.js"' in page.text, "marrow-1.tar.gz" in page.text) == (200, True, True)

    path = f"/studio/try/{token}/api/v1/conversations/c"
    got = browser.http.get(f"{path}/events?after=3", headers={"Authorization": "Bearer x"})

    assert got.text == "GET /api/v1/conversations/c/events?after=3 None Bearer x"
    assert "set-cookie" not in got.headers
    assert browser.http.delete(path).text.startswith("DELETE ")
    assert browser.http.post(f"{path}/messages", json={"text": "hello"}).text.startswith("POST ")


def test_when_another_candidate_is_tried_then_the_old_link_is_no_longer_good(
    at_work, start: Callable[..., str], processes: Callable[[], list[int]]
) -> None:
    old = start()
    assert start() == old  # asked for again, the same one stays

    new = start("marrow-2.tar.gz")

    assert new != old
    assert gone(at_work, old)
    assert status(at_work, new) == 200
    first, second = processes()
    assert (is_alive(first), is_alive(second)) == (False, True)


def test_when_it_is_ended_then_its_link_is_no_longer_good(at_work, start: Callable[..., str]) -> None:
    token = start()

    assert post(at_work.at_work("admin"), "/models/marrow-1.tar.gz/try/stop").status_code == 303

    assert gone(at_work, token)
    assert start() != token


def test_when_its_time_is_over_then_the_link_is_no_longer_good_and_the_process_ends(
    at_work, start: Callable[..., str], processes: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_module, "OPEN_FOR_S", 6)
    token = start()
    assert status(at_work, token) == 200

    assert gone(at_work, token)
    end = time.monotonic() + 20
    while is_alive(processes()[0]) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(processes()[0])


def test_when_the_candidate_dies_then_the_link_is_no_longer_good(
    at_work, start: Callable[..., str], processes: Callable[[], list[int]]
) -> None:
    token = start()

    os.kill(processes()[0], signal.SIGKILL)

    assert gone(at_work, token)


@pytest.mark.parametrize("role", ["agent", "viewer"])
def test_when_somebody_may_not_teach_then_they_start_no_candidate(
    at_work, project: Path, processes: Callable[[], list[int]], tmp_path: Path, role: str
) -> None:
    candidate(project)

    assert post(at_work.at_work(role), "/models/marrow-1.tar.gz/try").status_code == 403
    assert not (tmp_path / "started").exists()


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
def test_when_something_else_is_asked_for_then_it_is_not_passed_on(
    at_work, start: Callable[..., str], path: str
) -> None:
    got = at_work.browser().http.get(f"/studio/try/{start()}/{path.replace('..', '%2e%2e')}")

    assert "GET /" not in got.text
    assert got.status_code in (303, 307, 404)


def test_when_no_candidate_runs_then_no_token_is_good() -> None:
    trials = Trials()

    assert trials.of("") is None
    assert trials.named("marrow-1.tar.gz") is None
    trials.close()
