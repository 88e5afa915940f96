"""A tracker store that keeps the last turns alone, so that a long conversation costs as little as a short one.

Stock dialogue handling copies and replays the whole tracker several times a message: its time grows with the square of
the conversation's length. The journal is the truth; what the policies need of the past are the last turns and the
slots.
"""

from __future__ import annotations

from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.understand.dialogue import MEMORY_TURNS

SESSION_START = "action_session_start"
MAX_CONVERSATIONS = 1000  # the door sends what is needed with each message, so the oldest can be dropped at no loss


def bounded(events: list[Event], slots: dict[str, Any], turns: int = MEMORY_TURNS) -> list[Event]:
    """The events of the last turns, led by the slots as they stood.

    Args:
        events: All events of a conversation.
        slots: Its slots' present values.
        turns: How many of the patient's messages are kept.
    """
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= turns:
        return events
    kept = events[starts[-turns] :]
    set_later = {event.key for event in kept if isinstance(event, SlotSet)}
    earlier: dict[str, SlotSet] = {}
    for event in events[: starts[-turns]]:
        if isinstance(event, SlotSet) and event.key in slots:
            earlier[event.key] = event
    lead: list[Event] = [ActionExecuted(SESSION_START)]
    lead += [event for key, event in earlier.items() if event.value is not None or key in set_later]
    return [*lead, ActionExecuted("action_listen"), *kept]


class BoundedTrackerStore(InMemoryTrackerStore):
    """Rasa's in-memory store, holding `MEMORY_TURNS` turns of each conversation."""

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        url: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Takes what Rasa gives a custom store; `url` is unused, the store is in memory."""
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the last turns of a tracker."""
        events = bounded(list(tracker.events), dict(tracker.current_slot_values()))
        if len(events) != len(tracker.events):
            tracker = DialogueStateTracker.from_events(
                tracker.sender_id, events, tracker.slots.values(), domain=self.domain
            )
        self.store.pop(tracker.sender_id, None)  # the one saved last stands last
        await super().save(tracker)
        while len(self.store) > MAX_CONVERSATIONS:
            self.store.pop(next(iter(self.store)))
