"""A patient's story in real Chromium through the three real processes, the brain killed outright in the middle of it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from evaluation.stack import Stack
from tests.browser.conftest import FLAGS, find_chromium

pytestmark = pytest.mark.slow

ANSWER_MS = 15_000
DANGER_MS = 3_000
RESTART_MS = 90_000  # a killed brain has to load its model again, on a loaded machine


@pytest.fixture
def page() -> Iterator[Page]:
    """A phone; any script error or breach of the page's policy fails the test."""
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("pageerror", lambda error: troubles.append(str(error)))
        yield page
        browser.close()
    assert troubles == []


def say(page: Page, text: str) -> None:
    box = page.get_by_label("Your question")
    box.fill(text)
    box.press("Enter")


def bubbles(page: Page) -> Locator:
    return page.get_by_role("log").locator(".bubble")


def rows(page: Page) -> list[str]:
    return page.get_by_role("log").locator(".row .text").all_inner_texts()


def expect_last(page: Page, words: str, timeout_ms: int = ANSWER_MS) -> None:
    expect(bubbles(page).last).to_contain_text(re.compile(words, re.IGNORECASE), timeout=timeout_ms)


def test_when_a_patient_talks_in_a_browser_then_nothing_is_lost_though_the_brain_is_killed(
    stack: Stack, page: Page
) -> None:
    page.goto(f"{stack.address}/demo")
    page.locator("marrow-chat .launcher").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(bubbles(page).first).to_contain_text("Marrow", timeout=ANSWER_MS)

    # a question, its answer and where it comes from
    say(page, "what is car-t cell therapy?")
    expect_last(page, "T cells")
    expect_last(page, "published by source, not yet clinically reviewed")

    # a follow-up without a subject
    say(page, "how long does it take?")
    expect_last(page, "6-8 weeks")

    # the brain dies; the patient's next message is kept and answered in its context
    os.kill(stack.process_id("brain"), signal.SIGKILL)

    # meanwhile danger is answered, and does not wait for the brain
    say(page, "my husband has a fever of 39")
    expect(page.get_by_role("log").locator(".danger")).to_be_visible(timeout=DANGER_MS)
    say(page, "and what is the success rate?")
    expect_last(page, "more than 90%", RESTART_MS)

    # readings offered, one pressed
    page.evaluate("() => localStorage.clear()")
    page.reload()
    page.locator("marrow-chat .launcher").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(bubbles(page).first).to_contain_text("Marrow", timeout=ANSWER_MS)
    say(page, "how long does it take?")
    pressed = page.get_by_role("button", name="How long does a transplant take?")
    pressed.click(timeout=ANSWER_MS)
    expect_last(page, "3-6 months")

    # a person
    say(page, "please call me back")
    page.get_by_role("button", name="Leave a number").click(timeout=ANSWER_MS)
    page.get_by_label("Phone", exact=True).fill("+49 30 901820")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Ask for a call back").click()
    expect(page.get_by_role("log")).to_contain_text("noted", timeout=ANSWER_MS)

    # the same conversation after a reload
    before = rows(page)
    page.reload()
    page.locator("marrow-chat .launcher").click()
    page.get_by_role("log").wait_for(timeout=ANSWER_MS)
    expect(page.get_by_role("log").locator(".row .text")).to_have_count(len(before), timeout=ANSWER_MS)
    assert rows(page) == before
