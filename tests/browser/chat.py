"""The widget as a test uses it: by what a patient sees and presses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from tests.browser.fake_door import FakeDoor


def until(true: Callable[[], object], chat: Chat, within_s: float = 20) -> None:
    """Waits in the browser's time."""
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends, "it never came true"
        chat.page.wait_for_timeout(50)


class Chat:
    """A page with the widget on it.

    Attributes:
        page: The browser's page.
        door: The fake door behind it.
        defaults: Data attributes that every visit has.
    """

    def __init__(self, page: Page, door: FakeDoor) -> None:
        self.page = page
        self.door = door
        self.launcher = page.locator("marrow-chat .launcher")
        self.panel = page.locator("marrow-chat dialog.panel")
        self.box = page.locator("marrow-chat .write textarea")
        self.begin = page.locator("marrow-chat .consent .solid")
        self.menu = page.locator("marrow-chat .tool").first
        self.defaults: dict[str, str] = {}
        self.log = page.get_by_role("log")
        self.state = page.locator("marrow-chat .state")

    def visit(self, **data: str) -> Chat:
        """Opens a page whose script has these data attributes (`start_questions` is `data-start-questions`)."""
        query = {f"data-{name.replace('_', '-')}": value for name, value in (self.defaults | data).items()}
        self.page.goto(f"{self.door.url}/host?{urlencode(query)}")
        self.launcher.wait_for(state="attached")
        return self

    def start(self, **data: str) -> Chat:
        """Opens a page, opens the chat, agrees, and waits for the greeting."""
        self.visit(**data)
        self.launcher.click()
        self.begin.click()
        self.bubble("Hello, I am Marrow").wait_for()
        return self

    def say(self, text: str) -> None:
        """Writes and sends a message."""
        self.box.fill(text)
        self.box.press("Enter")

    def bubble(self, text: str) -> Locator:
        """The bubbles in which the text stands."""
        return self.log.locator(".bubble", has_text=text)

    def rows(self) -> list[str]:
        """The text of every bubble, in order."""
        return self.log.locator(".row .text").all_inner_texts()

    def expect_rows(self, *texts: str) -> None:
        """Waits until exactly these rows are shown; each text is the beginning of one."""
        expect(self.log.locator(".row")).to_have_count(len(texts))
        shown = self.rows()
        assert [row[: len(text)] for row, text in zip(shown, texts, strict=True)] == list(texts), shown

    def kept(self) -> dict[str, Any]:
        """What this browser keeps."""
        kept: dict[str, Any] = self.page.evaluate(
            "() => Object.fromEntries(Object.entries(localStorage).map(([key, value]) => [key, JSON.parse(value)]))"
        )
        return kept

    def sent(self) -> list[str]:
        """The client_ids of the messages that reached the door, in order, repeated when sent again."""
        return [body["client_id"] for path, body in self.door.posts if path.endswith("/messages")]
