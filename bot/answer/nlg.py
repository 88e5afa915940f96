"""Rasa's natural language generation, in the brain's own process: picks a text, fills it, adds the buttons.

`endpoints.yml` names it (`nlg: type: bot.answer.nlg.AnswerGenerator`). It never generates a word: each text is one
that a person wrote in `domain.yml`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answer import catalogue, contacts, labels, placeholders, review
from bot.answer.catalogue import Answer
from bot.answer.facts import load_facts, load_sources
from bot.errors import AnswerError
from bot.records import Button
from bot.settings import ROOT, Settings, settings

logger = logging.getLogger(__name__)

CONTACTS = "utter_contacts"
CLARIFY = "utter_clarify"
CLARIFY_MISSING = "utter_clarify_missing"
FALLBACK = "utter_fallback"
BEING_CHECKED = "utter_being_checked"
NONE_OF_THESE = Button("None of these", "/nlu_fallback")
# A bare yes and a bare no share this text; its label is that of the message.
_SHARED_LABELS = {"utter_nothing_offered": ("affirm", "deny")}
Message = dict[str, Any]


def _now() -> datetime:
    return datetime.now(timezone.utc)


class AnswerGenerator(TemplatedNaturalLanguageGenerator):
    """Answers with the texts of the domain.

    It extends Rasa's templated generator because Rasa hands the trained model's responses to that class alone when
    the model is loaded, which is after the generator was made.
    """

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        domain: Domain | None = None,
        *,
        given: Settings | None = None,
        clock: Callable[[], datetime] = _now,
        root: Path = ROOT,
    ) -> None:
        """Reads facts and sources; Rasa gives `endpoint_config` and `domain`.

        Args:
            endpoint_config: The `nlg` part of `endpoints.yml`; nothing of it is used.
            domain: The domain with the responses; Rasa sets `responses` again when it loads a model.
            given: Settings; those of the process when None.
            clock: Tells the time with a zone.
            root: The project's folder, with `data/facts.yml`.

        Raises:
            AnswerError: Facts or sources cannot be read, or a response holds no text.
        """
        self._settings = given
        self._clock = clock
        self._facts = load_facts(root)
        self._sources = load_sources(root)
        super().__init__(domain.responses if domain else {})

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        """The domain's responses; setting them makes the catalogue anew."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, list[dict[str, Any]]]) -> None:
        self._catalogue = catalogue.build(responses, self._facts, self._sources)
        self._filter = ResponseVariationFilter(responses)
        self._responses = responses

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Message | None:
        """Gives the message for a response.

        Args:
            utter_action: The response's name.
            tracker: The conversation; its slots choose the variation, its past the next questions.
            output_channel: The channel's name, for variations of one channel.
            **kwargs: `readings` (labels) for `utter_clarify` and `utter_clarify_missing`.

        Returns:
            `text`, `buttons` (`title`, `payload`) and `metadata` (`label`, `provenance`, `handoff`, `safety`); None
            for a response that does not exist. Anything odd is logged by name, and the contacts are given: a patient
            is never met with silence.
        """
        if utter_action not in self.responses:
            return None
        try:
            return self._message(utter_action, tracker, output_channel, kwargs)
        except Exception:
            logger.exception(
                "bot.answer.nlg: response %r of domain.yml cannot be said; the contacts are given instead. "
                "`./marrow validate` names what to correct",
                utter_action,
            )
            return self._contacts()

    def _message(self, response: str, tracker: DialogueStateTracker, channel: str, kwargs: Message) -> Message:
        answer = self._catalogue.by_response[response]
        if answer.state_on(self._today()) in review.HELD_BACK:
            return self._held_back(answer, tracker, channel)
        buttons: list[Button] | None = None
        if response in (CLARIFY, CLARIFY_MISSING):
            buttons = self._readings(response, tracker, kwargs)
            if not buttons:
                logger.error("bot.answer.nlg: %s without readings that can be offered; %s is said", response, FALLBACK)
                return self._message(FALLBACK, tracker, channel, {})
        variations = self._filter.responses_for_utter_action(response, channel, tracker.current_slot_values())
        if not variations:
            raise AnswerError(f"domain.yml: responses.{response}: no text fits the slots; add one without a condition")
        chosen = variations[0]  # the first, not a random one: the same question gets the same answer
        text = placeholders.fill(chosen.get("text") or "", self._values(tracker))
        if not text:
            raise AnswerError(f"domain.yml: responses.{response}: the text is empty; write it")
        if buttons is None:
            own = [Button(str(button["title"]), str(button["payload"])) for button in chosen.get("buttons") or ()]
            buttons = own or [
                self._catalogue.button(label) for label in self._catalogue.next_labels(answer, self._not_next(tracker))
            ]
        return {
            "text": text,
            "buttons": [{"title": button.label, "payload": button.payload} for button in buttons],
            "metadata": self._metadata(answer, tracker),
        }

    def _metadata(self, answer: Answer, tracker: DialogueStateTracker) -> Message:
        label, intent = answer.label, _intent(tracker)
        if intent in _SHARED_LABELS.get(answer.response, ()):
            label = intent
        handoff = None
        if answer.handoff:
            kind: Any = answer.handoff
            form = kind == "call_back"
            handoff = contacts.handoff(kind, self._given(), self._clock(), _time_zone(tracker), form=form)
        return {
            "label": label,
            "provenance": self._provenance(answer),
            "handoff": handoff,
            "safety": answer.safety,
        }

    def _held_back(self, answer: Answer, tracker: DialogueStateTracker, channel: str) -> Message:
        """Says that the answer is being checked, and offers a person; the label stays that of what was asked."""
        logger.warning(
            "bot.answer.nlg: response %r of domain.yml is not given, its state is %s; %s is said. Review it",
            answer.response,
            answer.state_on(self._today()),
            BEING_CHECKED,
        )
        # a model trained before there was such a text has none
        known = BEING_CHECKED in self.responses
        message = self._message(BEING_CHECKED, tracker, channel, {}) if known else self._contacts()
        message["metadata"] |= {"label": answer.label, "provenance": self._provenance(answer)}
        return message

    def _provenance(self, answer: Answer) -> Message | None:
        provenance = answer.provenance_on(self._today())
        return asdict(provenance) if provenance else None

    def _not_next(self, tracker: DialogueStateTracker) -> set[str]:
        """Labels that are no use as a next question: answered already, or with an answer that is not given today."""
        return _seen(tracker) | self._catalogue.held_back(self._today())

    def _today(self) -> date:
        return review.today(self._given().time_zone, self._clock())

    def _readings(self, response: str, tracker: DialogueStateTracker, kwargs: Message) -> list[Button]:
        """Buttons for the readings; for a follow-up without a subject, of every answer on the aspect it asks for."""
        parse_data: Any = (tracker.latest_message.parse_data if tracker.latest_message else None) or {}
        given = (
            kwargs.get("readings")
            or tracker.current_slot_values().get("readings")
            or (parse_data.get("understanding") or {}).get("readings")
            or ()
        )
        if not given and response == CLARIFY_MISSING:
            aspect = labels.FOLLOWUPS.get(_intent(tracker))
            given = () if aspect is None else self._catalogue.with_aspect(aspect)[: catalogue.NEXT_QUESTIONS]
        buttons = []
        for label in dict.fromkeys(given):
            try:
                buttons.append(self._catalogue.button(label))
            except AnswerError as error:
                logger.error("bot.answer.nlg: a reading of %s cannot be offered: %s", response, error)
        return [*buttons, NONE_OF_THESE] if buttons else []

    def _contacts(self) -> Message:
        """The contacts by the shortest way there is: no slots, no time zone, and a text even without `domain.yml`."""
        try:
            text = self._catalogue.text(CONTACTS, self._values(None))
        except Exception:
            logger.exception(
                "bot.answer.nlg: not even %s of domain.yml can be said; a built-in text is given", CONTACTS
            )
            text = contacts.last_resort(self._given())
        metadata = {"label": "fallback", "provenance": None, "handoff": None, "safety": None}
        return {"text": text, "buttons": [], "metadata": metadata}

    def _values(self, tracker: DialogueStateTracker | None) -> placeholders.Values:
        zone = _time_zone(tracker) if tracker else None
        return placeholders.values(self._given(), self._facts, self._clock(), zone)

    def _given(self) -> Settings:
        return self._settings or settings()


def _intent(tracker: DialogueStateTracker) -> str:
    return str((tracker.latest_message.intent or {}).get("name") or "") if tracker.latest_message else ""


def _time_zone(tracker: DialogueStateTracker) -> str | None:
    metadata = (tracker.latest_message.metadata if tracker.latest_message else None) or {}
    zone = metadata.get("time_zone")
    return zone if isinstance(zone, str) else None


def _seen(tracker: DialogueStateTracker) -> set[str]:
    """Labels already answered in the part of the conversation that the tracker holds."""
    actions = {event.action_name for event in tracker.events if isinstance(event, ActionExecuted)}
    found = (labels.label_of(str(action).removeprefix("utter_")) for action in actions)
    return {label for label in found if label}
