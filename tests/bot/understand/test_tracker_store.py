"""The tracker store that keeps the last turns alone."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.understand import tracker_store
from bot.understand.dialogue import MEMORY_TURNS
from bot.understand.tracker_store import BoundedTrackerStore, bounded


def _turn(number: int, *slots: SlotSet) -> list[Event]:
    return [UserUttered(f"message {number}"), *slots, ActionExecuted("utter_greet"), ActionExecuted("action_listen")]


def _conversation(turns: int, slots: dict[int, list[SlotSet]] | None = None) -> list[Event]:
    events: list[Event] = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
    for number in range(turns):
        events += _turn(number, *(slots or {}).get(number, []))
    return events


def _texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, UserUttered)]


@pytest.mark.parametrize("turns", [0, 1, MEMORY_TURNS])
def test_when_a_conversation_is_short_then_every_event_stays(turns: int) -> None:
    events = _conversation(turns)
    assert bounded(events, {}) is events


def test_when_a_conversation_is_long_then_the_last_turns_stay_whole() -> None:
    kept = bounded(_conversation(50), {})
    assert _texts(kept) == [f"message {number}" for number in range(50 - MEMORY_TURNS, 50)]
    assert [event.action_name for event in kept[:2]] == ["action_session_start", "action_listen"]
    assert len(kept) == 2 + 3 * MEMORY_TURNS


def test_when_it_is_cut_again_and_again_then_it_does_not_grow() -> None:
    events = _conversation(MEMORY_TURNS)
    for number in range(100):
        events = bounded([*events, *_turn(number, SlotSet("centre", f"c{number}"))], {"centre": f"c{number}"})
    assert len(events) <= 3 + 4 * MEMORY_TURNS


def test_when_a_slot_was_set_before_then_it_leads_the_kept_turns() -> None:
    events = _conversation(20, {1: [SlotSet("centre", "samsung")], 2: [SlotSet("centre", "apollo")]})
    lead = [event for event in bounded(events, {"centre": "apollo"}) if isinstance(event, SlotSet)]
    assert lead == [SlotSet("centre", "apollo")]


def test_when_a_slot_was_emptied_before_then_it_is_not_led() -> None:
    events = _conversation(20, {1: [SlotSet("centre", "samsung")], 2: [SlotSet("centre", None)]})
    assert not [event for event in bounded(events, {"centre": None}) if isinstance(event, SlotSet)]


def test_when_a_slot_changes_in_the_kept_turns_then_its_value_before_them_is_kept_too() -> None:
    events = _conversation(20, {1: [SlotSet("centre", "samsung")], 19: [SlotSet("centre", "apollo")]})
    sets = [event.value for event in bounded(events, {"centre": "apollo"}) if isinstance(event, SlotSet)]
    assert sets == ["samsung", "apollo"]


def test_when_a_slot_is_no_longer_in_the_domain_then_it_is_dropped() -> None:
    events = _conversation(20, {1: [SlotSet("old", "x")]})
    assert not [event for event in bounded(events, {"centre": None}) if isinstance(event, SlotSet)]


class TestStore:
    @pytest.fixture
    def store(self, domain) -> BoundedTrackerStore:
        return BoundedTrackerStore(domain)

    def tracker(self, name: str, events: list[Event], domain) -> DialogueStateTracker:
        return DialogueStateTracker.from_events(name, events, domain.slots, domain=domain)

    async def test_when_a_long_conversation_is_saved_then_the_last_turns_and_slots_come_back(
        self, store, domain
    ) -> None:
        events = _conversation(30, {3: [SlotSet("transplant_kind", "autologous")]})
        await store.save(self.tracker("c", events, domain))
        back = await store.retrieve("c")
        assert len(_texts(list(back.events))) == MEMORY_TURNS
        assert back.get_slot("transplant_kind") == "autologous"
        assert back.latest_message.text == "message 29"

    async def test_when_a_short_conversation_is_saved_then_it_comes_back_whole(self, store, domain) -> None:
        events = _conversation(3)
        await store.save(self.tracker("c", events, domain))
        back = await store.retrieve("c")
        assert _texts(list(back.events)) == _texts(events)

    async def test_when_there_are_too_many_conversations_then_the_ones_idle_longest_go(
        self, store, domain, monkeypatch
    ) -> None:
        monkeypatch.setattr(tracker_store, "MAX_CONVERSATIONS", 3)
        for name in ("a", "b", "c", "a", "d"):  # `a` spoke again before `d` came
            await store.save(self.tracker(name, _conversation(1), domain))
        assert set(await store.keys()) == {"a", "c", "d"}
        assert await store.retrieve("b") is None
