"""Nothing that a client sends looks like an entry of the log, and no entry holds words, tokens or ids."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import time
from collections.abc import Iterator

import pytest

from bot.door.logs import FORMAT, OneEntryALine, one_line
from bot.errors import StoreError
from tests.attack.conftest import raw_to
from tests.bot.door.conftest import Served

ENTRY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ [\w.-]+ ")
FORGED = "2026-01-01T00:00:00.000Z INFO bot.door.access DELETE /all 204 - 0.1 ms"
CANARY = "quinoa-4711"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as the door's process writes it, down to the last detail."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneEntryALine(FORMAT))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    quiet = {name: logging.getLogger(name).level for name in ("httpx", "httpcore")}  # the test's own client
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.parametrize(
    "line_end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1b[2K\r", "\x00\n"]
)
def test_when_a_text_ends_a_line_then_the_log_does_not(log: io.StringIO, line_end: str) -> None:
    logging.getLogger("bot.test").warning("refused %s", f"x{line_end}{FORGED}")
    lines = log.getvalue().splitlines()
    assert ENTRY.match(lines[0])
    assert all(line.startswith("    | ") for line in lines[1:])
    assert "\x1b" not in log.getvalue()


def test_when_direction_marks_are_logged_then_they_are_shown() -> None:
    assert one_line("a\u202eb\u200bc\td é 漢") == r"a\u202eb\u200bc\td é 漢"


def test_when_an_error_is_logged_then_its_place_is_and_its_text_is_not(log: io.StringIO) -> None:
    def fails() -> None:
        raise ValueError(f"could not read {CANARY}")

    try:
        fails()
    except ValueError:
        logging.getLogger("bot.test").exception("it failed")
    try:
        raise StoreError("bot.journal: the disk is full")
    except StoreError:
        logging.getLogger("bot.test").error("it failed", exc_info=sys.exc_info())
    assert CANARY not in log.getvalue()
    assert "in fails" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert "the disk is full" in log.getvalue(), "our own errors are written for operators"


def test_when_clients_send_forged_entries_everywhere_then_no_entry_is_theirs_and_none_holds_words(
    served: Served, log: io.StringIO
) -> None:
    patient = served.begin().greeted()
    forged = f"{CANARY}\n{FORGED}"
    encoded = forged.replace("\n", "%0d%0a").replace(" ", "%20")
    patient.answer_to(patient.say(forged).json()["seq"])
    patient.post("messages", client_id=forged, text=forged)
    patient.post("messages", client_id="x", choice=forged)
    patient.post("feedback", seq=1, value="up", comment=forged)
    patient.post("contact", phone="+1 555 0177", note=forged, name=forged, consent=True)
    patient.http.post("/api/v1/conversations", json={"consent": True, "language": forged})
    patient.http.post("/api/v1/conversations", json={"consent": True, "time_zone": forged})
    patient.http.get(f"/{encoded}")
    patient.http.get(f"/api/v1/conversations/{encoded}/events", headers=patient.headers)
    patient.http.get(f"{patient.path}/events?after={encoded}", headers=patient.headers)
    for name in ("Accept", "Origin", "Last-Event-ID", "User-Agent", "X-Forwarded-For", "Content-Type", "Authorization"):
        head = (
            f"GET /api/v1/config HTTP/1.1\r\nHost: door\r\n{name}: {CANARY} \u0085{FORGED}\r\nConnection: close\r\n\r\n"
        )
        raw_to(served)(head.encode())
    raw_to(served)(f"{CANARY}\n{FORGED}\r\n\r\n".encode())
    object.__setattr__(served.door, "danger", lambda text: (_ for _ in ()).throw(RuntimeError(text)))
    assert patient.say(f"{CANARY} again").status_code == 500

    written = log.getvalue()
    assert written.count("bot.door.access") > 15
    for line in written.splitlines():
        assert ENTRY.match(line) or line.startswith("    | "), line
        assert "/all" not in line
    for secret in (CANARY, patient.token, patient.conversation, "555 0177", served.door.settings.secret_key):
        assert secret not in written
        assert json.dumps(secret)[1:-1] not in written


def test_when_something_is_refused_then_the_log_says_which_refusal_it_was(served: Served, log: io.StringIO) -> None:
    served.http.get("/api/v1/conversations/x/events", headers={"Authorization": "Bearer forged"})
    served.http.post("/api/v1/conversations", json={"consent": True}, headers={"Origin": "https://evil.example"})
    ends = time.monotonic() + 5  # the entry is written after the answer was sent
    while "POST" not in log.getvalue() and time.monotonic() < ends:
        time.sleep(0.02)
    assert "GET /api/v1/conversations/{conversation}/events 404 no-such-conversation " in log.getvalue()
    assert "POST - 403 origin-not-allowed " in log.getvalue()
