"""The studio's pages in a real browser: axe, small screens, light and dark, and the keys."""

# ruff: noqa: F811  # fixtures of other files are arguments here
from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from bot.answer import catalogue, placeholders, review
from bot.answer.safety import safety_text
from tests.bot.studio.conftest import PARKING, project  # noqa: F401 - fixtures
from tests.bot.studio.web.conftest import said, trained  # noqa: F401 - fixtures
from tests.browser.desk.conftest import base, look

pytestmark = pytest.mark.slow  # a real browser

FIGURES = {
    "count": 900, "right": 0.91, "right_in_three": 0.97, "answered": 0.9, "wrong_among_answered": 0.03,
    "out_of_scope_count": 90, "out_of_scope_caught": 0.95,
}  # fmt: skip
DANGER = {
    "count": 300, "caught": 297, "recall": 0.99, "harmless": 200, "false_alarms": 2, "missed": ["he went blue"],
    "alarmed": ["dying to know"],
}  # fmt: skip
LABEL = {"count": 20, "found": 21, "right": 19, "precision": 0.9, "recall": 0.95}
WORST = [{"truth": "topic/cost", "label": "topic/insurance", "count": 4, "texts": ["who pays for it", "paid by whom"]}]
REPORT = {
    "held_back": {"candidate": FIGURES, "live": FIGURES}, "danger": {"candidate": DANGER, "live": DANGER},
    "change": {"gained": 4, "lost": 1, "p": 0.375}, "lost": [{"text": "hm", "truth": "greet", "label": "deny"}],
    "labels": {"topic/cost": LABEL, "topic/insurance": LABEL}, "labels_live": {"topic/cost": LABEL}, "worst": WORST,
    "confusion": [["topic/cost", "topic/cost"], ["topic/cost", "topic/insurance"]],
    "cross_validation": {"count": 100, "right": 80, "labels": {"topic/cost": LABEL}, "worst": WORST},
}  # fmt: skip


def candidate(root: Path, place: tuple[str, int]) -> str:
    """A candidate with a report and with changes that need a name."""
    folder = root / "models" / "candidates"
    folder.mkdir(parents=True)
    (folder / "marrow-1.tar.gz").write_bytes(b"model")
    changed = [
        {"old": "faq/bmt_survival", "new": "clarify", "times": 2, "places": [place]},
        {"old": "fallback", "new": "topic/parking", "times": 3, "places": [place, ("gone", 2)]},
    ]
    about: dict[str, Any] = {
        "sha256": "0" * 64, "fingerprint": "f", "made_at_ms": 1_790_000_000_000, "by": "Tea", "report": REPORT,
        "tests": {"passed": False, "count": 12, "failed": ["CAR-T, how long, how well"]}, "signed": {},
        "replay": {"messages": 40, "days": 14, "at_ms": 1, "changed": changed}, "promoted_at_ms": None,
    }  # fmt: skip
    (folder / "marrow-1.json").write_text(json.dumps(about))
    return "marrow-1.tar.gz"


@pytest.fixture
def console(consoles, project, said, trained, monkeypatch):
    from bot.studio.web import app

    monkeypatch.setattr(app, "ROOT", project)
    return consoles(real_files=True)


def test_when_a_page_is_opened_then_axe_finds_nothing_and_nothing_is_too_wide(
    console, scene, visit, said, project
) -> None:
    page = visit("trainer", "Tea")
    name = candidate(project, (scene["long"].conversation, 2))
    conversation = scene["long"].conversation
    wrong = []
    for what, path in {
        "inbox": "/inbox", "questions": "/questions", "question": "/q/topic/cost", "safety": "/q/safety/emergency",
        "new": "/new", "models": "/models", "model": f"/models/{name}", "tests": "/tests",
        "keep": f"/tests?conversation={conversation}", "nothing": "/q/topic/nothing",
    }.items():  # fmt: skip
        page.goto(f"{base(console)}/studio{path}")
        page.evaluate("[...document.querySelectorAll('main details')].slice(0, 6).forEach((one) => (one.open = true))")
        wrong += look(page, f"studio {what}")
    said.collisions = [
        {"example": PARKING.examples[0], "other": "room near you", "label": "topic/accommodation", "same": False,
         "likeliest": "topic/accommodation"}
    ]  # fmt: skip
    page.goto(f"{base(console)}/studio/new")
    page.get_by_label("Name, such as").fill(PARKING.label)
    page.get_by_label("At least 10 examples").fill("\n".join(PARKING.examples))
    page.get_by_label("Answer", exact=True).fill(PARKING.text)
    expect(page.frame_locator("iframe.widget").get_by_text("behind house two")).to_be_visible()
    page.get_by_label("Words of its button").fill(PARKING.question)
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("alert")).to_contain_text("room near you")
    wrong += look(page, "studio blocked")
    page.get_by_label("Why it may stay").fill("They are told apart.")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    wrong += look(page, "studio saved")

    assert wrong == []


