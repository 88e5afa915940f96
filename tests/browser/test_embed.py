"""The page for web editors: the tag it writes is right, works, and is what the preview shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.states import MIDDLE_PHONE, PHONE

pytestmark = pytest.mark.slow  # a real browser

PICTURES = Path(__file__).resolve().parents[2] / "results" / "screenshots"
SIZES = {"desktop": {}, "dark_phone": {**PHONE, "color_scheme": "dark"}, "phone": MIDDLE_PHONE}


def fill(page: Page) -> None:
    page.get_by_label("Words on the button").fill('Ask "Marrow" & us')
    page.locator("[name=accent]").fill("#5b2a86")
    page.locator("[name=language]").select_option("de")
    page.get_by_label("Left").check()
    page.get_by_label("Questions to begin with").fill("Wie lange dauert CAR-T?\n\n Was ist eine Transplantation? ")
    page.get_by_label("Address of your website").fill("https://www.hospital.example/patients/")


@pytest.mark.parametrize("context", SIZES.values(), ids=SIZES, indirect=True)
def test_when_the_page_is_shown_then_axe_finds_nothing_and_nothing_is_clipped(
    chat: Chat, request: pytest.FixtureRequest
) -> None:
    chat.page.goto(f"{chat.door.url}/embed")
    chat.page.locator("#stage marrow-chat .launcher").wait_for()
    PICTURES.mkdir(parents=True, exist_ok=True)
    chat.page.screenshot(path=PICTURES / f"embed-{request.node.callspec.id}.png", full_page=True)
    wrong = [
        (rule["id"], [node["target"] for node in rule["nodes"]]) for rule in Axe().run(chat.page).response["violations"]
    ]
    assert wrong == []
    assert chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_when_the_form_is_filled_in_then_the_preview_and_the_tag_follow_and_the_tag_works(
    context: BrowserContext, chat: Chat
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = chat.page
    page.goto(f"{chat.door.url}/embed")
    fill(page)
    # the preview comes anew when there is a pause in the writing: this is the last one
    last = "Wie lange dauert CAR-T?|Was ist eine Transplantation?"
    expect(page.locator("#stage marrow-chat")).to_have_attribute("data-start-questions", last)
    expect(page.locator("#stage .launcher")).to_be_visible()
    expect(page.locator("#stage .launcher")).to_have_text('Ask "Marrow" & us')
    expect(page.locator("#stage .launcher")).to_have_css("background-color", "rgb(91, 42, 134)")
    stage, launcher = page.locator("#stage").bounding_box(), page.locator("#stage .launcher").bounding_box()
    assert stage
    assert launcher
    assert 0 <= launcher["x"] - stage["x"] < 40, "the preview lies in its box, on the left"
    assert launcher["y"] + launcher["height"] <= stage["y"] + stage["height"]
    page.locator("#stage .launcher").click()
    page.get_by_label("Very large").check()
    panel = page.locator("#stage .panel")
    expect(panel).to_have_css("font-size", "24px")
    room = panel.bounding_box()
    assert room
    assert stage["y"] <= room["y"]
    assert stage["x"] <= room["x"] < room["x"] + room["width"] <= stage["x"] + stage["width"]
    page.locator(".embed").get_by_label("Normal").check()
    page.get_by_role("button", name="Copy the line").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    tag = page.evaluate("navigator.clipboard.readText()")
    assert tag == (
        f'<script src="{chat.door.url}/widget.js" defer\n  data-language="de"\n  data-greeting="Ask &quot;Marrow&quot; &amp; us"\n'
        '  data-accent="#5b2a86"\n  data-position="left"\n'
        '  data-start-questions="Wie lange dauert CAR-T?|Was ist eine Transplantation?"></script>'
    )
    expect(page.locator("#origin")).to_have_text("MARROW_ALLOWED_ORIGINS=https://www.hospital.example")
    expect(page.locator("#policy")).to_have_text(
        f"script-src {chat.door.url}; connect-src {chat.door.url}; style-src {chat.door.url};"
    )
    chat.door.pages["/tagged"] = f"<!doctype html><title>Another origin</title>{tag}"
    other = context.new_page()
    other.goto(f"{chat.door.url.replace('127.0.0.1', 'localhost')}/tagged")
    tagged = Chat(other, chat.door)
    tagged.launcher.click()
    expect(tagged.begin).to_have_text("Beginnen")


def test_when_a_field_does_not_fit_then_it_says_why_and_nothing_can_be_copied(chat: Chat) -> None:
    page = chat.page
    page.goto(f"{chat.door.url}/embed")
    fill(page)
    copy = page.get_by_role("button", name="Copy the line")
    for label, bad, good, words in (
        ("Words on the button", "x" * 41, "Ask", "40 letters at most"),
        ("Questions to begin with", "a|b", "a", "leave out the sign"),
        ("Questions to begin with", "a\nb\nc\nd\ne", "a", "four questions at most"),
        ("Address of your website", "hospital.example", "https://hospital.example", "beginning with https://"),
        ("Address of Marrow", "http://door.example", "https://door.example/chat", "beginning with https://"),
    ):
        page.get_by_label(label).fill(bad)
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
        expect(copy).to_be_disabled()
        page.get_by_label(label).fill(good)
        expect(copy).to_be_enabled()
    page.locator("[name=accent]").fill("red")
    expect(page.get_by_text("write a colour as #")).to_be_visible()
    expect(copy).to_be_disabled()
    page.locator("[name=picker]").fill("#aa3300")
    expect(page.locator("#tag")).to_contain_text('src="https://door.example/chat/widget.js"')
    expect(page.locator("#tag")).to_contain_text('data-accent="#aa3300"')
