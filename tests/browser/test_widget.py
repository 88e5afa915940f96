"""What a patient does with the widget, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat
from tests.browser.fake_door import FakeDoor

pytestmark = pytest.mark.slow  # a real browser

GREETING = "Hello, I am Marrow"
DURATION = "The hospital says that its CAR-T clinical trial takes about 6-8 weeks."


def test_when_consent_was_not_given_then_nothing_is_stored_or_sent(chat: Chat) -> None:
    chat.visit()
    chat.launcher.click()
    expect(chat.page.get_by_text("I am Marrow, a program.")).to_be_visible()
    expect(chat.page.get_by_text("kept by Marrow demo hospital")).to_be_visible()
    chat.page.get_by_role("button", name="Close").click()
    chat.page.reload()
    chat.launcher.wait_for()
    assert chat.kept() == {}
    assert chat.page.context.cookies() == []
    assert chat.door.posts == []


def test_when_start_is_pressed_then_a_conversation_begins_with_consent_language_and_zone(chat: Chat) -> None:
    chat.start(language="en-GB")
    (path, body), *_ = chat.door.posts
    assert path == "/api/v1/conversations"
    assert body["consent"] is True
    assert body["language"] == "en-GB"
    assert body["time_zone"]
    assert body["page"] == "/host"
    (kept,) = chat.kept().values()
    assert kept["token"] == chat.door.only().token


def test_when_a_question_is_sent_then_the_answer_shows_source_owner_dates_and_state(chat: Chat) -> None:
    chat.start()
    chat.say("How long is CAR-T?")
    chat.bubble(DURATION).wait_for()
    chat.expect_rows(GREETING, "How long is CAR-T?", DURATION)
    source = chat.log.locator("details.source")
    expect(source.locator("summary")).to_contain_text("not yet clinically reviewed")
    expect(source.get_by_text("International patient office")).to_be_hidden()
    source.locator("summary").click()
    for part in ("the hospital's FAQ page", "International patient office", "November 22, 2026", "May 22, 2027"):
        expect(source.locator("dd", has_text=part)).to_be_visible()


def test_when_an_answer_takes_time_then_dots_show_until_it_comes(chat: Chat) -> None:
    chat.start()
    chat.door.answers.clear()
    chat.say("How long is CAR-T?")
    expect(chat.log.locator(".typing")).to_be_visible()
    chat.door.answers.set()
    chat.bubble(DURATION).wait_for()
    expect(chat.log.locator(".typing")).to_be_hidden()


def test_when_a_button_is_pressed_then_its_label_is_said_and_older_buttons_stay_usable(chat: Chat) -> None:
    chat.start()
    chat.say("how long does it take")
    readings = chat.log.locator(".choices.list").get_by_role("button")
    expect(readings).to_have_count(3)
    readings.first.click()
    chat.bubble(DURATION).wait_for()
    assert chat.door.posts[-1][1]["choice"] == "signed:How long CAR-T takes"
    assert "text" not in chat.door.posts[-1][1]
    readings.nth(1).click()
    expect(chat.log.locator(".row")).to_have_count(7)
    assert chat.rows()[3:6:2] == ["How long CAR-T takes", "How long a transplant from a donor takes"]


def test_when_the_page_is_loaded_again_then_history_and_draft_are_back(chat: Chat) -> None:
    chat.start()
    chat.say("How long is CAR-T?")
    chat.bubble(DURATION).wait_for()
    chat.box.fill("and what")
    chat.page.reload()
    chat.bubble(DURATION).wait_for()
    chat.expect_rows(GREETING, "How long is CAR-T?", DURATION)
    expect(chat.box).to_have_value("and what")
    assert chat.page.evaluate("document.activeElement === document.body"), "a reload must not take the focus"
    assert len(chat.door.conversations) == 1


def test_when_the_text_has_markup_then_it_is_shown_as_text(chat: Chat) -> None:
    chat.start()
    chat.say("<img src=x onerror=alert(1)> <b>bold</b>")
    expect(chat.log.locator(".patient .text").last).to_have_text("<img src=x onerror=alert(1)> <b>bold</b>")
    assert chat.log.locator("img, b").count() == 0


def test_when_an_answer_names_addresses_and_lists_then_they_are_links_and_a_list(chat: Chat) -> None:
    chat.start()
    chat.say("what is a transplant")
    answer = chat.bubble("A blood and marrow transplant")
    expect(answer.locator(".text li")).to_have_count(5)
    links = answer.locator(".text a")
    expect(links).to_have_count(3)
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://hospital.example/faq",
        "tel:+13264500477",
        "mailto:help@hospital.example",
    ]
    assert links.first.get_attribute("rel") == "noopener noreferrer"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("Since 1968, or from 2015-2017.", [], id="years"),
        pytest.param("On 2026-11-22 at 08:30-17:00.", [], id="date_and_hours"),
        pytest.param("About 6-8 weeks, 60%-70 %.", [], id="ranges"),
        pytest.param("Call 13264500477 today.", ["tel:13264500477"], id="long_bare_number"),
        pytest.param("Call +86 (10) 5555-0124.", ["tel:+861055550124"], id="international"),
    ],
)
def test_when_a_text_holds_numbers_then_only_phone_numbers_become_links(
    chat: Chat, text: str, numbers: list[str]
) -> None:
    chat.start()
    chat.door.append(chat.door.only(), **{"from": "bot", "text": text})
    chat.bubble(text).wait_for()
    expect(chat.bubble(text).locator("a")).to_have_count(len(numbers))
    assert [link.get_attribute("href") for link in chat.bubble(text).locator("a").all()] == numbers


def test_when_a_person_is_wanted_then_the_call_back_form_is_filled_in_and_sent(chat: Chat) -> None:
    chat.start()
    chat.page.get_by_role("button", name="Talk to a person").click()
    card = chat.log.locator(".card")
    card.get_by_role("button", name="Leave a number").click()
    expect(card.get_by_label("Name")).to_be_focused()
    expect(card.locator('a[href="tel:+13264500477"]')).to_be_visible()
    expect(card.locator('a[href="mailto:help@hospital.example"]')).to_be_visible()
    expect(card).to_contain_text("Closed now. Opens Monday")
    expect(card).to_contain_text("Mon-Fri 08:30-17:00")
    send = card.get_by_role("button", name="Ask for a call back")
    send.click()
    expect(card.get_by_role("alert")).to_have_text("Please give a phone number or an e-mail address.")
    card.get_by_label("Phone", exact=True).fill("+44 20 7946 0000")
    send.click()
    expect(card.get_by_role("alert")).to_contain_text("tick the box")
    expect(card.get_by_role("checkbox")).to_be_focused()
    card.get_by_role("checkbox").check()
    send.click()
    expect(card).to_contain_text("Passed on to the team.")
    path, body = chat.door.posts[-1]
    assert path.endswith("/contact")
    assert (body["phone"], body["consent"]) == ("+44 20 7946 0000", True)
    assert "name" not in body
    chat.page.reload()
    expect(card).to_contain_text("Passed on to the team.")


def test_when_a_person_writes_then_the_name_is_shown(chat: Chat) -> None:
    chat.start()
    chat.say("staff")
    expect(chat.log.locator(".staff .who")).to_have_text("Li Na, patient office")


def test_when_deletion_is_confirmed_then_nothing_is_left(chat: Chat) -> None:
    chat.start()
    for answer in ("Keep it", "Delete"):
        assert len(chat.door.conversations) == 1
        chat.page.get_by_role("button", name="Menu").click()
        chat.page.get_by_role("button", name="Delete my conversation").click()
        chat.page.get_by_role("button", name=answer, exact=True).click()
    expect(chat.state).to_have_text("Your conversation was deleted.")
    assert chat.door.conversations == {}
    assert chat.kept() == {}


def test_when_the_text_nears_the_limit_then_the_rest_is_counted(chat: Chat) -> None:
    chat.start()
    count = chat.page.locator("marrow-chat .count")
    chat.box.fill("a" * 1700)
    expect(count).to_be_hidden()
    chat.box.fill("a" * 1990)
    expect(count).to_have_text("10 characters left")
    chat.box.fill("\U0001f33c" * 2001)
    expect(count).to_have_text("Too long by 1")


def test_when_the_page_gives_starting_questions_then_pressing_one_asks_it(chat: Chat) -> None:
    chat.start(start_questions="How long is CAR-T?| What is a transplant? ")
    chips = chat.log.locator(".starters").get_by_role("button")
    expect(chips).to_have_text(["How long is CAR-T?", "What is a transplant?"])
    chips.first.click()
    chat.bubble(DURATION).wait_for()
    expect(chips).to_have_count(0)


def test_when_the_page_has_an_opener_then_its_question_becomes_the_draft_and_focus_returns_to_it(chat: Chat) -> None:
    chat.visit()
    chat.page.get_by_role("button", name="Ask", exact=True).click()
    chat.page.get_by_role("button", name="Start", exact=True).click()
    expect(chat.box).to_have_value("How long is CAR-T?")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("button", name="Ask", exact=True)).to_be_focused()


def test_when_the_widget_is_carried_by_another_site_then_it_talks_to_the_door_of_its_script(
    context: BrowserContext, chat: Chat
) -> None:
    hospital = FakeDoor()
    try:
        chat.page.goto(f"{hospital.url}/host?door={chat.door.url}")
        chat.launcher.click()
        chat.page.get_by_role("button", name="Start", exact=True).click()
        chat.bubble(GREETING).wait_for()
        chat.say("How long is CAR-T?")
        chat.bubble(DURATION).wait_for()
        assert list(chat.kept()) == [f"marrow:{chat.door.url}/"]
        assert hospital.posts == []
    finally:
        hospital.shutdown()
        hospital.server_close()


@pytest.mark.parametrize(
    ("accent", "words"),
    [
        pytest.param("#ffcc33", "rgb(0, 0, 0)", id="light_accent_dark_words"),
        pytest.param("#5b2a86", "rgb(255, 255, 255)", id="dark_accent_light_words"),
        pytest.param("red;}*{display:none", "rgb(255, 255, 255)", id="not_a_colour_is_ignored"),
    ],
)
def test_when_the_page_names_an_accent_then_the_words_on_it_stay_legible(chat: Chat, accent: str, words: str) -> None:
    chat.visit(accent=accent, position="left", greeting="Questions?")
    expect(chat.launcher).to_have_css("color", words)
    expect(chat.launcher).to_have_text("Questions?")
    expect(chat.launcher).to_be_visible()  # its style comes after it
    box = chat.launcher.bounding_box()
    assert box
    assert box["x"] < 100