WORDS = """Park behind house two. It has room for both.
- When the gate is shut, {contact.ways}.
- The plan is at https://hospital.example/park.
* Or write to park@hospital.example <b>now</b>.
The first hour is free."""
LOOKS_LIKE = """(row) => {
  const look = (node) => node && ["color", "backgroundColor", "fontSize", "fontFamily", "fontWeight", "borderRadius",
    "borderColor", "listStyleType", "textDecorationLine"].map((name) => getComputedStyle(node)[name]);
  return {
    bubble: row.querySelector(".bubble").innerHTML,
    choices: [...row.querySelectorAll(".choices button")].map((one) => one.innerText),
    thumbs: row.querySelectorAll(".thumb").length,
    looks: [".bubble", ".text", "li", "a", ".source summary", ".choices button", ".thumb"].map((one) => look(row.querySelector(one))),
  };
}"""


def answered(console: Any, project: Path, label: str) -> dict[str, Any]:
    """What a brain with the files as they are answers."""
    settings, now = console.served.door.settings, datetime.now(UTC)
    known, today = catalogue.load(project), review.today(settings.time_zone, now)
    answer = known.by_label[label]
    provenance = answer.provenance_on(today)
    assert provenance is not None
    buttons = [known.button(one) for one in known.next_labels(answer, known.held_back(today))]
    reply = {
        "text": placeholders.fill(answer.text, placeholders.values(settings, known.facts, now)), "label": label,
        "answer": vars(provenance), "buttons": [vars(one) for one in buttons],
    }  # fmt: skip
    return {"replies": [reply], "understood": {"label": label, "outcome": "answer"}, "state": {}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_when_an_answer_is_written_then_the_preview_is_what_the_widget_shows_for_it(
    console, visit, project, scheme
) -> None:
    page = visit("trainer", "Tea")
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{base(console)}/studio/new")
    page.get_by_label("Name, such as").fill(PARKING.label)
    page.get_by_label("At least 10 examples").fill("\n".join(PARKING.examples))
    page.get_by_label("Words of its button").fill(PARKING.question)
    page.get_by_label("Source").select_option(index=1)
    page.get_by_label("Answer", exact=True).press_sequentially("Park")
    frame = page.frame_locator("iframe.widget")
    expect(frame.locator(".row.bot .text")).to_have_text("Park")
    page.get_by_label("Answer", exact=True).fill(WORDS)
    written = frame.locator(".row.bot", has_text="first hour")
    expect(written.locator("a")).to_have_count(4)
    expect(frame.locator(".row.patient .text")).to_have_text(PARKING.question)
    expect(page.get_by_label("Answer", exact=True)).to_be_focused()
    written.locator(".source summary").click()
    expect(written.locator(".source dl")).to_contain_text("Tea")
    preview = written.evaluate(LOOKS_LIKE)
    (inside,) = [one for one in page.frames if one.url.endswith("/studio/preview/widget")]
    assert Axe().run(inside).response["violations"] == []
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")

    console.served.brain.answer = lambda _body: answered(console, project, PARKING.label)
    page.goto(f"{base(console)}/demo")
    chat = page.locator("marrow-chat")
    chat.locator(".launcher").click()
    chat.get_by_role("button", name="Start").click()
    chat.get_by_role("textbox").fill(PARKING.question)
    chat.get_by_role("textbox").press("Enter")
    shown = chat.locator(".row.bot", has_text="first hour")
    expect(shown.locator("a")).to_have_count(4)
    shown.locator(".source summary").click()

    expect(shown.locator(".thumb")).to_have_count(2)
    assert preview == shown.evaluate(LOOKS_LIKE)


def test_when_the_preview_is_used_then_its_source_unfolds_and_nothing_is_sent_or_kept(console, visit) -> None:
    page = visit("trainer", "Tea")
    sent = []
    page.on("request", lambda one: sent.append(one.url) if "/api/v1/conversations" in one.url else None)
    page.goto(f"{base(console)}/studio/q/faq/cart_duration")
    frame = page.frame_locator("iframe.widget")

    frame.locator(".source summary").focus()
    page.keyboard.press("Enter")
    expect(frame.locator(".source dl")).to_be_visible()
    page.keyboard.press("Tab")
    expect(frame.locator(".choices button").first).to_be_focused()
    page.keyboard.press("Enter")

    for scheme in ("tel:", "mailto:"):  # followed here, they would take the frame's place
        frame.locator(f"a[href^='{scheme}']").first.click()
    page.locator("iframe.widget").scroll_into_view_if_needed()
    assert look(page, "studio preview") == []
    page.get_by_label("Owner").fill("Somebody else")
    expect(frame.locator(".source dl")).to_contain_text("Somebody else")
    expect(frame.locator(".row.patient")).to_have_count(1)
    assert sent == []
    assert page.evaluate("Object.keys(localStorage)") == []


def test_when_a_safety_text_is_opened_then_its_card_is_shown_as_patients_get_it(console, visit) -> None:
    page = visit("trainer", "Tea")
    page.goto(f"{base(console)}/studio/q/safety/emergency")

    card = page.frame_locator("iframe.widget").locator(".row.danger")
    expect(card.get_by_role("heading", name="This may be urgent")).to_be_visible()
    expect(card.locator(".text")).to_contain_text(safety_text("emergency", console.served.door.settings).split("\n")[0])


def test_when_a_name_is_typed_then_near_messages_are_proposed_and_ticked_by_the_keys(console, scene, visit) -> None:
    page = visit("trainer", "Tea")
    page.goto(f"{base(console)}/studio/new")
    expect(page.get_by_role("group", name="Patients have asked this lately")).to_have_count(0)
    page.get_by_label("Name, such as").press("End")
    page.keyboard.type("garden")

    zebra = page.get_by_label("do you have a zebra in the garden?")
    expect(zebra).to_be_visible()
    expect(page.locator("#near-said")).to_contain_text("near, from the last days")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("[name=near]").first).to_be_focused()
    zebra.focus()
    page.keyboard.press("Space")
    page.get_by_label("At least 10 examples").fill("is there a garden")
    zebra.focus()
    page.wait_for_timeout(1500)  # the answer comes meanwhile
    expect(zebra).to_be_checked()
    expect(zebra).to_be_focused()
    assert look(page, "studio near") == []


def test_when_messages_are_discarded_then_one_click_takes_them_back(console, scene, visit) -> None:
    page = visit("trainer", "Tea")
    page.goto(f"{base(console)}/studio/inbox")
    before = page.locator("input[name=key][type=checkbox]").count()
    assert before

    page.get_by_role("button", name="Discard").first.click()
    expect(page.get_by_role("status").first).to_contain_text("put away")
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("input[name=key][type=checkbox]")).to_have_count(before)


def test_when_changes_need_a_name_then_the_page_takes_it_and_still_says_what_is_broken(
    console,
    scene,
    visit,
    project,
) -> None:
    page = visit("trainer", "Tea")
    name = candidate(project, (scene["long"].conversation, 2))
    page.goto(f"{base(console)}/studio/models/{name}")

    page.get_by_role("button", name="I have read these").click()
    expect(page.get_by_role("button", name="I have read these")).to_have_count(0)
    page.get_by_role("button", name="I have read a sample").click()

    expect(page.get_by_text("Signed by Tea")).to_be_visible()
    expect(page.get_by_text("breaks conversation tests")).to_be_visible()
    expect(page.get_by_role("button", name="Promote")).to_have_count(0)
