"""The Rasa policy over `bot.understand.dialogue`: several questions, follow-ups, readings, misses in a row.

Where the decision is what `data/rules.yml` says for the intent anyway, the policy stands back and Rasa's RulePolicy
takes the turn, so that the rules stay the place where a plain question gets its answer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.answer import labels
from bot.answer.catalogue import Catalogue, build
from bot.answer.facts import load_facts, load_sources
from bot.settings import ROOT
from bot.understand.dialogue import Decision, Named, Read, Turn, decide, read_of
from bot.understand.intents import action_of, label_of
from bot.understand.outcome import Outcome

READINGS_SLOT = "readings"  # labels offered, for the NLG to make buttons of
_NAMES = frozenset({"centre", "remission", "therapy", "transplant_kind"})  # entities that a follow-up may put in place
_WORD = re.compile(r"\w+")
# intents that data/rules.yml cannot have a rule for, because the turn before decides
WITHOUT_RULE = frozenset({"nlu_fallback", "clarify", "affirm", "deny"})
_DOMAINS_MOST = 4  # of two models at most, each with one for its policies and one for its channel
_CATALOGUES: dict[int, tuple[Domain, Catalogue]] = {}
HIDDEN_ACTIONS = frozenset({ACTION_LISTEN_NAME, "action_session_start", "action_extract_slots"})


def catalogue_of(domain: Domain) -> Catalogue:
    """The answers that a trained model carries: what trainers change meanwhile counts from its promotion on."""
    # by its place in memory: a domain's own hash goes through all of it
    found = _CATALOGUES.get(id(domain))
    if found is None or found[0] is not domain:
        while len(_CATALOGUES) >= _DOMAINS_MOST:
            _CATALOGUES.pop(next(iter(_CATALOGUES)))
        found = _CATALOGUES[id(domain)] = (domain, build(domain.responses, load_facts(ROOT), load_sources(ROOT)))
    return found[1]


def turns_of(tracker: DialogueStateTracker) -> list[Turn]:
    """The past turns of a tracker, the running one left out."""
    turns: list[list[str]] = []
    for event in tracker.applied_events():
        if isinstance(event, UserUttered):
            turns.append([])
        elif isinstance(event, ActionExecuted) and event.action_name not in HIDDEN_ACTIONS and turns:
            turns[-1].append(event.action_name)
    return [Turn(tuple(actions)) for actions in turns[:-1]]


def taken_of(tracker: DialogueStateTracker) -> list[str]:
    """Actions already taken in the running turn."""
    taken: list[str] = []
    for event in reversed(tracker.applied_events()):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name not in HIDDEN_ACTIONS:
            taken.insert(0, event.action_name)
    return taken


def named_of(entities: list[dict[str, Any]], text: str = "") -> Named:
    """Groups a message's entities by kind; a button's payload as text leaves no words beside them."""
    values: dict[str, tuple[str, ...]] = {}
    beside = "" if text.startswith("/") else text
    for entity in entities:
        kind = entity["entity"]
        values[kind] = (*values.get(kind, ()), entity["value"])
        start, end = entity.get("start"), entity.get("end")
        if kind in _NAMES and start is not None and end is not None:
            beside = beside[:start] + " " * len(beside[start:end]) + beside[end:]
    return Named(values, tuple(_WORD.findall(beside.lower())))


def part_of(data: dict[str, Any], text: str, entities: list[dict[str, Any]]) -> Read:
    """Reads one question of a message, with the entities that stand in it."""
    start = text.find(data["text"])
    end = start + len(data["text"])
    inside = [
        {**entity, "start": entity["start"] - start, "end": entity["end"] - start}
        for entity in entities
        if 0 <= start <= entity.get("start", -1) and entity.get("end", end + 1) <= end
    ]
    return replace(read_of(data, data["text"]), named=named_of(inside, data["text"]))


def decision_of(text: str, parse_data: dict[str, Any], turns: list[Turn], catalogue: Catalogue) -> Decision:
    """Decides on parsed data as Rasa keeps it; data without `understanding` is a pressed button or a test's intent."""
    understanding = parse_data.get("understanding")
    intent = parse_data.get("intent") or {}
    entities = parse_data.get("entities") or []
    if understanding is None or text.startswith("/"):
        name = intent.get("name") or "nlu_fallback"
        outcome = Outcome.HANDOFF if label_of(name) == labels.CONTACT else Outcome.ANSWER
        outcome = Outcome.FALLBACK if name == "nlu_fallback" else outcome
        whole, parts, rest_missed = Read(name, outcome, ((label_of(name), 1.0),), words=1), [], False
    else:
        whole = read_of({**understanding, "intent": intent}, text)
        parts = [part_of(part, text, entities) for part in understanding.get("parts", [])]
        rest_missed = bool(understanding.get("rest_missed"))
    named = named_of(entities, text)
    handoff = named.values.get("handoff_kind")
    return decide(whole, parts, named, turns, catalogue.by_label, handoff[0] if handoff else None, rest_missed)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class DialoguePolicy(Policy):
    """See the module's head."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above RulePolicy (6), below nothing else that is in use."""
        return {"priority": 7}

    @staticmethod
    def supported_data() -> SupportedData:
        """It learns nothing, from stories or rules."""
        return SupportedData.ML_AND_RULE_DATA

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: TrackerFeaturizer | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        """Makes the policy; Rasa calls `create` or `load`."""
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        self._catalogue = catalogue

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DialoguePolicy:
        """Nothing is stored: makes it anew."""
        return cls(config, model_storage, resource, execution_context)

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learns nothing."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predicts the next action of the decision, or stands back."""
        nothing = self._prediction(self._default_predictions(domain))
        message = tracker.latest_message
        if message is None or not (message.text or message.intent):
            return nothing  # nobody has said anything yet
        parse_data = {**(message.parse_data or {}), "intent": message.intent, "entities": message.entities}
        known = self._catalogue or catalogue_of(domain)
        decision = decision_of(message.text or "", parse_data, turns_of(tracker), known)
        intent = message.intent.get("name") or ""
        if decision.actions == (action_of(label_of(intent)),) and intent not in WITHOUT_RULE:
            return nothing
        taken = taken_of(tracker)
        if tuple(taken) != decision.actions[: len(taken)]:
            return nothing  # another policy took this turn
        rest = decision.actions[len(taken) :]
        action = rest[0] if rest else ACTION_LISTEN_NAME
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        events = [SlotSet(READINGS_SLOT, list(decision.readings))] if rest and decision.readings else []
        return self._prediction(probabilities, optional_events=events)
