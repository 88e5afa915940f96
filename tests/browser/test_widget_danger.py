"""Danger in the widget: a card with numbers to press, said aloud once, whatever the door or the brain cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from evaluation.stack import door_alone
from tests.browser.canned import DANGER, SELF_HARM
from tests.browser.chat import Chat, until

pytestmark = pytest.mark.slow  # a real browser

SAFETY = {"verdict": "emergency", "text": DANGER["text"]}
NUMBERS = ["tel:+861055550124", "tel:120"]
SMALL = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LOOKS = {
    "desktop": {},
    "phone": SMALL,
    "dark_phone": {**SMALL, "color_scheme": "dark"},
    "high_contrast": {**SMALL, "forced_colors": "active"},
    "dark_high_contrast": {"color_scheme": "dark", "forced_colors": "active"},
}
# What a screen reader is made to say at once: each time words come into an alert region.
LISTEN = """() => {
    window.said = [];
    const region = document.querySelector("marrow-chat").shadowRoot.querySelector("[role=alert]");
    new MutationObserver(() => region.textContent && window.said.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true });
}"""


def numbers(card: Locator) -> list[str | None]:
    return [link.get_attribute("href") for link in card.locator(".calls a").all()]


def said(chat: Chat) -> list[str]:
    found: list[str] = chat.page.evaluate("window.said")
    return found


def cards(chat: Chat) -> Locator:
    return chat.panel.locator(".danger")


@pytest.fixture
def talking(chat: Chat) -> Chat:
    """A begun conversation, with an ear at the alert region."""
    chat.start().page.evaluate(LISTEN)
    return chat


@pytest.mark.parametrize("context", LOOKS.values(), ids=LOOKS, indirect=True)
@pytest.mark.parametrize(("words", "reply"), [("a fever of 39", DANGER), ("i want to die", SELF_HARM)], ids=str)
def test_when_there_is_danger_then_nothing_covers_the_card_and_its_edge_and_numbers_can_be_seen(
    talking: Chat, words: str, reply: dict[str, Any]
) -> None:
    talking.say(words)
    card = cards(talking)
    card.wait_for()
    hidden = card.evaluate(
        """card => [card.querySelector("h3"), card.querySelector(".text"), ...card.querySelectorAll(".calls a")]
            .filter((part) => {
                const box = part.getBoundingClientRect();
                const top = card.getRootNode().elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 40));
                return !(part === top || part.contains(top));
            }).map((part) => part.outerHTML)"""
    )
    assert hidden == []
    edges = card.locator(".bubble, .calls a").evaluate_all(
        "parts => parts.map((part) => getComputedStyle(part).borderTopWidth + getComputedStyle(part).backgroundColor)"
    )
    assert "0pxrgba(0, 0, 0, 0)" not in edges
    assert edges[0].startswith("2px")
    assert card.locator(".calls a").first.bounding_box()["height"] >= 44  # type: ignore[index]
    assert len(said(talking)) == 1
    assert reply["text"] in said(talking)[0]


@pytest.mark.parametrize("context", [{}, SMALL], ids=["desktop", "phone"], indirect=True)
def test_when_the_journal_refuses_then_the_card_stands_at_once_and_once_after_the_message_is_taken(
    talking: Chat,
) -> None:
    talking.door.failures += [(503, {"title": "Store", "safety": SAFETY}, 1) for _ in range(100)]
    talking.say("a fever of 39")
    expect(cards(talking)).to_have_count(1)
    expect(talking.log.locator(".pending")).to_have_count(1)
    assert numbers(cards(talking)) == NUMBERS
    expect(talking.state).to_contain_text("cannot take messages just now")
    expect(cards(talking).locator(".calls a").last).to_be_in_viewport(ratio=1)
    until(lambda: len(talking.sent()) > 1, talking)
    talking.door.failures.clear()
    expect(talking.log.locator(".pending")).to_have_count(0)
    talking.expect_rows("Hello, I am Marrow", "a fever of 39", "This may need urgent care")
    expect(talking.log.locator(".danger[data-seq]")).to_have_count(1)
    assert len(said(talking)) == 1, "the same text must not be said twice"


@pytest.mark.parametrize("status", [401, 404, 410])
def test_when_the_session_is_over_then_the_card_stands_on_the_first_screen(talking: Chat, status: int) -> None:
    talking.door.failures.append((status, {"title": "No such conversation", "safety": SAFETY}, 0))
    talking.say("a fever of 39")
    expect(cards(talking)).to_be_in_viewport()
    assert numbers(cards(talking)) == NUMBERS
    assert len(said(talking)) == 1
    if status != 410:  # an address that is gone for good is a refusal like any other
        expect(talking.state).to_contain_text("Your earlier conversation has ended.")
        talking.page.get_by_role("button", name="Start", exact=True).click()
        expect(talking.box).to_have_value("a fever of 39")
        expect(cards(talking)).to_have_count(0)


def test_when_the_stream_hears_first_that_the_session_is_over_then_danger_that_waits_is_answered(
    talking: Chat,
) -> None:
    talking.door.down = True
    talking.door.cut_streams()
    talking.say("a fever of 39")
    expect(talking.log.locator(".pending")).to_have_count(1)
    talking.door.conversations.clear()
    talking.door.down = False
    expect(cards(talking)).to_be_in_viewport(timeout=20000)
    assert len(said(talking)) == 1


def test_when_a_message_is_refused_then_the_card_stands_under_it(talking: Chat) -> None:
    talking.door.failures.append((422, {"detail": "It is too long.", "safety": SAFETY}, 0))
    talking.say("a fever of 39")
    expect(talking.log.locator(".failed + .danger")).to_be_in_viewport()
    assert numbers(cards(talking)) == NUMBERS
    assert len(said(talking)) == 1
    talking.say("How long is CAR-T?")
    talking.bubble("The hospital says").wait_for()
    expect(cards(talking)).to_have_count(1)


def test_when_consent_was_not_given_yet_then_the_numbers_for_urgent_help_can_be_called(chat: Chat) -> None:
    chat.visit().launcher.click()
    urgent = chat.panel.locator(".consent .calls a")
    expect(urgent).to_have_text(["Emergency: 120", "24 hours: +86 10 5555 0124"])
    assert [link.get_attribute("href") for link in urgent.all()] == ["tel:120", "tel:+861055550124"]
    assert all(link.bounding_box()["height"] >= 44 for link in urgent.all())  # type: ignore[index]
    assert chat.door.posts == []


@pytest.mark.parametrize("context", [{}, SMALL], ids=["desktop", "phone"], indirect=True)
def test_when_it_is_not_clear_then_the_line_follows_the_answer_politely_and_its_numbers_can_be_called(
    talking: Chat,
) -> None:
    talking.say("bleeding")
    line = talking.log.locator(".check")
    expect(line).to_contain_text("If this is happening now")
    expect(line).to_be_in_viewport(ratio=1)
    talking.expect_rows("Hello, I am Marrow", "bleeding", "The hospital says", "If this is happening now")
    assert [link.get_attribute("href") for link in line.locator("a").all()] == NUMBERS
    assert line.get_attribute("aria-live") is None, "the log says it, after the answer"
    assert said(talking) == []


def test_when_a_text_is_too_long_then_the_door_is_asked_and_the_draft_stays(talking: Chat) -> None:
    long = "word " * 500
    talking.say(long)
    expect(talking.state).to_contain_text("This message is too long, so it was not sent: 2499 of 2000 characters.")
    expect(talking.box).to_have_value(long.strip())
    expect(talking.log.locator(".patient:visible")).to_have_count(0)
    expect(talking.log.locator(".danger")).to_have_count(0)
    talking.say("How long is CAR-T?")
    talking.bubble("The hospital says").wait_for()
    expect(talking.state).to_be_hidden()


@pytest.mark.parametrize("before", [0, 3000], ids=["danger_at_the_beginning", "danger_at_the_end"])
def test_when_danger_stands_in_a_text_that_is_too_long_then_the_card_comes(talking: Chat, before: int) -> None:
    text = "word " * (before // 5) + "he has a fever of 39 " + "more " * ((4000 - before) // 5)
    talking.say(text)
    expect(talking.log.locator(".danger .calls a").first).to_be_in_viewport()
    expect(talking.state).to_contain_text("This message is too long")
    expect(talking.box).to_have_value(text.strip())
    expect(talking.log.locator(".danger")).to_have_count(1)
    assert all(len(str(body).encode()) < 16384 for _, body in talking.door.posts)
    assert all(not body.get("consent") for path, body in talking.door.posts[1:] if path.endswith("conversations"))


def test_when_a_message_waits_then_one_that_tells_of_danger_is_tried_all_the_same(talking: Chat) -> None:
    busy = (503, {"title": "Store"}, 30)
    talking.door.failures += [
        busy,
        busy,
        (503, {"title": "Store", "safety": SAFETY}, 30),
    ]
    talking.say("hello")
    expect(talking.state).to_contain_text("cannot take messages just now")
    expect(talking.state.locator(".calls a").first).to_be_visible()
    talking.say("a fever of 39")
    expect(talking.log.locator(".danger .calls a").first).to_be_in_viewport()
    expect(talking.log.locator(".pending")).to_have_count(2)


class _Real:
    """The real door, with nobody behind it."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.fixture
def real_door() -> Iterator[_Real]:
    """A real door with a dead brain."""
    with door_alone(emergency_number="120", urgent_phone="+86 10 5555 0124") as address:
        yield _Real(address)


def test_when_the_brain_is_dead_then_the_real_door_and_the_widget_show_the_card(
    context: BrowserContext, real_door: _Real
) -> None:
    chat = Chat(context.new_page(), real_door)  # type: ignore[arg-type]
    chat.page.goto(f"{real_door.url}/demo")
    chat.launcher.click()
    expect(chat.panel.locator(".consent .calls a")).to_have_count(2)
    chat.page.get_by_role("button", name="Start", exact=True).click()
    chat.bubble("I am Marrow").wait_for()
    chat.page.evaluate(LISTEN)
    chat.say("my husband has a fever of 39")
    expect(cards(chat)).to_be_in_viewport(timeout=5000)
    assert sorted(filter(None, numbers(cards(chat)))) == sorted(NUMBERS)
    assert len(said(chat)) == 1
    chat.page.reload()
    expect(cards(chat)).to_have_count(1)
