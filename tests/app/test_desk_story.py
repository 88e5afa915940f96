"""The desk's story in real Chromium, with a patient and an agent in two browsers, through the three real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.boot import model
from evaluation.stack import Stack, running

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "winter coat on a green hook"
ANSWER_MS = 30_000
BACK_WITHIN_S = 120
SOON_MS = 1_000
SILENCE_MS = 3_000
"""Several times as long as the brain takes: it would have answered by then."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A bot whose office is always open."""
    found = model.current()
    assert found, "there is no trained model: run ./marrow train"
    with running(
        found, hospital_name="Test hospital", contact_phone="+1 555 0100", office_hours="Mon-Sun 00:00-24:00",
        brain_attempts=60, brain_backoff_ms=500,
    ) as started:  # fmt: skip
        yield started


def run(stack: Stack, *arguments: str, given: str = "") -> list[dict[str, object]]:
    """A command of the desk, on the journal of the running bot."""
    environment = os.environ | {
        "MARROW_DATABASE_URL": stack.settings.database_url, "MARROW_SECRET_KEY": stack.settings.secret_key,
        "MARROW_CONTACT_KEY": stack.settings.contact_key, "MARROW_DOOR_PORT": str(stack.settings.door_port),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bot.desk.commands", *arguments],
        cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def page_of(browser: Browser, wrong: list[str], **options: object) -> Page:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(ANSWER_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page


def logged_in(page: Page, address: str, link: str) -> None:
    """Follows the link of `./marrow staff add`: a password, the second step, the inbox."""
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".codes code")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/desk/inbox/review")


def say(page: Page, text: str) -> None:
    box = page.get_by_label("Your question")
    box.fill(text)
    box.press("Enter")


def restart_door(stack: Stack) -> None:
    old = stack.process_id("door")
    os.kill(old, signal.SIGTERM)
    ends = time.monotonic() + BACK_WITHIN_S
    while time.monotonic() < ends:
        try:
            # ready is also the redaction, without which a text is honestly not kept
            ready = httpx.get(f"{stack.address}/readyz", timeout=5, trust_env=False).status_code == 200
            if ready and stack.process_id("door") != old:
                return
        except Exception:
            pass
        time.sleep(0.2)
    raise AssertionError(stack.log("door")[-2000:])


def test_when_a_patient_wants_a_person_then_one_comes_talks_and_gives_back(stack: Stack, chromium: Browser) -> None:
    (made,) = run(stack, "staff", "add", "anna@hospital.example", "--name", "Anna", "--role", "admin")
    wrong: list[str] = []
    desk = page_of(chromium, wrong, viewport={"width": 1280, "height": 860})
    patient = page_of(chromium, wrong, viewport={"width": 390, "height": 844})
    logged_in(desk, stack.address, str(made["link"]))
    press = desk.keyboard.press
    press("2")
    desk.wait_for_url("**/inbox/waiting")
    expect(desk.get_by_text("Nobody waits for a person.")).to_be_visible()

    # a patient asks, is misunderstood twice, and asks for a person
    patient.goto(f"{stack.address}/demo")
    patient.locator("marrow-chat .launcher").click()
    patient.get_by_role("button", name="Start", exact=True).click()
    log = patient.get_by_role("log")
    bubbles = log.locator(".bubble")
    expect(bubbles.first).to_contain_text("Marrow")
    say(patient, "How long does CAR-T therapy take?")
    expect(bubbles.last).to_contain_text("weeks")
    with_buttons = log.locator(".choices button").first
    expect(with_buttons).to_be_visible()
    for nonsense in ("glorp the wibbly teapot", "qwzx plonk 17 banjo moon"):
        count = bubbles.count()
        say(patient, nonsense)
        expect(bubbles).to_have_count(count + 2)
    say(patient, "I want to talk to a real person right now")
    expect(bubbles.last).to_contain_text(re.compile("person|team", re.I))

    # within a second it stands in the queue
    asked = time.monotonic()
    desk.locator("#items .item").wait_for()  # looks more often than `expect`, which may come a second late
    seen_ms = (time.monotonic() - asked) * 1000
    expect(desk.locator("#items .item")).to_have_count(1)
    busy = os.getloadavg()[0] > 2 * (os.cpu_count() or 1)  # with others at work a second says nothing of the desk
    assert seen_ms < SOON_MS * (5 if busy else 1)
    press("j")
    press("Enter")
    expect(desk.locator("#lines")).to_contain_text("glorp the wibbly teapot")
    expect(desk.locator("#lines").get_by_text("not understood", exact=True)).to_have_count(2)
    expect(desk.locator("#lines")).to_contain_text("faq/cart_duration")

    # taken over; both talk, and see the other write
    press("t")
    reply = desk.get_by_label("Your words to the patient")
    expect(reply).to_be_focused()
    expect(log).to_contain_text("Anna from the hospital team is here now")
    desk.keyboard.type("Hello, I am Anna. ")
    expect(patient.locator("marrow-chat .typing")).to_be_visible()
    desk.keyboard.type("What can I do for you?")
    press("Control+Enter")
    expect(log).to_contain_text("What can I do for you?")
    expect(desk.locator("#lines")).to_contain_text("delivered")
    patient.get_by_label("Your question").press_sequentially("I need ", delay=30)
    expect(desk.get_by_text("The patient is writing")).to_be_visible()
    say(patient, "I need a translator for the first visit")
    expect(desk.locator("#lines")).to_contain_text("I need a translator for the first visit")

    # an old button, and once more after the door was restarted in between: the bot is silent
    with_buttons.click()
    expect(desk.locator("#lines")).to_contain_text("Pressed a button")
    restart_door(stack)
    say(patient, "are you still there?")
    expect(desk.locator("#lines")).to_contain_text("are you still there?", timeout=60_000)
    with_buttons.click()
    expect(desk.locator("#lines").get_by_text("Pressed a button")).to_have_count(2)
    expect(desk.locator("#standing")).to_contain_text("You are talking")
    patient.wait_for_timeout(SILENCE_MS)
    said = stack_events(patient)
    assert [event["text"] for event in said["after_joined"] if event["from"] == "patient"][-2:] == [
        "are you still there?", with_buttons.inner_text(),
    ]  # fmt: skip
    assert not [event for event in said["after_joined"] if event["from"] == "bot"], said

    # danger is answered at once all the same
    say(patient, "my husband has a fever of 39.5 and is confused since this morning")
    expect(log.locator(".danger")).to_be_visible()
    answered = [event for event in stack_events(patient)["after_joined"] if event["from"] == "bot"]
    assert [event.get("safety") for event in answered] == ["emergency"], answered

    # given back: the patient reads it, and the bot answers again
    press("Escape")
    press("t")
    expect(log).to_contain_text("Anna has left the chat", timeout=60_000)
    say(patient, "what is a cord blood transplant used for?")
    expect(bubbles.last).to_contain_text(re.compile("cord blood", re.I), timeout=60_000)
    expect(desk.locator("#lines")).to_contain_text("what is a cord blood transplant used for?")

    # marked by keyboard
    press("Escape")
    press("Escape")
    press("Enter")
    press("j")
    expect(desk.locator(".chosen")).to_have_count(1)
    press("x")
    expect(desk.locator(".chosen")).to_contain_text("right, says Anna")
    press("j")
    press("z")
    desk.get_by_role("dialog").get_by_label(re.compile("new question")).fill("nonsense, ignore")
    press("Enter")
    expect(desk.locator(".chosen")).to_contain_text("a new question, says Anna")

    # and the audit shows it all
    handle = desk.locator(".head .handle").inner_text()
    desk.goto(f"{stack.address}/desk/audit?subject={handle}")
    table = desk.get_by_role("region", name="Rows of the audit")
    for action in ("view", "take_over", "reply", "give_back", "teach"):
        expect(table.get_by_role("cell", name=action, exact=True).first).to_be_visible()
    desk.get_by_role("link", name="Check the chain").click()
    expect(desk.get_by_text("rows are as they were written")).to_be_visible()
    (found,) = run(stack, "audit", "verify")
    assert found["faults"] == []
    assert wrong == []


def stack_events(patient: Page) -> dict[str, list[dict[str, object]]]:
    """What the patient's browser was told since somebody joined, by the API itself."""
    events = patient.evaluate(
        """async () => {
          const { id, token } = Object.values(localStorage).map((value) => JSON.parse(value)).find((value) => value.token);
          const got = await fetch(`/api/v1/conversations/${id}/events`, {
            headers: { Accept: "application/json", Authorization: `Bearer ${token}` } });
          return await got.json();
        }"""
    )
    joined = max(event["seq"] for event in events if event.get("presence") == "joined")
    return {"after_joined": [event for event in events if event["seq"] > joined]}
