"""What patients wish for beside asking: thumbs, transcript, language, text size, times, whom they talk to, what was hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.canned import DANGER
from tests.browser.chat import Chat

pytestmark = pytest.mark.slow  # a real browser

GREETING = "Hello, I am Marrow"
DURATION = "The hospital says"
ANNA = {"staff": {"name": "Anna"}}


@pytest.fixture
def talking(chat: Chat) -> Chat:
    return chat.start()


@pytest.fixture
def answered(talking: Chat) -> Chat:
    talking.say("How long is CAR-T?")
    talking.bubble(DURATION).wait_for()
    return talking


def test_when_a_thumb_is_pressed_then_it_is_kept_and_a_word_may_follow(answered: Chat) -> None:
    expect(answered.log.locator(".thumb")).to_have_count(2)  # none under the greeting
    with answered.page.expect_response("**/feedback"):
        answered.log.get_by_role("button", name="Not helpful").click()
    expect(answered.log.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    assert answered.door.rated == {3: {"seq": 3, "value": "down"}}
    form = answered.log.get_by_role("form", name="Thank you.")
    form.get_by_role("textbox").fill("It was for CAR-T, I asked about a transplant.")
    form.get_by_role("button", name="Send to the team").click()
    expect(answered.log.get_by_text("Thank you. The team will read it.")).to_be_focused()
    assert answered.door.rated[3]["comment"] == "It was for CAR-T, I asked about a transplant."
    answered.page.reload()
    answered.bubble(DURATION).wait_for()
    expect(answered.log.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    with answered.page.expect_response("**/feedback"):  # the thumb turns before the door has it
        answered.log.get_by_role("button", name="Helpful", exact=True).click()
    expect(answered.log.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "false")
    assert answered.door.rated[3]["value"] == "up"


def test_when_the_word_to_a_thumb_tells_of_danger_then_the_card_stands_there(answered: Chat) -> None:
    answered.log.get_by_role("button", name="Not helpful").click()
    form = answered.log.get_by_role("form", name="Thank you.")
    form.get_by_role("textbox").fill("I have a fever of 39")
    answered.door.failures.append((422, {"safety": {"verdict": "emergency", "text": DANGER["text"]}}, 0))
    form.get_by_role("button", name="Send to the team").click()
    expect(answered.log.locator(".danger .calls a").first).to_be_in_viewport()
    expect(answered.panel.locator("[role=alert]").first).to_contain_text("This may be urgent")


def test_when_a_thumb_cannot_be_kept_then_it_says_so_and_is_not_shown_as_kept(answered: Chat) -> None:
    answered.door.failures.append((500, {"title": "Oops"}, 0))
    answered.log.get_by_role("button", name="Not helpful").click()
    expect(answered.state).to_contain_text("That did not work just now.")
    expect(answered.log.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("context", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_when_the_conversation_is_copied_or_saved_then_all_of_it_is_there(answered: Chat, tmp_path: Path) -> None:
    answered.menu.click()
    answered.page.get_by_role("button", name="Copy this conversation").click()
    expect(answered.state).to_have_text("The conversation was copied.")
    copied = answered.page.evaluate("navigator.clipboard.readText()")
    answered.menu.click()
    with answered.page.expect_download() as download:
        answered.page.get_by_role("button", name="Save it as a file").click()
    assert download.value.suggested_filename.startswith("conversation-20")
    download.value.save_as(tmp_path / "saved.txt")
    for text in (copied, (tmp_path / "saved.txt").read_text(encoding="utf-8")):
        assert [line.split(":")[0] for line in text.splitlines()] == ["bot", "patient", "bot"]
        assert "How long is CAR-T?" in text
    expect(answered.menu).to_be_focused()


def test_when_copying_is_not_allowed_then_it_works_the_old_way(answered: Chat) -> None:
    answered.page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('no')) }")
    answered.menu.click()
    answered.page.get_by_role("button", name="Copy this conversation").click()
    expect(answered.state).to_have_text("The conversation was copied.")


def test_when_the_text_size_is_changed_then_all_grows_and_it_is_kept_over_a_reload(answered: Chat) -> None:
    answered.menu.click()
    answered.page.get_by_role("button", name="Very large").click()
    expect(answered.bubble(DURATION).locator("p").first).to_have_css("font-size", "24px")
    answered.page.keyboard.press("Escape")
    answered.page.reload()
    expect(answered.bubble(DURATION).locator("p").first).to_have_css("font-size", "24px")


def test_when_the_language_is_switched_then_the_words_change_the_lines_stay_and_it_says_what_stays_english(
    answered: Chat,
) -> None:
    answered.menu.click()
    switch = answered.page.get_by_label("Language")
    expect(switch.locator("option", has_text="العربية")).to_have_count(1)  # the menu comes with the second script
    expect(answered.page.get_by_text("The answers are in English for now.")).to_be_visible()
    answered.box.fill("and what")
    switch.select_option("ar")
    expect(answered.page.get_by_label("اللغة")).to_be_focused()
    expect(answered.page.locator("marrow-chat")).to_have_attribute("dir", "rtl")
    expect(answered.page.locator("marrow-chat")).to_have_attribute("lang", "ar")
    answered.expect_rows(GREETING, "How long is CAR-T?", DURATION)
    expect(answered.box).to_have_value("and what")
    answered.page.reload()
    answered.bubble(DURATION).wait_for()
    expect(answered.page.get_by_role("button", name="التحدث إلى شخص")).to_be_visible()
    answered.page.get_by_role("button", name="التحدث إلى شخص").click()
    answered.bubble("أريد التحدث إلى شخص").wait_for()


def test_when_a_language_is_chosen_before_consent_then_it_is_sent_with_the_conversation_and_nothing_kept_before(
    chat: Chat,
) -> None:
    chat.visit().launcher.click()
    chat.menu.click()
    expect(chat.panel.locator(".menu button")).to_have_count(3)  # the sizes; the rest needs a conversation
    chat.page.get_by_label("Language").select_option("de")
    expect(chat.panel.get_by_role("heading", name="Guten Tag. Bevor wir beginnen")).to_be_visible()
    assert chat.kept() == {}
    assert chat.door.posts == []
    chat.begin.click()
    chat.bubble(GREETING).wait_for()
    assert chat.door.posts[0][1]["language"] == "de"
    (kept,) = chat.kept().values()
    assert kept["language"] == "de"


@pytest.mark.parametrize(
    ("page", "data", "start"),
    [
        pytest.param("de", {}, "Beginnen", id="page_in_german"),
        pytest.param("en", {"language": "ja-JP"}, "はじめる", id="attribute"),
        pytest.param("en", {"language": "vi"}, "Start", id="not_translated"),
    ],
)
def test_when_the_page_has_a_language_then_the_widget_speaks_it_where_it_can(
    chat: Chat, page: str, data: dict[str, str], start: str
) -> None:
    chat.page.goto(
        f"{chat.door.url}/host?{urlencode({'lang': page} | {f'data-{key}': value for key, value in data.items()})}"
    )
    chat.launcher.click()
    expect(chat.begin).to_have_text(start)


def test_when_a_person_joins_and_leaves_then_the_head_says_whom_the_patient_talks_to(talking: Chat) -> None:
    door = talking.door
    title = talking.panel.locator("#title")
    expect(title).to_have_text("Marrow")
    door.append(door.only(), **{"from": "system", "text": "Anna has joined.", "presence": "joined", **ANNA})
    expect(title).to_have_text("Anna")
    expect(talking.panel).to_contain_text("A person of the hospital team")
    expect(talking.page.get_by_role("button", name="Talk to a person")).to_be_hidden()
    door.append(door.only(), **{"from": "staff", "text": "Good morning.", **ANNA})
    expect(talking.log.locator(".staff .who")).to_have_text("Anna")
    talking.say("hello")
    talking.page.wait_for_timeout(100)
    talking.page.reload()
    expect(title).to_have_text("Anna")
    door.append(door.only(), **{"from": "system", "text": "Anna has left.", "presence": "left", **ANNA})
    expect(title).to_have_text("Marrow")
    expect(talking.panel).to_contain_text("A program. Answers written by people.")


def test_when_something_was_hidden_then_the_patient_sees_what_and_the_words_are_gone(chat: Chat) -> None:
    chat.door.redact = {"0171 5551234": ("phone", "phone number"), "K-99": ("a_new_kind", "secret")}
    chat.start()
    chat.say("Call 0171 5551234 about K-99, and see [1]")
    line = chat.log.locator(".hid")
    expect(line).to_have_text("Hidden for your privacy: phone number, personal detail")
    bubble = chat.log.locator(".patient .bubble")
    assert bubble.locator(".chip").all_inner_texts() == ["phone number", "secret"]
    expect(bubble).not_to_contain_text("0171")
    assert "0171" not in str(chat.kept())
    expect(chat.panel.locator("header [role=status]")).to_have_text(
        "Hidden for your privacy: phone number, personal detail"
    )
    chat.page.reload()
    expect(line).to_have_text("Hidden for your privacy: phone number, personal detail")


@pytest.mark.parametrize("context", [{"timezone_id": "Europe/Berlin", "locale": "en-GB"}], indirect=True)
@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param({"open_now": False, "opens_at": "2026-11-23T00:30:00Z"}, "Opens Monday 1:30", id="closed"),
        pytest.param(
            {"open_now": True, "opens_at": None, "expected_wait_min": 7}, "Open now. Wait: about 7 min.", id="open"
        ),
        pytest.param({"open_now": True, "opens_at": None, "expected_wait_min": None}, "Open now.", id="wait_unknown"),
    ],
)
def test_when_there_are_office_hours_then_they_are_said_in_the_patients_own_time(
    chat: Chat, config: dict[str, Any], words: str
) -> None:
    chat.door.config |= config
    chat.visit().launcher.click()
    expect(chat.panel.locator(".consent")).to_contain_text(words)
    chat.begin.click()
    expect(chat.page.get_by_role("button", name="Talk to a person")).to_contain_text(words)
    chat.say("a person")
    expect(chat.log.locator(".card")).to_contain_text(words)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        pytest.param(timedelta(seconds=5), "now", id="now"),
        pytest.param(timedelta(minutes=5), "5 minutes ago", id="minutes"),
        pytest.param(timedelta(hours=5), ":", id="time_of_day"),
    ],
)
def test_when_a_line_has_an_age_then_it_is_said_as_people_do_and_whole_on_demand(
    talking: Chat, ago: timedelta, words: str
) -> None:
    at = (datetime.now(UTC) - ago).isoformat()
    talking.door.append(talking.door.only(), **{"from": "staff", "text": "Hello.", **ANNA, "at": at})
    stamp = talking.log.locator(".staff time")
    expect(stamp).to_contain_text(words)
    assert "20" in (stamp.get_attribute("title") or "")
    assert stamp.get_attribute("datetime") == at


def test_when_lines_are_of_several_days_then_each_day_has_its_name(talking: Chat) -> None:
    door = talking.door
    for text in ("yesterday's", "today's"):
        door.append(door.only(), **{"from": "staff", "text": text, **ANNA})
    talking.bubble("today's").wait_for()
    assert talking.log.locator(".day").all_inner_texts() == ["Today"]
    for event, days in zip(door.only().events, (9, 1, 0), strict=True):
        event["at"] = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    talking.page.reload()
    talking.bubble("today's").wait_for()
    names = talking.log.locator(".day").all_inner_texts()
    assert len(names) == 3
    assert names[1:] == ["Yesterday", "Today"]


def test_when_an_event_is_from_a_later_time_then_what_is_unknown_in_it_is_passed_over(talking: Chat) -> None:
    talking.door.append(
        talking.door.only(),
        **{
            "from": "bot",
            "text": "Later.",
            "safety": "a_new_kind",
            "presence2": 1,
            "handoff": {"kind": "a_new_kind", "video": True},
        },
    )
    talking.door.append(talking.door.only(), **{"from": "robot", "text": "And later."})
    talking.bubble("And later.").wait_for()
    expect(talking.bubble("Later.").get_by_role("heading", name="How to reach a person")).to_be_visible()


@pytest.mark.parametrize("context", [{"color_scheme": "dark"}], indirect=True)
@pytest.mark.parametrize(("theme", "paper"), [("light", "rgb(250, 246, 240)"), ("dark", "rgb(20, 26, 27)")])
def test_when_the_page_chooses_light_or_dark_then_the_device_does_not_matter(
    chat: Chat, theme: str, paper: str
) -> None:
    chat.visit(theme=theme).launcher.click()
    expect(chat.panel).to_have_css("background-color", paper)


def test_when_the_page_sets_custom_properties_then_colour_and_distance_follow(chat: Chat) -> None:
    chat.visit()
    chat.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("marrow-chat { --m-fill: rgb(90, 20, 60); --m-edge-inline: 100px; --m-edge-block: 80px }");
            document.adoptedStyleSheets.push(sheet);
        }"""
    )
    expect(chat.launcher).to_have_css("background-color", "rgb(90, 20, 60)")
    expect(chat.launcher).to_have_css("bottom", "80px")
    expect(chat.launcher).to_have_css("right", "100px")


def test_when_the_page_asks_for_large_text_then_it_begins_large_and_the_patient_can_change_it(
    context: BrowserContext, chat: Chat
) -> None:
    chat.start(text_size="l")
    expect(chat.log.locator(".bubble p").first).to_have_css("font-size", "20px")
    chat.menu.click()
    chat.page.get_by_role("button", name="Normal").click()
    expect(chat.log.locator(".bubble p").first).to_have_css("font-size", "16px")
