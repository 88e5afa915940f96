"""The widget for everybody: keyboard, screen reader, small screens and large text. Axe in every state: test_widget_states.py."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.states import PHONE

pytestmark = pytest.mark.slow  # a real browser

# What the log makes a screen reader say: what is put into it outside of anything that is `aria-live=off`.
LISTEN = """() => {
    const log = document.querySelector("marrow-chat").shadowRoot.querySelector("[role=log]");
    window.said = [];
    new MutationObserver((records) => {
        for (const { addedNodes, target } of records) for (const node of addedNodes) {
            const element = node.nodeType === 1 ? node : target;
            if (log.getAttribute("aria-live") !== "off" && !element.closest("[aria-live=off]")) window.said.push(node.textContent);
        }
    }).observe(log, { childList: true, subtree: true, characterData: true });
}"""


def test_when_only_the_keyboard_is_used_then_everything_is_reached_and_escape_leads_back(chat: Chat) -> None:
    page = chat.visit().page
    chat.launcher.wait_for()  # its style comes after it
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
    expect(chat.log.locator(".choices button").last).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.bubble("How long a transplant of my own cells takes")).to_be_visible()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Language")).to_be_focused()
    for name in (
        "Normal",
        "Large",
        "Very large",
        "Copy this conversation",
        "Save it as a file",
        "Delete my conversation",
    ):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()
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


def test_when_lines_come_then_each_of_others_is_announced_once_and_nothing_else(chat: Chat) -> None:
    chat.start()
    expect(chat.log.locator("time")).to_have_text("now")  # all that is fetched with a conversation is there
    chat.page.evaluate(LISTEN)
    chat.say("How long is CAR-T?")
    chat.bubble("The hospital says").wait_for()
    chat.door.cut_streams()  # what was missed comes with the list, and is news all the same
    door = chat.door
    door.append(
        door.only(), **{"from": "system", "text": "Anna has joined.", "presence": "joined", "staff": {"name": "Anna"}}
    )
    door.append(door.only(), **{"from": "staff", "text": "Good morning.", "staff": {"name": "Anna"}})
    chat.bubble("Good morning.").wait_for()
    chat.say("a fever of 39")
    chat.log.locator(".danger").wait_for()
    chat.page.wait_for_timeout(300)
    said = chat.page.evaluate("window.said")
    for words in ("The hospital says", "Anna has joined.", "Good morning."):
        assert sum(words in each for each in said) == 1, (words, said)
    assert len(said) == 3, said
    chat.page.reload()
    chat.bubble("The hospital says").wait_for()
    expect(chat.log.locator(".row:not([aria-live=off])")).to_have_count(0)  # history is not read out
    chat.page.evaluate(LISTEN)
    door.append(door.only(), **{"from": "staff", "text": "Are you there?", "staff": {"name": "Anna"}})
    chat.bubble("Are you there?").wait_for()
    assert len(chat.page.evaluate("window.said")) == 1


def test_when_the_chat_is_closed_then_a_new_line_is_announced_outside_of_it(chat: Chat) -> None:
    chat.start()
    chat.page.get_by_role("button", name="Close").click()
    chat.door.append(chat.door.only(), **{"from": "staff", "text": "Hello.", "staff": {"name": "Anna"}})
    expect(chat.page.locator("marrow-chat > .hush[role=status], marrow-chat .hush[role=status]").first).to_have_text(
        "Marrow: 1 new"
    )


@pytest.mark.parametrize(
    "context",
    [{"reduced_motion": "reduce"}, {"reduced_motion": "no-preference"}],
    ids=["reduced", "free"],
    indirect=True,
)
def test_when_motion_is_to_be_reduced_then_nothing_moves(chat: Chat, request: pytest.FixtureRequest) -> None:
    chat.start()
    chat.door.answers.clear()
    chat.say("How long is CAR-T?")
    chat.log.locator(".typing").wait_for()
    chat.page.wait_for_timeout(400)
    moving = chat.page.evaluate(
        """() => document.querySelector("marrow-chat").shadowRoot.getAnimations()
            .filter((each) => each.playState === "running").length"""
    )
    assert (moving == 0) == ("reduced" in request.node.callspec.id)


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
