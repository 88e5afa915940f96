"""The private channel between door and brain (docs/architecture.md).

Each request carries all that the brain needs: the message and `state`, what the brain gave back with its last answer
in that conversation. So the brain keeps nothing between messages; sending one again is harmless, a killed brain loses
nothing, and any brain can take any message. Rasa's own REST channel gives no metadata, answers `[]` when an action
fails, and lets whoever sends choose the conversation: it is not enabled.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import rasa.core.actions.action
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.answer import labels
from bot.answer.catalogue import Catalogue
from bot.records import BrainTurn, Button, Json, Provenance, Reply
from bot.settings import settings
from bot.understand.dialogue import MEMORY_TURNS, SUBJECT_TURNS, Turn, ranking_of, read_of
from bot.understand.follow import WARMING_MESSAGE, follow
from bot.understand.intents import HANDOFF_ACTIONS, label_of
from bot.understand.policy import READINGS_SLOT, catalogue_of, decision_of, taken_of, turns_of

logger = logging.getLogger(__name__)

CONTACTS_RESPONSE = "utter_contacts"  # said in this process, so that a dead action server silences nobody
_OF_ONE_TURN = frozenset({"session_started_metadata", READINGS_SLOT})  # slots that the next turn does not need
ACTION_TIMEOUT_S = 3
# Rasa would wait five minutes for an action server that hangs, and knows no setting for it
rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT_S


class CollectingChannel(OutputChannel):
    """Keeps each bot message whole, metadata too."""

    def __init__(self) -> None:
        """Starts with nothing said."""
        self.said: list[Json] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name in conditional responses."""
        return "door"

    async def send_response(self, recipient_id: str, message: Json) -> None:
        """Keeps a message that Rasa would send piece by piece."""
        self.said.append(message)


def reply_of(message: Json) -> Reply:
    """Makes a reply of a bot message as NLG or the action server gave it."""
    about = {**(message.get("custom") or {}), **(message.get("metadata") or {})}
    provenance = about.get("provenance")
    return Reply(
        text=message.get("text") or "",
        label=about.get("label") or "",
        answer=Provenance(**provenance) if provenance else None,
        buttons=tuple(Button(button["title"], button["payload"]) for button in message.get("buttons") or ()),
        handoff=about.get("handoff"),
        safety=about.get("safety"),
    )


def tracker_of(conversation: str, state: Json, agent: Agent) -> DialogueStateTracker:
    """Rebuilds the tracker from the state that came with the message."""
    domain = agent.domain
    assert domain is not None
    events: list[Event] = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
    known = {slot.name for slot in domain.slots}
    turns = state.get("turns", [])[-MEMORY_TURNS:]
    for age, turn in zip(range(len(turns), 0, -1), turns):
        events.append(UserUttered("", intent={"name": turn["intent"], "confidence": 1.0}))
        if age <= SUBJECT_TURNS:  # "autologous" said once must not lead what is asked much later
            events += [SlotSet(name, value) for name, value in turn.get("slots", {}).items() if name in known]
        events += [ActionExecuted(action) for action in turn["actions"] if action in domain.action_names_or_texts]
        events.append(ActionExecuted("action_listen"))
    return DialogueStateTracker.from_events(conversation, events, domain.slots, domain=domain)


def state_of(tracker: DialogueStateTracker) -> Json:
    """What has to come back with the next message."""
    turns: list[Json] = []
    for event in tracker.applied_events():
        if isinstance(event, UserUttered):
            turns.append({"intent": event.intent.get("name") or "nlu_fallback", "actions": [], "slots": {}})
        elif isinstance(event, SlotSet) and turns and event.key not in _OF_ONE_TURN:
            turns[-1]["slots"][event.key] = event.value
    actions = [*turns_of(tracker), Turn(tuple(taken_of(tracker)))]
    for turn, done in zip(turns, actions):
        turn["actions"] = list(done.actions)
    return {"turns": turns[-MEMORY_TURNS:]}


def understood_of(tracker: DialogueStateTracker, catalogue: Catalogue) -> Json:
    """What was understood of the last message, in fixed labels, for the journal."""
    message = tracker.latest_message
    assert message is not None
    parse_data = {**(message.parse_data or {}), "intent": message.intent, "entities": message.entities}
    return understanding_of(message.text or "", parse_data, turns_of(tracker), catalogue)


