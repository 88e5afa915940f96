"""The desk in a real browser: every page by axe in light and dark, small screens, and live updates."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.desk.conftest import DESKTOP, PASSWORD, WAIT_MS, base, go_live, look

pytestmark = pytest.mark.slow  # a real browser


def test_when_a_page_is_opened_then_axe_finds_nothing_and_nothing_is_too_wide(console, scene, visit, chromium):
    page = visit()
    paths = {
        "queue": "/inbox/review", "danger": f"/inbox/danger/{scene['danger'].conversation}",
        "waiting": f"/inbox/waiting/{scene['waiting'].conversation}",
        "thumb down": f"/inbox/disliked/{scene['disliked'].conversation}",
        "long": f"/inbox/all/{scene['long'].conversation}", "empty queue": "/inbox/mine",
        "teach": f"/teach/{scene['danger'].conversation}/2", "answers": "/answers", "kept": "/kept",
        "teaching": "/teaching", "me": "/me", "second": "/me/second", "people": "/people", "audit": "/audit",
        "audit check": "/audit/check", "contacts": f"/c/{scene['call back'].conversation}/contacts",
        "nothing": "/nothing",
    }  # fmt: skip
    browser = console.at_work("trainer", "Tea")
    of = f"/c/{scene['danger'].conversation}"
    browser.post(f"{of}/teach", {"seq": "2", "verdict": "new_question", "note": "asks about parking"})
    browser.post(f"{of}/tag", {"tag": "travel"}), browser.post(f"{of}/note", {"text": "Call her sister."})
    browser.post(f"{of}/flag", {"seq": "2"})
    wrong = []
    for name, path in paths.items():
        page.goto(f"/desk{path}")
        if page.locator("#scroll").count():
            page.locator(".why summary").first.click()
        wrong += look(page, name)
    page.goto(f"/desk/inbox/waiting/{scene['waiting'].conversation}")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_label("Your words to the patient")).to_be_visible()
    wrong += look(page, "taken over")
    page.locator("#composer").get_by_role("link", name="Answers").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    wrong += look(page, "palette")
    page.keyboard.press("Escape")
    page.locator("body").evaluate("document.querySelector('#keys').showModal()")
    wrong += look(page, "keys")
    fresh = chromium.new_context(viewport=DESKTOP).new_page()
    fresh.goto(f"{base(console)}/desk/login")
    wrong += look(fresh, "login")
    fresh.get_by_label("E-mail").fill("anna.admin@hospital.example")
    fresh.get_by_label("Password").fill("not this one")
    fresh.get_by_role("button", name="Log in").click()
    expect(fresh.get_by_role("alert")).to_be_visible()
    wrong += look(fresh, "login in vain")
    # somebody new: invited, a second step with its codes, and the next login
    page.goto("/desk/people")
    card = page.get_by_role("region", name="Add somebody")
    card.get_by_label("E-mail").fill("nia@hospital.example")
    card.get_by_label("First name").fill("Nia")
    card.get_by_role("button", name="Add").click()
    link = page.get_by_role("status").locator("code.key")
    expect(link).to_be_visible()
    wrong += look(page, "people with a link")
    fresh.goto(base(console) + urlsplit(link.inner_text()).path)
    wrong += look(fresh, "welcome")
    fresh.get_by_label("Password", exact=True).fill(PASSWORD)
    fresh.get_by_label("The same again").fill(PASSWORD)
    fresh.get_by_role("button", name="Go on").click()
    fresh.wait_for_url("**/desk/inbox/**")
    fresh.goto(f"{base(console)}/desk/me/second")
    app = pyotp.TOTP(fresh.locator("code.key").inner_text().replace(" ", ""))
    fresh.get_by_label("Your password").fill(PASSWORD)
    fresh.get_by_label("Code").fill(app.now())
    fresh.get_by_role("button", name="Go on").click()
    expect(fresh.get_by_role("heading", name="Recovery codes")).to_be_visible()
    wrong += look(fresh, "codes")
    fresh.context.clear_cookies()
    fresh.goto(f"{base(console)}/desk/login")
    fresh.get_by_label("E-mail").fill("nia@hospital.example")
    fresh.get_by_label("Password").fill(PASSWORD)
    fresh.get_by_role("button", name="Log in").click()
    expect(fresh.get_by_label("Code")).to_be_visible()
    wrong += look(fresh, "login code")
    fresh.context.close()

    assert wrong == []


def test_when_something_happens_then_the_list_and_the_talk_show_it_without_a_reload(console, scene, visit):
    page = visit("agent", "Liv")
    go_live(page, f"/desk/inbox/danger/{scene['danger'].conversation}")
    note = page.get_by_label("Note for colleagues")
    note.fill("half a note")
    page.evaluate("window.same = true")

    scene["danger"].say("now he does not wake up")
    expect(page.locator("#lines")).to_contain_text("now he does not wake up")
    scene["unanswered"].say("I have chest pain and cannot breathe")
    expect(page.locator("#items li")).to_have_count(2)
    scene["danger"].post("typing", on=True)
    expect(page.get_by_text("The patient is writing")).to_be_visible()

    expect(note).to_have_value("half a note")
    assert page.evaluate("window.same")


def test_when_a_colleague_is_quicker_then_the_page_says_who(console, scene, visit):
    one, two = visit("agent", "Ada"), visit("agent", "Ben")
    address = f"/desk/inbox/waiting/{scene['waiting'].conversation}"
    go_live(one, address), go_live(two, address)

    one.get_by_role("button", name="Take over").click()

    expect(two.get_by_text("Ada is talking")).to_be_visible()
    expect(two.get_by_role("button", name="Take over")).to_have_count(0)


def test_when_something_happens_during_a_log_out_then_the_page_asks_for_nothing_more(console, scene, visit):
    page = visit("agent")
    page.goto("/desk/inbox/all")

    def slowly(route):
        answer = route.fetch(max_redirects=0)  # the door has ended the session ...
        scene["waiting"].say("Are you still there?")
        page.wait_for_timeout(1000)
        route.fulfill(response=answer)  # ... and the page learns of it later

    page.route("**/desk/logout", slowly)
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Log out").click()

    page.wait_for_url("**/desk/login")  # and not to a login that leads back to this page


def test_when_scripts_are_off_then_a_conversation_is_still_taken_over_and_answered(console, scene, chromium):
    console.staff("agent", "Nos")
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(f"{base(console)}/desk/inbox/waiting/{scene['waiting'].conversation}")
    page.get_by_label("E-mail").fill("nos.agent@hospital.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Your words to the patient").fill("Hello without scripts.")
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#lines")).to_contain_text("Hello without scripts.")
    page.get_by_role("button", name="Give back").click()
    expect(page.locator("#lines")).to_contain_text("Nos has left")
    context.close()
