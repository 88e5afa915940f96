"""The widget with the real door: another origin's page under the strictest policy, modules, languages, transcript, end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from evaluation.stack import door_alone
from tests.browser.chat import Chat, until
from tests.browser.fake_door import FakeDoor

pytestmark = pytest.mark.slow  # a real browser and a real process


@dataclass
class Real:
    """The real door, with nobody behind it, and the hospital's web server that carries the tag."""

    url: str
    hospital: FakeDoor


@pytest.fixture
def real() -> Iterator[Real]:
    hospital = FakeDoor()
    with door_alone(
        emergency_number="120",
        urgent_phone="+86 10 5555 0124",
        contact_phone="+13264500477",
        allowed_origins=hospital.url,
    ) as url:
        yield Real(url, hospital)
    hospital.shutdown()
    hospital.server_close()


def test_when_a_page_of_another_origin_has_the_strictest_policy_then_everything_works_with_the_real_door(
    context: BrowserContext, real: Real, tmp_path: Path
) -> None:
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: (
            foreign.append(request.url) if not request.url.startswith((real.url, real.hospital.url, "blob:")) else None
        ),
    )
    chat = Chat(page, real.hospital)
    response = page.goto(f"{real.hospital.url}/host?door={real.url}")
    assert response
    policy = response.headers["content-security-policy"]
    assert policy.startswith(
        f"default-src 'none'; script-src {real.url}; connect-src {real.url}; style-src {real.url};"
    )
    assert "require-trusted-types-for 'script'" in policy
    chat.launcher.click()
    expect(chat.panel.locator(".consent .calls a")).to_have_count(2)
    expect(chat.panel.locator(".consent")).to_contain_text("Open")  # the real office hours
    chat.begin.click()
    chat.bubble("I am Marrow").wait_for()
    chat.say("my husband has a fever of 39")
    expect(chat.log.locator(".danger[data-seq] .calls a").first).to_be_in_viewport(timeout=5000)
    expect(chat.log.locator(".danger")).to_have_count(1)

    chat.menu.click()
    chat.page.get_by_label("Language").select_option("ar")
    expect(page.get_by_label("اللغة")).to_be_focused()
    page.get_by_label("اللغة").select_option("en")
    expect(page.get_by_label("Language")).to_be_focused()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save it as a file").click()
    download.value.save_as(tmp_path / "saved.txt")
    assert "my husband has a fever of 39" in (tmp_path / "saved.txt").read_text(encoding="utf-8")

    assert wrong == []
    long = "word " * 500 + "he has a fever of 39.5 and shakes"
    chat.say(long)
    expect(chat.log.locator(".danger:not([data-seq])")).to_be_in_viewport()
    expect(chat.state).to_contain_text("This message is too long")
    expect(chat.box).to_have_value(long)
    assert all("422" in text or "403" in text for text in wrong), wrong

    chat.menu.click()
    page.get_by_role("button", name="Delete my conversation").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(chat.state).to_have_text("Your conversation was deleted.")
    assert chat.kept() == {}
    assert foreign == []


def test_when_two_tabs_share_a_conversation_then_the_real_door_holds_one_stream(
    context: BrowserContext, real: Real
) -> None:
    tabs = [Chat(context.new_page(), real.hospital) for _ in range(2)]
    for number, tab in enumerate(tabs):
        tab.page.goto(f"{real.hospital.url}/host?door={real.url}")
        tab.launcher.wait_for(state="attached")
        if number == 0:
            tab.launcher.click()
            tab.begin.click()
        tab.bubble("I am Marrow").wait_for()
    tabs[1].say("my husband has a fever of 39")
    for tab in tabs:
        expect(tab.log.locator(".danger[data-seq]")).to_have_count(1)
        expect(tab.log.locator(".row")).to_have_count(3)

    def streams() -> list[str]:
        metrics = context.request.get(f"{real.url}/metrics").text()
        return [line.split()[-1] for line in metrics.splitlines() if "streams" in line and not line.startswith("#")]

    until(lambda: streams() == ["1.0"], tabs[0])  # the list may have brought the lines before there was a stream


def test_when_the_page_for_web_editors_is_served_by_the_real_door_then_its_preview_lives(
    context: BrowserContext, real: Real
) -> None:
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{real.url}/embed")
    page.get_by_label("Words on the button").fill("Ask us")
    expect(page.locator("#stage .launcher")).to_have_text("Ask us")
    page.locator("#stage .launcher").click()
    expect(page.locator("#stage .consent .solid")).to_have_text("Start")
    expect(page.locator("[name=language] option")).to_have_count(13)
    assert wrong == []
