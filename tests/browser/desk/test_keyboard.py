"""The inbox without a mouse: by its keys, and by Tab and Enter alone when they are off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk.conftest import press, tab_to

pytestmark = pytest.mark.slow  # a real browser


def switch_keys_off(page):
    """Goes to one's account by Tab and Enter, and switches the single keys off there."""
    tab_to(page, page.locator(".menu summary"))
    press(page, "Enter")
    tab_to(page, page.get_by_role("link", name="My account"))
    press(page, "Enter")
    page.wait_for_url("**/me")
    tab_to(page, page.get_by_role("button", name="Switch single keys off"))
    press(page, "Enter")
    expect(page.get_by_text("Single keys are off.")).to_be_visible()


def test_when_there_is_only_a_keyboard_then_everything_can_be_done(console, scene, visit):
    page = visit("agent", "Kay")
    talk, lines = page.locator("#talk"), page.locator("#lines")
    press(page, "2")
    page.wait_for_url("**/inbox/waiting")
    press(page, "j", "Enter")
    expect(talk).to_have_attribute("data-conversation", scene["waiting"].conversation)
    expect(page.locator(".item[aria-current]")).to_have_count(1)
    # into the conversation, through its messages, and back
    press(page, "Enter")
    expect(page.locator("#scroll")).to_be_focused()
    press(page, "j")
    expect(page.locator(".chosen")).to_have_attribute("data-seq", "2")
    press(page, "Escape")
    expect(page.locator(".item[aria-current]")).to_be_focused()

    press(page, "t")
    reply = page.get_by_label("Your words to the patient")
    expect(reply).to_be_focused()
    press(page, "Escape", "r")
    expect(reply).to_be_focused()
    page.keyboard.type("Hello, I am here. j k x")
    press(page, "Control+Enter")
    expect(lines).to_contain_text("Hello, I am here. j k x")
    expect(reply).to_have_value("")
    press(page, "Escape", "/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("cord blood")
    expect(page.locator("#found .offer").first).to_contain_text(re.compile("cord blood", re.I))
    press(page, "Alt+1")
    expect(reply).to_be_focused()
    expect(reply).not_to_have_value("")
    press(page, "Control+a", "Backspace", "Escape")

    press(page, "n")
    page.keyboard.type("Asked by keyboard")
    press(page, "Control+Enter")
    expect(page.locator("#facts")).to_contain_text("Asked by keyboard")

    press(page, "Escape", "k", "j", "k")
    expect(page.locator(".chosen")).to_have_attribute("data-seq", "2")
    press(page, "x")
    expect(page.locator("#l-2")).to_contain_text("right, says Kay")
    press(page, "f")
    expect(page.locator("#l-2")).to_contain_text("flagged by Kay")
    press(page, "z")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "2")
    expect(page.locator("#l-2")).to_contain_text("should be faq/bmt_duration")
    expect(page.get_by_role("dialog")).to_be_hidden()  # its answer and the news of it come by two ways

    press(page, "t")
    expect(lines).to_contain_text("Kay has left the chat")
    press(page, "e")
    expect(page.get_by_role("button", name="Mark as read")).to_be_visible()
    press(page, "e")
    expect(page.get_by_role("button", name="Mark as unread")).to_be_visible()
    press(page, "?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    press(page, "Escape", "7")
    page.wait_for_url("**/inbox/all")
    # and by Tab alone, without any of the keys above
    page.locator("body").press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    switch_keys_off(page)
    page.goto("/desk/inbox/all")
    press(page, "1")
    page.wait_for_timeout(300)
    assert page.url.endswith("/inbox/all")


def test_when_there_is_only_a_keyboard_then_work_is_given_marked_and_answered_from_kept_replies(console, scene, visit):
    page = visit("agent", "Kay")
    lines, facts, reply = page.locator("#lines"), page.locator("#facts"), page.get_by_label("Your words to the patient")

    # a kept reply with a placeholder
    tab_to(page, page.get_by_role("link", name="Replies"))
    press(page, "Enter")
    page.wait_for_url("**/desk/kept")
    tab_to(page, page.get_by_label("Title"))
    page.keyboard.type("Who I am")
    press(page, "Tab")
    page.keyboard.type("I am {my.name}, from {hospital.name}.")
    tab_to(page, page.get_by_role("button", name="Keep"))
    press(page, "Enter")
    expect(page.get_by_role("region", name="Who I am")).to_contain_text("my own")

    tab_to(page, page.get_by_role("link", name="Inbox"))
    press(page, "Enter")
    page.wait_for_url("**/inbox/review")
    press(page, "2")
    page.wait_for_url("**/inbox/waiting")
    press(page, "j", "Enter")
    expect(page.locator(".item[aria-current]")).to_have_count(1)
    press(page, "t")
    expect(reply).to_be_focused()
    press(page, "Escape", "/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    with page.expect_response(lambda response: "q=who+i+am" in response.url.replace("%20", "+")):
        page.keyboard.type("who i am")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.locator("#found .offer").first).to_contain_text("I am Kay, from Test hospital.")
    press(page, "Tab", "Enter")
    expect(reply).to_have_value("I am Kay, from Test hospital.")
    press(page, "Control+Enter")
    expect(lines).to_contain_text("I am Kay, from Test hospital.")

    # whose it is, tags and a note, put there and taken away
    tab_to(page, page.get_by_label("Assigned to"))
    press(page, "ArrowDown")
    expect(page.locator("#assigned")).to_have_text("Kay")
    tab_to(page, page.get_by_label("New tag"))
    page.keyboard.type("travel")
    press(page, "Enter")
    expect(page.locator("#facts .tag")).to_contain_text("travel")
    tab_to(page, page.get_by_role("button", name="Take the tag travel away"))
    press(page, "Enter")
    expect(page.locator("#facts .tag")).to_have_count(0)
    tab_to(page, page.get_by_label("Note for colleagues"))
    page.keyboard.type("To be taken away")
    press(page, "Control+Enter")
    expect(facts).to_contain_text("To be taken away")
    tab_to(page, page.get_by_role("button", name="Take this note away"))
    press(page, "Enter")
    expect(facts).not_to_contain_text("To be taken away")
    press(page, "Escape", "t")
    expect(lines).to_contain_text("Kay has left the chat")

    # a call back that was made by telephone
    press(page, "2")
    page.wait_for_url("**/inbox/waiting")
    expect(page.locator("#items .item")).to_have_count(1)
    press(page, "j", "Enter")
    expect(page.locator("#talk")).to_have_attribute("data-conversation", scene["call back"].conversation)
    tab_to(page, page.get_by_role("link", name="How to call back"))
    press(page, "Enter")
    expect(page.get_by_text("+49 30 1234567")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Called back: done"))
    press(page, "Enter")
    expect(page.locator("#standing")).to_contain_text("Marrow answers")


def test_when_single_keys_are_off_then_tab_and_enter_reach_everything(console, scene, visit):
    page = visit("agent", "Tab")
    lines, reply = page.locator("#lines"), page.get_by_label("Your words to the patient")
    switch_keys_off(page)
    tab_to(page, page.get_by_role("link", name="Inbox"))
    press(page, "Enter")
    page.wait_for_url("**/inbox/review")
    press(page, "1", "t", "j", "?")
    page.wait_for_timeout(300)
    assert page.url.endswith("/inbox/review")
    assert page.evaluate("document.querySelector('dialog[open]')") is None

    tab_to(page, page.locator('[data-queue="2"]'))
    press(page, "Enter")
    page.wait_for_url("**/inbox/waiting")
    tab_to(page, page.locator(f"#c-{scene['waiting'].conversation}"))
    press(page, "Enter")
    tab_to(page, page.get_by_role("button", name="Take over"))
    press(page, "Enter")
    expect(page.locator("#standing")).to_contain_text("You are talking")
    tab_to(page, reply)
    page.keyboard.type("Hello without keys: t j x")
    tab_to(page, page.get_by_role("button", name="Send"))
    press(page, "Enter")
    expect(lines).to_contain_text("Hello without keys: t j x")
    first = page.locator("#l-2")
    for button, shown in (("Right", "right, says Tab"), ("Flag", "flagged by Tab")):
        tab_to(page, first.get_by_role("button", name=button, exact=True))
        press(page, "Enter")
        expect(first).to_contain_text(shown)
    tab_to(page, first.get_by_role("link", name="Should be…"))
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, page.get_by_role("dialog").get_by_role("button").nth(1))
    press(page, "Enter")
    expect(first).to_contain_text("should be")
    tab_to(page, page.get_by_role("button", name="Give back"))
    press(page, "Enter")
    expect(lines).to_contain_text("Tab has left the chat")
    tab_to(page, page.get_by_role("button", name="Mark as unread"))
    press(page, "Enter")
    expect(page.get_by_role("button", name="Mark as read")).to_be_visible()
    tab_to(page, page.locator(".menu summary"))
    press(page, "Enter")
    tab_to(page, page.get_by_role("button", name="Log out"))
    press(page, "Enter")
    page.wait_for_url("**/login")
    expect(page.get_by_label("E-mail")).to_be_focused()
