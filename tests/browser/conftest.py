"""Fixtures of the browser tests: a fake door, and a chat to talk to it; the browser itself is in tests/conftest.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage

from tests.browser.chat import Chat
from tests.browser.fake_door import FakeDoor


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
