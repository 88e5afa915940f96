"""How long patients waited for a person: the middle of the latest waits, or nothing while too few were seen."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from bot.journal import conversations, waits
from bot.journal.models import Event

NOW_MS = 10**12
DAY_MS = 86_400_000


@pytest.fixture
def hand_off(store):
    """Writes a conversation in which a person was asked for and, or not, came."""

    def write(name, asked_ms, wait_min, kind="person_now"):
        conversations.begin(
            store, name, now_ms=asked_ms, expires_at_ms=10**13, language=None, time_zone=None, claim=None
        )
        lines = [
            (1, asked_ms, "bot", {"handoff": {"kind": kind}}),
            (2, asked_ms + 1, "bot", {"handoff": {"kind": kind}}),
        ]
        if wait_min is not None:
            lines += [(3, asked_ms + int(wait_min * 60_000), "staff", {}), (4, asked_ms + 10**7, "staff", {})]
        with store.write() as connection:
            for seq, at_ms, sender, body in lines:
                connection.execute(
                    insert(Event).values(
                        conversation_id=name,
                        seq=seq,
                        at_ms=at_ms,
                        sender=sender,
                        text="words",
                        language="en",
                        body=body,
                    )
                )

    return write


@pytest.mark.parametrize(
    ("lived", "expected"),
    [
        pytest.param([2, 3, 4, 5], None, id="too_few"),
        pytest.param([2, 3, 4.2, 50, 60], 5, id="middle_rounded_up"),
        pytest.param([0.1, 0.1, 0.1, 0.1, 0.1], 1, id="never_below_one_minute"),
        pytest.param([2, 3, 4, 50, None, None], None, id="who_was_never_met_is_not_counted"),
    ],
)
def test_when_patients_waited_then_the_middle_wait_is_expected(store, hand_off, lived, expected):
    for number, wait in enumerate(lived):
        hand_off(f"c{number}", NOW_MS - DAY_MS + number, wait)

    assert waits.expected_min(store, now_ms=NOW_MS) == expected


def test_when_waits_are_old_or_were_for_a_call_back_then_they_do_not_count(store, hand_off):
    for number in range(5):
        hand_off(f"old{number}", NOW_MS - 15 * DAY_MS, 3)
        hand_off(f"call{number}", NOW_MS - DAY_MS, 3, kind="call_back")

    assert waits.expected_min(store, now_ms=NOW_MS) is None
