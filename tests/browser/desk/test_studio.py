"""The studio's pages in a real browser: axe, small screens, light and dark, and the keys."""

# ruff: noqa: F811  # fixtures of other files are arguments here
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

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
    expect(page.locator("#preview")).to_contain_text("behind house two")
    page.get_by_label("Words of its button").fill(PARKING.question)
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("alert")).to_contain_text("room near you")
    wrong += look(page, "studio blocked")
    page.get_by_label("Why it may stay").fill("They are told apart.")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    wrong += look(page, "studio saved")

    assert wrong == []


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
    page.get_by_role("button", name="I have read a sample").click()

    expect(page.get_by_text("Signed by Tea")).to_be_visible()
    expect(page.get_by_text("breaks conversation tests")).to_be_visible()
    expect(page.get_by_role("button", name="Promote")).to_have_count(0)
