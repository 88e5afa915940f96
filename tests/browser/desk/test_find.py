"""Find and figures in a real browser: every size by axe, by keyboard alone, and a file to take along."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.desk.conftest import look, press, tab_to

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


def test_when_there_is_only_a_keyboard_then_all_of_it_can_be_done(full, visit):
    page = visit()
    tab_to(page, page.get_by_role("link", name="Find", exact=True))
    press(page, "Enter")
    page.wait_for_url("**/desk/find")
    tab_to(page, page.get_by_label("Words"))
    page.keyboard.type("cost")
    press(page, "Enter")
    page.wait_for_url("**q=cost**")
    expect(page.locator("mark").first).to_have_text("cost")
    tab_to(page, page.locator(".filters summary"))
    press(page, "Enter")
    tab_to(page, page.locator("select[name=reviewed]"))
    press(page, "ArrowDown", "Enter")
    tab_to(page, page.locator(".filters").get_by_role("button", name="Find"))
    press(page, "Enter")
    page.wait_for_url("**reviewed=yes**")
    tab_to(page, page.locator(".keep summary"))
    press(page, "Enter")
    tab_to(page, page.locator(".keep input[name=name]"))
    page.keyboard.type("Cost, read")
    press(page, "Enter")
    kept = page.get_by_role("link", name="Cost, read")
    expect(kept).to_have_attribute("aria-current", "true")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"q": ["cost"], "reviewed": ["yes"]}
    for form in ("CSV", "JSON Lines"):
        tab_to(page, page.get_by_role("button", name=form))
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename == f"marrow-messages.{'csv' if form == 'CSV' else 'jsonl'}"
    tab_to(page, page.get_by_role("link", name="Take away: ").first)
    press(page, "Enter")
    page.wait_for_url(lambda url: "reviewed" not in url)
    tab_to(page, kept)
    press(page, "Enter")
    page.wait_for_url("**reviewed=yes**")
    tab_to(page, page.get_by_role("button", name="Remove the kept search Cost, read"))
    press(page, "Enter")
    expect(page.get_by_role("link", name="Cost, read")).to_have_count(0)

    tab_to(page, page.get_by_role("link", name="Figures"))
    press(page, "Enter")
    page.wait_for_url("**/desk/figures")
    tab_to(page, page.locator("summary", has_text="Table of Conversations").first)
    press(page, "Enter")
    figure = page.get_by_role("region", name="Table of Conversations").get_by_role("link").first
    shown = figure.inner_text()
    tab_to(page, figure)
    press(page, "Enter")
    page.wait_for_url("**show=conversations**")
    expect(page.locator("[data-count=conversations]")).to_have_text(shown)
    tab_to(page, page.locator(".hit a").first)
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/desk/inbox/all/demo-"))


def test_when_a_bar_is_pressed_then_the_search_behind_it_opens(full, visit):
    page = visit()
    page.goto("/desk/figures")
    bar = page.locator("#messages-t ~ a").first
    number = bar.locator("title").text_content().split()[-1]
    bar.locator("rect").click()
    page.wait_for_url("**/desk/find?**")
    expect(page.locator("[data-count=messages]")).to_have_text(number)
