"""Each figure is the number of what the search behind it finds, on both databases and across a change of the clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.boot.made_secrets import made
from bot.desk.demo.fill import fill
from bot.desk.demo.script import Script
from bot.desk.find import without_answer
from bot.journal import figures as counting
from bot.journal import search
from bot.journal.figures import DAY, WEEK, Spread, Stretch
from bot.journal.local import offsets, starts_ms
from bot.journal.sealing import Box
from bot.journal.search import OUTCOMES, Filters
from bot.settings import Settings

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)  # the clocks went back on 25 October
BASE = Filters(zone=ZONE, unanswered=without_answer(NOW.date()))


@pytest.fixture
def full(store):
    """A journal with 60 conversations of two weeks."""
    settings = Settings(time_zone=ZONE, contact_phone="+49 555 0100")
    box = Box(made()["MARROW_CONTACT_KEY"])
    fill(store, box, Script(settings, NOW, days=14, seed=3), 60, now_ms=int(NOW.timestamp() * 1000))
    return store


def number(store, unit, stretch, **changed):
    filters = replace(BASE, from_ms=stretch.from_ms, to_ms=stretch.to_ms, **changed)
    return getattr(search.count(store, filters), unit)


def of_tally(tally):
    yield tally.messages, "messages", {}
    yield tally.conversations, "conversations", {}
    for name in OUTCOMES:
        yield tally.outcomes[name], "messages", {"outcomes": (name,)}
    yield tally.up, "messages", {"feedback": "up"}
    yield tally.down, "messages", {"feedback": "down"}
    yield tally.danger, "messages", {"danger": "red"}
    yield tally.asked, "conversations", {"person": "asked"}
    yield tally.came, "conversations", {"person": "came"}


@pytest.mark.parametrize("by", [DAY, WEEK])
def test_when_figures_are_counted_then_the_search_behind_each_finds_as_many(full, by):
    stretch = Stretch.of(date(2026, 10, 22), date(2026, 11, 2), ZONE)
    found = counting.figures(full, stretch, by, BASE)
    wrong = []
    for tally in (found.total, *found.tallies):
        for figure, unit, changed in of_tally(tally):
            if figure != number(full, unit, tally.stretch, **changed):
                wrong.append((tally.stretch, unit, changed, figure))
    others = [
        (found.by_itself, "conversations", {"outcomes": ("answer",), "person": "none"}),
        (found.danger_unread, "messages", {"danger": "red", "reviewed": False}),
        *((count, "messages", {"languages": (name,)}) for name, count in found.languages),
        *((count, "messages", {"labels": (name,)}) for name, count in found.labels),
        *(
            (count, "messages", {"labels": (name,), "outcomes": counting.UNANSWERED})
            for name, count in found.unanswered
        ),
        *((count, "messages", {"weekday": day, "hour": hour}) for (day, hour), count in found.hours.items()),
    ]
    wrong += [
        (unit, changed, figure) for figure, unit, changed in others if figure != number(full, unit, stretch, **changed)
    ]
    assert wrong == []
    assert found.total.messages > 100, "there was something to count"
    assert sum(found.hours.values()) == found.total.messages == sum(found.total.outcomes.values())
    assert sum(tally.messages for tally in found.tallies) == found.total.messages
    assert len(found.tallies) == (12 if by == DAY else 3)


def test_when_nothing_was_said_then_every_figure_is_nought(store):
    stretch = Stretch.of(date(2026, 10, 22), date(2026, 10, 22), ZONE)
    found = counting.figures(store, stretch, DAY, BASE)
    assert (found.total.messages, found.by_itself, found.labels, found.hours) == (0, 0, (), {})
    assert found.to_a_person == Spread(0, None, None)


@pytest.mark.parametrize(
    ("times_ms", "expected"),
    [
        ([], (0, None, None)), ([7], (1, 7, 7)), ([3, 1], (2, 1, 3)), (list(range(1, 11)), (10, 5, 9)),
        (list(range(1, 101)), (100, 50, 90)),
    ],
)  # fmt: skip
def test_when_times_are_summed_up_then_by_nearest_rank(times_ms, expected):
    assert Spread.of(times_ms) == Spread(*expected)


def test_when_the_clocks_change_then_days_have_23_and_25_hours_and_offsets_change_to_the_second():
    assert starts_ms(date(2026, 3, 30), ZONE) - starts_ms(date(2026, 3, 29), ZONE) == 23 * 3_600_000
    assert starts_ms(date(2026, 10, 26), ZONE) - starts_ms(date(2026, 10, 25), ZONE) == 25 * 3_600_000
    first, last = starts_ms(date(2026, 3, 1), ZONE), starts_ms(date(2026, 12, 1), ZONE)
    (spring, winter), (autumn, summer), (_, after) = offsets(ZONE, first, last)
    assert (winter, summer, after) == (3_600_000, 7_200_000, 3_600_000)
    assert spring == int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp() * 1000)
    assert autumn == int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp() * 1000)
