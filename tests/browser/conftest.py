"""Fixtures of the browser tests: a real Chromium, a fake door, and a chat to talk to it.

Of use beyond the widget: `chromium` (the browser of the session), `FLAGS` and `find_chromium`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, sync_playwright

from tests.browser.chat import Chat
from tests.browser.fake_door import FakeDoor

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """The path of Chromium: `CHROMIUM`, or the first one found.

    Raises:
        RuntimeError: There is none.
    """
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    for name in names:
        if name and (path := shutil.which(name)):
            return path
    raise RuntimeError("tests/browser: no Chromium found; install the package `chromium` or set CHROMIUM to its path")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def door() -> Iterator[FakeDoor]:
    """A fake door of the test's own."""
    server = FakeDoor()
    yield server
    server.down = True
    server.cut_streams()
    server.shutdown()
    server.server_close()


@pytest.fixture
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser profile; `@pytest.mark.parametrize("context", [{...}], indirect=True)` sets its options."""
    options = {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **getattr(request, "param", {})}
    made = chromium.new_context(**options)
    made.set_default_timeout(8000)
    yield made
    made.close()


@pytest.fixture
def chat(context: BrowserContext, door: FakeDoor) -> Iterator[Chat]:
    """A page with the widget. A script error or a breach of the page's security policy fails the test."""
    page = context.new_page()
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # What the faults of a test make the browser report is no error of the widget.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield Chat(page, door)
    assert wrong == []
