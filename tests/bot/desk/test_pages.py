"""Every page renders with everything in it, for each role."""

from __future__ import annotations

import pytest

from bot.desk.roles import ROLES


@pytest.mark.parametrize("role", sorted(ROLES))
def test_when_a_conversation_is_open_then_its_page_shows_what_was_said(console, role):
    patient = console.begin()
    patient.say("how long does it take?")
    patient.wait(lambda events: len(events) >= 3)
    browser = console.at_work(role)

    for queue in ("danger", "waiting", "mine", "unanswered", "disliked", "review", "all"):
        assert browser.get(f"/inbox/{queue}").status_code == 200
    page = browser.get(f"/inbox/all/{patient.conversation}")

    assert page.status_code == 200, page.text
    assert "how long does it take?" in page.text
    assert ("Take over" in page.text) == (role in ("agent", "admin"))
    part = browser.part(f"/part/talk/{patient.conversation}?live")
    assert part.status_code == 200
    assert "<html" not in part.text
    work = browser.part(f"/inbox/all/{patient.conversation}")
    assert "<html" not in work.text


@pytest.mark.parametrize(
    "path", ["/me", "/me/second", "/kept", "/people", "/audit", "/audit/check", "/teaching", "/answers?q=cord"]
)
def test_when_an_admin_opens_a_page_then_it_is_there(console, path):
    page = console.at_work("admin").get(path)

    assert page.status_code == 200, page.text
