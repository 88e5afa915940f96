"""Find and figures in a real browser: every size by axe, by keyboard alone, and a file to take along."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.desk.conftest import look

pytestmark = pytest.mark.slow  # a real browser


def test_when_find_and_figures_are_opened_then_axe_finds_nothing_and_nothing_is_too_wide(full, visit):
    page = visit()
    wrong = []
    for name, path in {
        "find": "/find", "found": "/find?q=transplant+cost&in=all&show=conversations&outcome=answer",
        "not found": "/find?q=nowhere&hour=99&label=topic/cost", "figures": "/figures?by=week",
        "no figures": "/figures?from=2020-01-01&to=2020-01-03",
    }.items():  # fmt: skip
        page.goto(f"/desk{path}")
        for summary in page.locator("main summary").all()[:6]:
            summary.click()
        wrong += look(page, name)
    assert wrong == []


def tab_to(page, words):
    """Presses Tab until something with this name has the focus."""
    met = []
    for _ in range(80):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "(e => (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.name || '').trim())"
            "(document.activeElement)"
        )
        met.append(named)
        if " ".join(named.split()).startswith(words):
            return
    raise AssertionError(f"no Tab leads to {words!r}, only to {met}")


def test_when_there_is_only_a_keyboard_then_all_of_it_can_be_done(full, visit):
    page = visit()
    tab_to(page, "Find")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/find")
    tab_to(page, "Words")
    page.keyboard.type("cost")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=cost**")
    expect(page.locator("mark").first).to_have_text("cost")
    tab_to(page, "Filters")
    page.keyboard.press("Enter")
    tab_to(page, "Review")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, "Find")
    page.keyboard.press("Enter")
    page.wait_for_url("**reviewed=yes**")
    tab_to(page, "Keep this search")
    page.keyboard.press("Enter")
    tab_to(page, "Name")
    page.keyboard.type("Cost, read")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Cost, read")).to_have_attribute("aria-current", "true")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"q": ["cost"], "reviewed": ["yes"]}
    tab_to(page, "CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "marrow-messages.csv"
    page.goto("/desk/figures")
    tab_to(page, "Table of Conversations")
    page.keyboard.press("Enter")
    figure = page.get_by_role("region", name="Table of Conversations").get_by_role("link").first
    shown = figure.inner_text()
    figure.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**show=conversations**")
    expect(page.locator("[data-count=conversations]")).to_have_text(shown)
    first = page.locator(".hit a").first
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/inbox/all/demo-"))


def test_when_a_bar_is_pressed_then_the_search_behind_it_opens(full, visit):
    page = visit()
    page.goto("/desk/figures")
    bar = page.locator("#messages-t ~ a").first
    number = bar.locator("title").text_content().split()[-1]
    bar.locator("rect").click()
    page.wait_for_url("**/desk/find?**")
    expect(page.locator("[data-count=messages]")).to_have_text(number)
