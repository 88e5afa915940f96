"""A desk on a real port, a browser that is logged in there, and a look at a page: by axe, in light and dark, at any width."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Locator, Page

from bot.desk.demo.fill import fill
from bot.desk.demo.script import Script
from bot.journal.sealing import Box
from bot.settings import Settings
from tests.bot.desk.conftest import (  # noqa: F401 - fixtures
    PASSWORD,
    brain,
    consoles,
    doors,
    quick_hashes,
    redaction,
)
from tests.browser.desk import scene as scenes
from tests.conftest import WAIT_MS

ROOT = Path(__file__).resolve().parents[3]
PICTURES = ROOT / "results" / "screenshots" / "desk"
DESKTOP = {"width": 1280, "height": 860}
LOOKS: dict[str, tuple[dict[str, int], str]] = {
    "desktop": (DESKTOP, "light"),
    "phone dark": ({"width": 390, "height": 844}, "dark"),
    "narrow": ({"width": 320, "height": 640}, "light"),
    "desktop dark": (DESKTOP, "dark"),
}
"""How a page is looked at, without loading it again."""


@pytest.fixture
def console(consoles: Callable[..., Any]) -> Any:  # noqa: F811
    return consoles(real_files=True)


@pytest.fixture
def scene(console: Any) -> dict[str, Any]:
    return scenes.fill(console)


@pytest.fixture
def full(console: Any) -> Any:
    """A desk with 60 conversations of three weeks."""
    now_ms = console.served.clock.now_ms()
    script = Script(Settings(), datetime.fromtimestamp(now_ms / 1000, UTC), days=21, seed=4)
    fill(console.store, Box(Fernet.generate_key().decode()), script, 60, now_ms=now_ms)
    return console


@pytest.fixture
def visit(console: Any, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser that is logged in; an error or a breach of the policy in it fails the test."""
    wrong: list[str] = []
    opened = []

    def note(text: str) -> None:
        # what is not there is looked at too, and a form that is refused comes back with what was written
        if "404 (Not Found)" not in text and "422 (Unprocessable" not in text:
            wrong.append(text)

    def go(role: str = "admin", name: str = "Anna") -> Page:
        context = chromium.new_context(viewport=DESKTOP, reduced_motion="reduce", base_url=base(console))
        context.set_default_timeout(WAIT_MS)
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        email = f"{name}.{role}@hospital.example".lower()
        if console.browser().log_in(email).status_code != 303:
            console.staff(role, name)
        page.goto("/desk/login")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/inbox/**")
        return page

    yield go
    for context in opened:
        context.close()
    assert wrong == []


def base(console: Any) -> str:
    return str(console.served.http.base_url).rstrip("/")


def look(page: Page, name: str) -> list[str]:
    """What axe finds in light and dark, and at which width something is too wide; pictures are kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = []
    for size, (viewport, scheme) in LOOKS.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{name}, {size}: {wide} px too wide")
        if size != "narrow":
            page.screenshot(path=PICTURES / f"{name} {size}.png")
        if size != "narrow":
            found += [
                f"{name}, {size}: {one['id']}: {[node['html'][:160] for node in one['nodes']][:3]}"
                for one in Axe().run(page).response["violations"]
            ]
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    return found


def go_live(page: Page, path: str) -> None:
    """Opens a page of the inbox, and waits until it hears of what happens."""
    with page.expect_response("**/desk/live?*"):
        page.goto(path)


def press(page: Page, *keys: str) -> None:
    """Presses keys one after the other, as fast as a person."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(80)


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until something has the focus, as who has no mouse does."""
    for _ in range(120):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by Tab")
