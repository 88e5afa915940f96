"""The widget for everybody: keyboard, screen reader, small screens, large text, dark, and axe in every state."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests.browser.chat import Chat

pytestmark = pytest.mark.slow  # a real browser

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
DARK_PHONE = {**PHONE, "color_scheme": "dark"}


def _say(text: str, then: str) -> Callable[[Chat], None]:
    def act(chat: Chat) -> None:
        chat.start()
        chat.say(text)
        chat.bubble(then).last.wait_for()

    return act


def _consent(chat: Chat) -> None:
    chat.visit().launcher.click()


def _menu(chat: Chat) -> None:
    chat.start().page.get_by_role("button", name="Menu").click()


def _delete(chat: Chat) -> None:
    _menu(chat)
    chat.page.get_by_role("button", name="Delete my conversation").click()


def _unfolded(chat: Chat) -> None:
    _say("both of them", "A blood and marrow transplant")(chat)
    for summary in chat.log.locator("summary").all():
        summary.click()


def _refused(chat: Chat) -> None:
    chat.start()
    chat.door.failures.append((422, {"detail": "It does not fit."}, 0))
    chat.say("my question")
    chat.log.locator(".failed").wait_for()


STATES = {
    "closed": lambda chat: chat.visit(),
    "consent": _consent,
    "greeting": lambda chat: chat.start(start_questions="How long?|What is it?"),
    "menu": _menu,
    "delete": _delete,
    "answers_unfolded": _unfolded,
    "readings": _say("how long does it take", "Which one do you mean?"),
    "danger": _say("a fever of 39", "This may need urgent care"),
    "self_harm": _say("i want to die", "Please talk to a person now"),
    "handoff": _say("a person", "A person can help you"),
    "staff": _say("staff", "I have read your question"),
    "refused": _refused,
}


@pytest.mark.parametrize("context", [{}, PHONE, DARK_PHONE], ids=["desktop", "phone", "dark_phone"], indirect=True)
@pytest.mark.parametrize("state", STATES)
def test_when_axe_looks_at_a_state_then_it_finds_nothing_and_nothing_is_clipped(chat: Chat, state: str) -> None:
    STATES[state](chat)
    found = Axe().run(chat.page)
    assert found.violations_count == 0, found.generate_report()
    width = chat.page.viewport_size["width"]  # type: ignore[index]
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= width
    outside = chat.page.evaluate(
        """() => [...document.querySelector("marrow-chat").shadowRoot.querySelectorAll("*")].filter((node) => {
            const box = node.getBoundingClientRect();
            const shown = box.width > 1 && box.height > 1 && node.checkVisibility();
            return shown && (box.left < -0.5 || box.right > innerWidth + 0.5 || (node.scrollWidth > node.clientWidth + 1
                && getComputedStyle(node).overflowX !== "visible" && node.tagName !== "TEXTAREA"));
        }).map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert outside == []


@pytest.mark.parametrize("context", [PHONE], indirect=True)
@pytest.mark.parametrize(
    "state", ["consent", "menu", "delete", "answers_unfolded", "readings", "danger", "handoff", "refused"]
)
def test_when_something_can_be_pressed_then_it_is_at_least_44_px_high(chat: Chat, state: str) -> None:
    STATES[state](chat)
    small = chat.page.evaluate(
        """() => [...document.querySelector("marrow-chat").shadowRoot.querySelectorAll(
            "button, summary, input:not([type=checkbox]), textarea, label.check, .calls a, .card > a")]
        .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 43.9)
        .map((node) => [node.outerHTML.slice(0, 100), node.getBoundingClientRect().height])"""
    )
    assert small == []


def test_when_only_the_keyboard_is_used_then_everything_is_reached_and_escape_leads_back(chat: Chat) -> None:
    page = chat.visit().page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(chat.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    page.keyboard.type("how long does it take")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("really")
    page.keyboard.press("Enter")
    chat.bubble("Which one do you mean?").wait_for()
    assert chat.rows()[1] == "how long does it take\n\nreally"
    expect(chat.box).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(chat.bubble("How long a transplant of my own cells takes")).to_be_visible()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Talk to a person")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu")).to_be_focused()
    expect(chat.panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_when_the_sheet_covers_a_phone_then_focus_stays_in_it_and_the_page_behind_is_inert(chat: Chat) -> None:
    page = chat.start().page
    for _ in range(12):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.tagName")
        assert where in ("MARROW-CHAT", "BODY"), where  # BODY is the browser's own bar in between
    assert chat.panel.evaluate("panel => panel.matches(':modal')")
    box = chat.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 320, "height": 640}


def test_when_there_is_danger_then_it_is_said_assertively_once_and_its_numbers_can_be_called(chat: Chat) -> None:
    chat.start()
    chat.say("a fever of 39")
    card = chat.log.locator(".danger")
    card.wait_for()
    alarm = chat.panel.locator("[role=alert]").first
    expect(alarm).to_have_text(re.compile("^This may be urgent. This may need urgent care"))
    assert card.get_attribute("aria-live") == "off", "the log must not say it a second time"
    assert [link.get_attribute("href") for link in card.locator(".calls a").all()] == ["tel:+861055550124", "tel:120"]
    expect(card.get_by_role("heading", name="This may be urgent")).to_be_in_viewport()
    expect(card.locator(".calls a").last).to_be_in_viewport(ratio=1)


def test_when_messages_come_then_only_new_words_of_others_are_announced(chat: Chat) -> None:
    chat.start()
    chat.say("How long is CAR-T?")
    chat.bubble("The hospital says").wait_for()
    live: list[Any] = chat.log.locator(".row").evaluate_all("rows => rows.map(row => row.getAttribute('aria-live'))")
    assert live == [None, "off", None]
    chat.page.reload()
    chat.bubble("The hospital says").wait_for()
    expect(chat.log).to_have_attribute("aria-live", "polite")  # off only while history was put in


@pytest.mark.parametrize("context", [{"viewport": {"width": 640, "height": 400}}], indirect=True)
def test_when_text_is_twice_as_large_then_question_and_box_are_still_usable(chat: Chat) -> None:
    chat.start()
    chat.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("html { font-size: 200% }");
            document.adoptedStyleSheets.push(sheet);
        }"""
    )
    chat.say("How long is CAR-T?")
    chat.bubble("The hospital says").wait_for()
    expect(chat.box).to_be_in_viewport(ratio=1)
    expect(chat.page.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    size = chat.box.evaluate("box => getComputedStyle(box).fontSize")
    assert size == "32px"
    log = chat.log.bounding_box()
    assert log
    assert log["height"] >= 120


def test_when_the_language_is_written_from_the_right_then_the_chat_is_mirrored(chat: Chat) -> None:
    chat.start(language="ar")
    chat.say("staff")
    chat.log.locator(".staff").wait_for()
    patient, staff = (chat.log.locator(f".{who} .bubble").bounding_box() for who in ("patient", "staff"))
    assert patient
    assert staff
    assert patient["x"] < staff["x"] + staff["width"] - patient["width"]
    launcher_side = chat.panel.bounding_box()
    assert launcher_side
    assert launcher_side["x"] < 100
