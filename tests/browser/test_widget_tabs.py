"""One conversation in several tabs: one stream for all of them, each message once in each."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat, until

pytestmark = pytest.mark.slow  # a real browser

GREETING = "Hello, I am Marrow"
DURATION = "The hospital says"


@pytest.fixture
def tabs(context: BrowserContext, chat: Chat) -> list[Chat]:
    """Three tabs of one conversation; the first began it."""
    chat.start()
    others = [Chat(context.new_page(), chat.door).visit(open="true") for _ in range(2)]
    for other in others:
        other.bubble(GREETING).wait_for()
    return [chat, *others]


def test_when_a_conversation_is_open_in_three_tabs_then_there_is_one_stream_and_each_line_once_in_each(
    tabs: list[Chat],
) -> None:
    first, second, third = tabs
    door = first.door
    until(lambda: door.open_streams == 1, first)
    second.say("How long is CAR-T?")
    for tab in tabs:
        tab.bubble(DURATION).wait_for()
        tab.expect_rows(GREETING, "How long is CAR-T?", DURATION)
    third.say("a fever of 39")
    for tab in tabs:
        tab.log.locator(".danger").wait_for()
        tab.expect_rows(GREETING, "How long is CAR-T?", DURATION, "a fever of 39", "This may need urgent care")
        expect(tab.log.locator(".pending")).to_have_count(0)
    assert len(first.sent()) == 2, "each message is posted by its own tab, once"
    first.page.wait_for_timeout(2500)  # no tab may think that it is left alone
    assert door.open_streams == 1


def test_when_the_tab_with_the_stream_closes_then_another_takes_it_over(tabs: list[Chat]) -> None:
    first, second, third = tabs
    door = first.door
    until(lambda: door.open_streams == 1, first)
    first.page.close()
    second.say("How long is CAR-T?")
    for tab in (second, third):
        tab.bubble(DURATION).wait_for()
        tab.expect_rows(GREETING, "How long is CAR-T?", DURATION)
    until(lambda: door.open_streams == 1, second)
    door.append(door.only(), **{"from": "staff", "staff": {"name": "Anna"}, "text": "I am here."})
    for tab in (second, third):
        tab.bubble("I am here.").wait_for()


def test_when_the_tab_with_the_stream_sleeps_then_one_that_is_seen_takes_it_away(tabs: list[Chat]) -> None:
    first, second, third = tabs
    door = first.door
    until(lambda: door.open_streams == 1, first)
    # a sleeping tab keeps its lock, and its scripts stand still: here before its next statement
    sleep = first.page.context.new_cdp_session(first.page)
    asleep: list[object] = []
    sleep.on("Debugger.paused", lambda paused: asleep.append(paused))
    sleep.send("Debugger.enable")
    sleep.send("Debugger.pause")
    until(lambda: asleep, second)
    streams = door.streams
    door.append(door.only(), **{"from": "staff", "staff": {"name": "Anna"}, "text": "I am here."})
    second.bubble("I am here.").wait_for(timeout=20000)
    third.bubble("I am here.").wait_for()
    assert door.streams > streams, "nobody slept, so this test says nothing"
    sleep.send("Debugger.disable")
    first.bubble("I am here.").wait_for()
    for tab in tabs:
        tab.expect_rows(GREETING, "I am here.")
    until(lambda: door.open_streams == 1, second)


def test_when_one_tab_reads_then_the_badge_goes_in_the_others(context: BrowserContext, chat: Chat) -> None:
    chat.start()
    other = Chat(context.new_page(), chat.door).visit()
    for tab in (chat, other):  # the other is open too, because the first is
        tab.page.get_by_role("button", name="Close").click()
    chat.door.append(chat.door.only(), **{"from": "staff", "staff": {"name": "Anna"}, "text": "I am here."})
    for tab in (chat, other):
        expect(tab.page.get_by_role("button", name="Ask a question (1 new)")).to_be_visible()
    other.page.bring_to_front()
    other.launcher.click()
    expect(chat.page.locator("marrow-chat .unread")).to_be_hidden()


def test_when_the_patient_goes_on_to_another_page_then_what_came_meanwhile_is_counted(chat: Chat) -> None:
    chat.start()
    chat.page.get_by_role("button", name="Close").click()
    chat.page.goto("about:blank")
    for text in ("I am here.", "Are you?"):
        chat.door.append(chat.door.only(), **{"from": "staff", "staff": {"name": "Anna"}, "text": text})
    chat.visit()
    expect(chat.page.get_by_role("button", name="Ask a question (2 new)")).to_be_visible()
    chat.launcher.click()
    chat.bubble("Are you?").wait_for()
    chat.page.get_by_role("button", name="Close").click()
    chat.page.reload()
    chat.launcher.wait_for()
    chat.page.wait_for_timeout(500)
    expect(chat.page.locator("marrow-chat .unread")).to_be_hidden()


def test_when_a_tab_closes_before_its_message_went_out_then_another_sends_it_once(
    context: BrowserContext, chat: Chat
) -> None:
    chat.start()
    chat.door.down = True
    chat.door.cut_streams()
    chat.say("How long is CAR-T?")
    expect(chat.log.locator(".pending")).to_have_count(1)
    chat.page.close()
    chat.door.down = False
    later = Chat(context.new_page(), chat.door).visit(open="true")
    later.bubble(DURATION).wait_for()
    later.expect_rows(GREETING, "How long is CAR-T?", DURATION)
    assert len(later.sent()) == 1
