from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from bot.answer import catalogue, labels, review
from bot.settings import ROOT

DAY = date(2027, 5, 22)
CATALOGUE = catalogue.load(ROOT)


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Asia/Shanghai", "2027-05-22T15:59:59", date(2027, 5, 22)),
        ("Asia/Shanghai", "2027-05-22T16:00:00", date(2027, 5, 23)),
        ("UTC", "2027-05-22T16:00:00", date(2027, 5, 22)),
        ("UTC", "2027-05-23T00:00:00", date(2027, 5, 23)),
        ("America/New_York", "2027-05-23T03:59:59", date(2027, 5, 22)),
    ],
    ids=[
        "shanghai before midnight",
        "shanghai midnight",
        "utc same moment",
        "utc midnight",
        "new york before midnight",
    ],
)
def test_when_a_moment_is_given_then_the_day_is_the_hospitals(zone: str, now: str, day: date) -> None:
    assert review.today(zone, datetime.fromisoformat(now).replace(tzinfo=timezone.utc)) == day


@pytest.mark.parametrize("state", ["published_by_source", "clinically_reviewed"])
def test_when_the_last_day_is_over_then_an_answer_is_expired(state: str) -> None:
    days = (DAY - timedelta(1), DAY, DAY + timedelta(1))

    assert [review.effective("faq/cart_duration", state, "2027-05-22", day) for day in days] == [
        state,
        state,
        "expired",
    ]


@pytest.mark.parametrize(
    ("label", "state", "review_by", "effective"),
    [
        ("faq/cart_duration", "draft", "2027-05-22", "draft"),
        ("faq/cart_duration", "withdrawn", "2000-01-01", "withdrawn"),
        ("topic/cost", "withdrawn", "2027-05-22", "withdrawn"),
        ("faq/cart_duration", "publishd", "2027-05-22", "draft"),
        ("faq/cart_duration", "", "2027-05-22", "draft"),
        ("faq/cart_duration", "house", "2027-05-22", "draft"),
        ("faq/cart_duration", "published_by_source", "in May", "expired"),
        ("faq/cart_duration", "published_by_source", "", "expired"),
        ("topic/cost", "house", "2000-01-01", "house"),
        ("faq/new", "withdrawn", "2027-05-22", "withdrawn"),
        ("topic/new", "withdrawn", "2027-05-22", "withdrawn"),
        ("topic/new", "draft", "2027-05-22", "draft"),
        ("faq/new", "published_by_source", "2027-05-21", "expired"),
        ("topic/new", "clinically_reviewed", "2027-05-21", "expired"),
        ("faq/new", "house", "2027-05-22", "draft"),
        ("topic/new", "house", "2000-01-01", "house"),
    ],
    ids=[
        "draft",
        "withdrawn stays so",
        "withdrawn topic",
        "state mistyped",
        "state missing",
        "fact without source",
        "no date",
        "date missing",
        "topic without medical facts",
        "withdrawn made answer",
        "withdrawn made topic",
        "drafted made topic",
        "made answer over its day",
        "made topic over its day",
        "made fact without source",
        "made topic without medical facts",
    ],
)
def test_when_a_state_is_written_then_its_effect_is_known_and_doubt_holds_back(
    label: str, state: str, review_by: str, effective: str
) -> None:
    assert review.effective(label, state, review_by, DAY) == effective


ALWAYS = [label for label in (*labels.LABELS, *labels.OUTCOMES) if label not in (*labels.FAQ, *labels.TOPICS)]


@pytest.mark.parametrize("label", ALWAYS)
@pytest.mark.parametrize("state", [*review.STATES, "", "nonsense"])
def test_when_it_is_said_when_all_else_fails_then_nothing_holds_it_back(label: str, state: str) -> None:
    assert review.effective(label, state, "2000-01-01", DAY) not in review.HELD_BACK


def test_when_all_real_answers_are_overdue_then_only_those_with_medical_facts_are_held_back() -> None:
    assert CATALOGUE.held_back(DAY) == set()
    assert CATALOGUE.held_back(DAY + timedelta(1)) == set(labels.FAQ)


def test_when_an_answer_is_overdue_then_its_provenance_says_so() -> None:
    answer = CATALOGUE.by_label["faq/cart_duration"]
    states = [getattr(answer.provenance_on(day), "state", None) for day in (DAY, DAY + timedelta(1))]

    assert states == ["published by source, not yet clinically reviewed", "expired, to be checked again"]
    assert CATALOGUE.by_label["greet"].provenance_on(DAY) is None
