"""What the validator says of states and days, on a copy of the real answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.answer import validate
from bot.settings import Settings

DURATION = "utter_faq_cart_duration"
META = f"responses.{DURATION}.metadata"
LAST = date(2027, 5, 22)
TODAY = date(2026, 11, 23)


def _meta(copy: Any, response: str = DURATION, **changes: Any) -> None:
    copy.edit("domain.yml", lambda data: data["responses"][response][0]["metadata"].update(changes))


def _keys(found: list[Any]) -> list[str]:
    return [problem.key for problem in found]


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_when_an_answer_is_not_given_then_a_reason_is_asked_for(copy: Any, state: str) -> None:
    _meta(copy, state=state)

    assert _keys(validate.problems(copy.root, TODAY)) == [f"{META}.state_reason"]

    _meta(copy, state_reason="the hospital changes its trial")

    assert validate.problems(copy.root, TODAY) == []


@pytest.mark.parametrize(
    ("response", "changes", "key"),
    [
        (DURATION, {"state": "expired"}, "state"),
        (DURATION, {"state": "surely fine"}, "state"),
        (DURATION, {"state": "house"}, "state"),
        ("utter_greet", {"state": "draft", "state_reason": "x"}, "state"),
        (DURATION, {"state_reason": "left over"}, "state_reason"),
        (DURATION, {"review_by": "2026-11-21"}, "review_by"),
    ],
    ids=["computed state", "unknown state", "house with a source", "draft without one", "idle reason", "before review"],
)
def test_when_a_review_is_wrong_then_its_key_is_named(copy: Any, response: str, changes: Any, key: str) -> None:
    _meta(copy, response, **changes)

    assert f"responses.{response}.metadata.{key}" in _keys(validate.problems(copy.root, TODAY))


@pytest.mark.parametrize("response", ["utter_topic_cost", "utter_topic_new"])
def test_when_a_topic_without_a_source_is_withdrawn_then_it_needs_none(copy: Any, response: str) -> None:
    def made(data: Any) -> None:
        (one,) = data["responses"]["utter_topic_cost"]
        about = {**one["metadata"], "label": "topic/new", "question": "What is new?"}
        data["responses"]["utter_topic_new"] = [{**one, "metadata": about}]

    copy.edit("domain.yml", made)
    copy.edit("data/nlu.yml", lambda data: data["nlu"].append({"intent": "topic_new", "examples": "- x\n"}))
    _meta(copy, response, state="withdrawn", state_reason="x")

    assert validate.problems(copy.root, TODAY) == []


@pytest.mark.parametrize("response", [DURATION, "utter_contact_human", "utter_safety_emergency"])
def test_when_a_last_day_is_over_then_it_is_an_error_also_for_what_is_always_given(copy: Any, response: str) -> None:
    _meta(copy, response, review_by="2026-11-25", reviewed_on="2026-11-22")
    where = f"responses.{response}.metadata.review_by"

    assert where not in _keys(validate.problems(copy.root, date(2026, 11, 25)))

    (found,) = [problem for problem in validate.problems(copy.root, date(2026, 11, 26)) if problem.key == where]
    assert "2026-11-25 is past, today is 2026-11-26" in found.what


def test_when_an_answer_is_withdrawn_then_its_days_do_not_matter(copy: Any) -> None:
    _meta(copy, state="withdrawn", state_reason="x", review_by="2026-11-25", reviewed_on="2026-11-22")

    assert validate.problems(copy.root, date(2026, 11, 26)) == []
    assert validate.reminders(copy.root, date(2026, 11, 20)) == []


@pytest.mark.parametrize(
    ("days_before", "said"),
    [(31, None), (30, "by 2027-05-20, 30 days"), (1, "1 day from"), (0, "0 days from"), (-1, None)],
    ids=["31 days", "30 days", "a day", "the last day", "over"],
)
def test_when_a_review_is_due_soon_then_it_is_a_reminder_with_the_day(
    copy: Any, days_before: int, said: str | None
) -> None:
    last = LAST - timedelta(2)
    _meta(copy, review_by=str(last))
    found = [str(one) for one in validate.reminders(copy.root, last - timedelta(days_before)) if DURATION in one.key]

    assert len(found) == (said is not None)
    assert all(str(said) in one for one in found)


@pytest.mark.parametrize(
    ("now", "code", "begins"),
    [
        (datetime(2027, 4, 1, 3, tzinfo=timezone.utc), 0, "the answers are in order"),
        (datetime(2027, 5, 22, 15, 59, tzinfo=timezone.utc), 0, "soon: domain.yml: responses."),
        (datetime(2027, 5, 22, 16, 0, tzinfo=timezone.utc), 1, "domain.yml: responses."),
    ],
    ids=["long before", "last minute in Shanghai", "midnight in Shanghai"],
)
def test_when_the_command_runs_then_reminders_do_not_fail_it_and_expiry_does(
    copy: Any, capsys: Any, now: datetime, code: int, begins: str
) -> None:
    assert validate.main(copy.root, lambda: now, Settings(time_zone="Asia/Shanghai")) == code
    assert capsys.readouterr().out.startswith(begins)


def test_when_the_domain_cannot_be_read_then_there_is_nothing_to_remind_of(copy: Any) -> None:
    (copy.root / "domain.yml").unlink()

    assert validate.reminders(copy.root, TODAY) == []