def understanding_of(text: str, parse_data: Json, turns: list[Turn], catalogue: Catalogue) -> Json:
    """What was understood of one parsed message.

    Returns:
        Label, intent, confidence, outcome, ranking, parts, language, entities and screen. `intent` is the raw one, as
        Rasa's stories want it: of a follow-up (`followup_duration`) `label` has what it meant (`faq/cart_duration`).
    """
    decision = decision_of(text, parse_data, turns, catalogue)
    understanding = parse_data.get("understanding") or {}
    ranking: tuple[tuple[str, float], ...] = ()
    if understanding.get("ranking"):
        read = read_of({**understanding, "intent": parse_data["intent"]}, text)
        ranking = ranking_of(read, catalogue.by_label)
    label = decision.labels[0]
    if label in ("clarify", "fallback"):
        label = ranking[0][0] if ranking else label_of((parse_data.get("intent") or {}).get("name") or "")
    elif ranking and ranking[0][0] != label:  # context or a rule had the last word: it leads the ranking too
        ranking = ((label, ranking[0][1]), *(entry for entry in ranking if entry[0] != label))
    return {
        "label": label,
        "labels": list(decision.labels),
        "intent": (parse_data.get("intent") or {}).get("name") or "nlu_fallback",
        "confidence": round(ranking[0][1], 4) if ranking else 1.0,
        "outcome": decision.outcome.value,
        "ranking": [{"label": name, "confidence": round(score, 4)} for name, score in ranking],
        "parts": [part["text"] for part in understanding.get("parts", [])],
        "readings": list(decision.readings),
        "language": understanding.get("language", "en"),
        "entities": [
            {key: entity[key] for key in ("entity", "value", "start", "end") if key in entity}
            for entity in parse_data.get("entities") or []
        ],
        "screen": understanding.get("screen", {"verdict": "none", "rule": None, "span": None}),
    }


async def answer(agent: Agent, body: Json, catalogue: Catalogue) -> BrainTurn:
    """Answers one message.

    Args:
        agent: A loaded Rasa agent.
        body: The request of the door (see docs/architecture.md).
        catalogue: The answers.
    """
    processor = agent.processor
    assert processor is not None
    conversation = str(body["conversation"])
    await processor.save_tracker(tracker_of(conversation, body.get("state") or {}, agent))
    collected = CollectingChannel()
    metadata = {"time_zone": body.get("time_zone"), "language": body.get("language"), "seq": body.get("seq")}
    text = body["choice"] if body.get("choice") else str(body["text"])
    message = UserMessage(text, collected, conversation, input_channel="door", metadata=metadata)
    await processor.handle_message(message)
    tracker = await processor.get_tracker(conversation)
    replies = [reply_of(one) for one in collected.said]
    replies = [reply for reply in replies if reply.text]
    taken = taken_of(tracker)
    silent_handoff = set(taken) & set(HANDOFF_ACTIONS) and all(reply.label != labels.CONTACT for reply in replies)
    if not replies or silent_handoff:  # the rest of a message with several questions may have been answered
        logger.error("channel: of %s not all could speak; the contacts are given instead", taken)
        said = await processor.nlg.generate(CONTACTS_RESPONSE, tracker, "door")
        if said:
            replies.append(reply_of(said))
    return BrainTurn(tuple(replies), understood_of(tracker, catalogue), state_of(tracker))


class DoorInput(InputChannel):
    """Takes messages from the door alone."""

    @classmethod
    def name(cls) -> str:
        """Where the routes stand: /webhooks/door/."""
        return "door"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes (see Rasa's InputChannel)."""
        routes = Blueprint("door_webhook", "bot.understand.channel")
        warmed: set[str] = set()

        @routes.listener("after_server_start")
        async def follow_promotions(app: Any, _loop: Any) -> None:
            follow(app)

        def allowed(request: Request) -> bool:
            token = settings().brain_token
            given = request.headers.get("Authorization", "")
            return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            if not allowed(request):
                return response.json({"error": "token"}, status=401)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "no model is loaded"}, status=503)
            if agent.model_id not in warmed:
                # the first message loads encoders and language data; a patient should not wait for that
                await agent.parse_message(WARMING_MESSAGE)
                warmed.add(agent.model_id)
            return response.json({"model": agent.model_id, "file": agent.processor.model_filename})

        @routes.route("/messages", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not allowed(request):
                return response.json({"error": "token"}, status=401)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "no model is loaded"}, status=503)
            try:
                turn = await answer(agent, request.json, catalogue_of(agent.domain))
            except (AttributeError, KeyError, TypeError) as error:
                logger.exception("channel: message that is not of the protocol")
                return response.json({"error": f"not of the protocol: {error!r}"}, status=400)
            return response.json(asdict(turn))

        return routes
