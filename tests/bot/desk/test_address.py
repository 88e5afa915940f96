"""A search is an address: written and read back it is the same, and nonsense in it is left out and said."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest

from bot.desk import address
from bot.journal.local import starts_ms
from bot.journal.search import Cursor, Filters

ZONE = "Europe/Berlin"
BASE = Filters(zone=ZONE)
FULL = Filters(
    text='a "b c" -d & ?=%+', said_by="all", labels=("topic/cost", "faq/cart_duration"), confidence_from=0.125,
    confidence_to=1.0, outcomes=("answer", "fallback"), feedback="comment", danger="red", languages=("zh", "und"),
    tag="good example", reviewed=False, from_ms=starts_ms(date(2026, 3, 29), ZONE),
    to_ms=starts_ms(date(2026, 10, 26), ZONE), page="/en/*", person="none", marked="flagged", kind="choice", hour=0,
    weekday=7, zone=ZONE,
)  # fmt: skip


@pytest.mark.parametrize("filters", [BASE, FULL], ids=["nothing", "everything"])
def test_when_a_search_is_written_then_it_reads_back_the_same(filters):
    after = Cursor(1234567890123, "demo-1~2_x", 4)
    written = address.write(filters, show="conversations", after=after)
    asked = address.read(parse_qsl(written), BASE)
    assert (asked.filters, asked.show, asked.after, asked.notices) == (filters, "conversations", after, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outcome", "x"), ("label", "<script>"), ("language", "12"), ("hour", "24"), ("hour", "nine"), ("hour", "nan"),
        ("weekday", "0"), ("sure_from", "-1"), ("sure_to", "inf"), ("sure_to", "1e999"), ("from", "2026-02-30"),
        ("from", "0001-01-01"), ("to", "9999-12-31"), ("to", "yesterday"), ("danger", "x"), ("reviewed", "maybe"),
        ("in", "x"), ("from", "२०२६-०१-०१"), ("to", "2026-W01"), ("kind", "'"), ("person", "\u202e"),
    ],
)  # fmt: skip
def test_when_a_value_is_nonsense_then_it_is_left_out_and_said(name, value):
    asked = address.read([(name, value)], BASE)
    if name in ("from", "to") and value == "2026-W01":  # ISO 8601 knows weeks, and Python may
        return
    assert asked.filters == BASE
    assert len(asked.notices) == 1


def test_when_the_days_are_the_wrong_way_round_then_they_are_exchanged():
    asked = address.read([("from", "2026-03-05"), ("to", "2026-03-01")], BASE)
    assert (asked.first, asked.last) == (date(2026, 3, 1), date(2026, 3, 5))
    assert asked.filters.from_ms < asked.filters.to_ms


def test_when_there_is_much_of_it_then_it_is_cut():
    asked = address.read([("q", "x" * 10_000), *[("label", f"a{number}") for number in range(900)]], BASE)
    assert len(asked.filters.text) == address.LONGEST
    assert len(asked.filters.labels) == 50
    assert address.read([("after", "1.2"), ("after", "x"), ("q", "\x00")], BASE).after is None
