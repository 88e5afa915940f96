"""Rasa graph components: the classifier with its thresholds, the entity finder and the screening adapter.

What they find is put on the message for the policies and for the door: `intent` and `intent_ranking` as any Rasa
developer expects, and `understanding`, which keeps what Rasa has no place for (outcome, readings, the questions in a
message, language). Longer than 300 lines because Rasa wants four methods of each component that say little, and the
three share what they put on a message.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.errors import ModelError
from bot.screen import Verdict, screen
from bot.settings import ROOT
from bot.understand.beside import Beside
from bot.understand.danger import DangerModel
from bot.understand.danger import examples as danger_examples
from bot.understand.doubts import held_out_verdicts
from bot.understand.encoders import CachedEncoder, Encoder, encoder
from bot.understand.ensemble import (
    ASIDE,
    ENCODERS,
    NEAR_CLASSES,
    READERS,
    Ensemble,
    Scores,
    Views,
    cross_validated,
    views_of,
)
from bot.understand.entities import EntityMatcher, forms_of
from bot.understand.language import language_of
from bot.understand.linear import SEED, Floats
from bot.understand.others import ENCODER as OTHERS_ENCODER
from bot.understand.others import FEWEST, Material, OtherLanguages
from bot.understand.outcome import Outcome, Thresholds, find_thresholds
from bot.understand.splitting import parts_of, told_in

logger = logging.getLogger(__name__)

UNDERSTANDING = "understanding"  # the message's attribute that carries all of it
FALLBACK_INTENT = "nlu_fallback"
CLARIFY_INTENT = "clarify"
DOUBT = 0.5  # probability of danger of a whole message below which none of its questions makes it one
_MIXED = 0.4  # share of the messages of danger and look-alikes that are learned beside something harmless too
_DRAWN = 2000  # examples, at most, of which those are drawn that stand beside them
THRESHOLDS, OTHERS_THRESHOLDS = "thresholds.json", "others_thresholds.json"
CLASSIFIER_RULE = "classifier"  # stands for a rule's name where the model saw the danger, or is unclear about it


def _json_in(folder: Path, name: str) -> Any:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"components: {name} of the model cannot be read ({error!r}); run ./marrow train") from error


def _lists_in(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def _thresholds_in(folder: Path, name: str) -> Thresholds:
    read = _json_in(folder, name)
    try:
        return Thresholds(**read)
    except TypeError as error:
        raise ModelError(f"components: {name} holds other thresholds ({error}); run ./marrow train") from error


def _write_thresholds(folder: Path, name: str, thresholds: Thresholds) -> None:
    (folder / name).write_text(json.dumps(thresholds.to_json()), encoding="utf-8")


def _by_language(examples: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Examples in English, and those in other languages.

    Those of an intent that has none in English count as English too, else the classifier would not know it; and all do
    where there are too few in other languages to learn from.
    """
    english = [language_of(text) == "en" for text, _ in examples]
    elsewhere = [one for one, known in zip(examples, english) if not known]
    if len(elsewhere) < FEWEST:
        return examples, []
    known_intents = {label for (_, label), known in zip(examples, english) if known}
    return [one for one, known in zip(examples, english) if known or one[1] not in known_intents], elsewhere


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EnsembleClassifier(IntentClassifier, GraphComponent):
    """The ensemble of `bot.understand.ensemble` with thresholds found by cross-validation."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults; config.yml says why each has its value."""
        return {
            "inverse_regularisation": 20.0,
            "folds": 5,
            "wrong_among_answered": 0.03,
            "right_among_offered": 0.5,
            "false_alarms": 0.01,
            "false_alarms_other_languages": 0.03,
            "false_lines": 0.04,
            "unclear_examples": "",
            "danger_examples": "",
            "safety_intents": ["safety_emergency", "safety_self_harm"],
            "handoff_intents": ["contact_human"],
            "declining_intents": ["out_of_scope_medical", "out_of_scope_other"],
            "vector_cache": "",
            "single_intents": ["greet", "goodbye", "thanks", "affirm", "deny"],
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Makes an untrained component; Rasa calls `create` or `load`."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: Ensemble | None = None
        self._danger: DangerModel | None = None
        self._others: OtherLanguages | None = None
        self._thresholds = Thresholds(answer=0.5, clarify=0.2, part=0.5, safety=0.5)
        self._others_thresholds = self._thresholds

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EnsembleClassifier:
        """Makes an untrained component (see Rasa's GraphComponent)."""
        return cls(config, model_storage, resource)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["onnxruntime", "tokenizers"]

    def train(self, training_data: TrainingData) -> Resource:
        """Encodes the examples, fits the ensemble, finds the thresholds, writes all to the model's storage."""
        examples = [
            (message.get(TEXT), message.get(INTENT))
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT)
        ]
        if not examples:
            logger.warning("EnsembleClassifier: no training examples; nothing is learned")
            return self._resource
        examples, elsewhere = _by_language(examples)
        examples += [(text, ASIDE) for text in self._unclear_examples()]
        labels = [label for _, label in examples]
        strength = float(self._config["inverse_regularisation"])
        logger.info("EnsembleClassifier: encoding %d examples of %d intents", len(examples), len(set(labels)))
        own, own_elsewhere = self._danger_examples()
        holding, mixed = self._mixed(examples, own)
        views, foreign = self._views([*examples, *own, *mixed], [*elsewhere, *own_elsewhere])
        together, views = views, views.rows(np.arange(len(examples)))
        folds = self._config["folds"]
        logger.info("EnsembleClassifier: fitting, and finding thresholds by %d-fold cross-validation", folds)
        with ThreadPoolExecutor(2) as pool:  # the whole and three folds keep two cores busy to the end
            whole = pool.submit(Ensemble.fit, views, labels, strength)
            several = 1 < len(set(labels)) < len(labels)  # else no text could be held out of its own intent
            held_out = cross_validated(views, labels, folds, SEED, strength, pool) if several else None
            self._model = whole.result()
        if held_out is not None:
            verdicts = self._said_by_rules(examples, own, mixed, holding)
            danger = self._learn_danger(together, labels, held_out, verdicts, [*own, *mixed], holding)
            self._thresholds = self._find_thresholds(held_out, labels, danger, verdicts[: len(labels)], "false_alarms")
            logger.info("EnsembleClassifier: thresholds %s", self._thresholds.to_json())
            if elsewhere:
                self._learn_others(together, foreign, labels, elsewhere, [red for _, red in own], own_elsewhere)
        self.persist()
        return self._resource

    def _find_thresholds(
        self, held_out: Scores, labels: list[str], danger: Floats | None, verdicts: list[Verdict], false_alarms: str
    ) -> Thresholds:
        return find_thresholds(
            held_out,
            labels,
            wrong_among_answered=self._config["wrong_among_answered"],
            right_among_offered=self._config["right_among_offered"],
            false_alarms=self._config[false_alarms],
            false_lines=self._config["false_lines"],
            safety_intents=self._config["safety_intents"],
            danger=danger,
            seen=np.array([verdict.is_red for verdict in verdicts]),
        )

    def _views(self, english: Sequence[tuple[str, Any]], elsewhere: Sequence[tuple[str, Any]]) -> tuple[Views, Views]:
        """Views of texts in English, and of those in other languages, which MiniLM does not know."""
        cache = ROOT / self._config["vector_cache"] if self._config["vector_cache"] else None
        encoders: dict[str, Encoder] = {
            name: CachedEncoder(name, encoder(name), cache) for name in (*ENCODERS, READERS)
        }
        both = [text for text, _ in (*english, *elsewhere)]
        # the cache keeps what one call asks for: each encoder is asked once
        many = views_of(both, {OTHERS_ENCODER: encoders.pop(OTHERS_ENCODER)})
        first, rest = np.split(np.arange(len(both)), [len(english)])
        foreign, own = many.rows(rest), many.rows(first)
        ours = views_of([text for text, _ in english], encoders)
        return Views(own.texts, ours.vectors | own.vectors, ours.readings), foreign

    def _learn_others(
        self,
        views: Views,
        foreign: Views,
        labels: list[str],
        elsewhere: list[tuple[str, str]],
        own_red: list[bool],
        own_elsewhere: list[tuple[str, bool]],
    ) -> None:
        """Fits what understands other languages, and finds its thresholds."""
        asked = np.arange(len(elsewhere))
        verdicts = [screen(text) for text in foreign.texts]
        vectors = views.vectors[OTHERS_ENCODER]
        learned = OtherLanguages.learn(
            Material(
                english=vectors[: len(labels)],
                english_labels=labels,
                others=foreign.rows(asked),
                labels=[label for _, label in elsewhere],
                own=foreign.rows(np.arange(len(elsewhere), len(foreign.texts))),
                own_danger=[red for _, red in own_elsewhere],
                english_danger=(vectors[len(labels) : len(labels) + len(own_red)], own_red),
                safety_intents=self._config["safety_intents"],
                verdicts=verdicts,
            ),
            float(self._config["inverse_regularisation"]),
        )
        if learned is None:
            return
        self._others, held_out = learned
        self._others_thresholds = self._find_thresholds(
            held_out.scores,
            [label for _, label in elsewhere],
            held_out.danger,
            verdicts[: len(elsewhere)],
            "false_alarms_other_languages",
        )
        logger.info("EnsembleClassifier: thresholds of other languages %s", self._others_thresholds.to_json())

    def _mixed(
        self, examples: list[tuple[str, str]], own: list[tuple[str, bool]]
    ) -> tuple[list[int], list[tuple[str, bool]]]:
        """Messages of danger and look-alikes beside what examples ask, and the place of each among the clear texts."""
        draw = random.Random(SEED)
        apart = (ASIDE, *self._config["safety_intents"])
        harmless = [text for text, label in examples if label not in apart]
        drawn = draw.sample(harmless, min(len(harmless), _DRAWN))
        harmless = [text for text in drawn if screen(text).verdict == "none"]
        several = Beside(harmless, draw)
        chosen = sorted(draw.sample(range(len(own)), int(_MIXED * len(own))))
        first = sum(label != ASIDE for _, label in examples)
        return [first + row for row in chosen], [(several.one(own[row][0]), own[row][1]) for row in chosen]

    def _said_by_rules(
        self,
        examples: list[tuple[str, str]],
        own: list[tuple[str, bool]],
        mixed: list[tuple[str, bool]],
        holding: list[int],
    ) -> list[Verdict]:
        """What the screen says of examples and of messages of danger, each read by a second reading new to it."""
        told = [(text, label in self._config["safety_intents"]) for text, label in examples if label != ASIDE] + own
        texts = [text for text, _ in (*told, *mixed)]
        found = iter(held_out_verdicts(texts, np.array([red for _, red in told]), holding))
        return [screen(text) if label == ASIDE else next(found) for text, label in examples] + list(found)

    def _learn_danger(
        self,
        views: Views,
        labels: list[str],
        held_out: Scores,
        verdicts: list[Verdict],
        own: list[tuple[str, bool]],
        holding: list[int],
    ) -> Floats | None:
        """Fits the model of danger; gives the probability of danger of each text, 0 for unclear ones.

        It learns from the examples of its own too, of which the classifier knows nothing; they stand last in the views
        and among the verdicts, and the last of them hold others beside something harmless (`holding`).
        """
        assert self._model is not None
        clear = np.array([row for row, label in enumerate(labels) if label != ASIDE])
        is_danger = np.isin(np.asarray(labels)[clear], self._config["safety_intents"])
        likely = held_out.likely(self._config["safety_intents"])[clear]
        rows = np.concatenate([clear, np.arange(len(labels), len(labels) + len(own))])
        if own:
            is_danger = np.concatenate([is_danger, [red for _, red in own]])
            scores = self._model.predict(views.rows(rows[len(clear) :]))
            likely = np.concatenate([likely, scores.likely(self._config["safety_intents"])])
        fitted = DangerModel.fit(
            views.rows(rows),
            self._model.terms,
            is_danger,
            likely,
            [verdicts[row] for row in rows],
            holding,
            folds=self._config["folds"],
            inverse_regularisation=float(self._config["inverse_regularisation"]),
        )
        if fitted is None:
            return None
        probabilities = np.zeros(len(labels))
        self._danger, found = fitted
        probabilities[clear] = found[: len(clear)]
        return probabilities

    def _unclear_examples(self) -> list[str]:
        name = self._config["unclear_examples"]
        try:
            return [str(text) for text in _lists_in(name)["unclear"]] if name else []
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise ModelError(f"{name}: it must hold `unclear:` and a list of messages ({error!r}); mend it") from error

    def _danger_examples(self) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
        """Messages with whether they tell of danger: those in English, and those in other languages."""
        name = self._config["danger_examples"]
        if not name:
            return [], []
        told = danger_examples(ROOT / name)
        english = [language_of(text) == "en" for text, _ in told]
        return [one for one, known in zip(told, english) if known], [
            one for one, known in zip(told, english) if not known
        ]

    def persist(self) -> None:
        """Writes the fitted model; nothing is pickled."""
        assert self._model is not None
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
            if self._danger is not None:
                self._danger.save(folder)
            _write_thresholds(folder, THRESHOLDS, self._thresholds)
            if self._others is not None:
                self._others.save(folder)
                _write_thresholds(folder, OTHERS_THRESHOLDS, self._others_thresholds)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EnsembleClassifier:
        """Reads a trained component back; without a stored model it understands nothing and says so in the log."""
        component = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                component._model = Ensemble.load(folder)
                component._danger = DangerModel.load(folder)
                component._thresholds = _thresholds_in(folder, THRESHOLDS)
                component._others = OtherLanguages.load(folder)
                if component._others is not None:
                    component._others_thresholds = _thresholds_in(folder, OTHERS_THRESHOLDS)
        except ValueError:  # of the storage: there is no such resource
            logger.warning("EnsembleClassifier: the model holds no classifier (%s); run ./marrow train", resource.name)
        return component

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds in use."""
        return self._thresholds

    def score(self, texts: list[str], languages: list[str] | None = None) -> Scores:
        """Scores texts by the fitted model, as `process` does; for evaluation.

        Raises:
            ModelError: Nothing was trained.
        """
        if self._model is None:
            raise ModelError("EnsembleClassifier: not trained; run ./marrow train")
        english = None if languages is None else [language == "en" for language in languages]
        return self._model.predict(views_of(texts), english)

    def process(self, messages: list[Message]) -> list[Message]:
        """Understands messages; see the module's head for what is put on them."""
        for message in messages:
            text = (message.get(TEXT) or "").strip()
            understanding = self._understand(text) if self._model else self._nothing(text)
            message.set(UNDERSTANDING, understanding, add_to_output=True)
            message.set(INTENT, understanding.pop("intent"), add_to_output=True)
            message.set("intent_ranking", understanding["ranking"], add_to_output=True)
        return messages

    @staticmethod
    def _nothing(text: str) -> dict[str, Any]:
        fallback = {"name": FALLBACK_INTENT, "confidence": 1.0}
        return {
            "intent": fallback,
            "outcome": Outcome.FALLBACK.value,
            "ranking": [],
            "parts": [],
            "rest_missed": False,
            "line": False,
            "language": language_of(text),
        }

    def _understand(self, text: str) -> dict[str, Any]:
        assert self._model is not None
        language = language_of(text)
        parts = parts_of(text)
        # among several questions what is told drowns: "where is the bank? where do we park? he is so sleepy"
        told = told_in(text) if parts else ""
        texts = [text, *parts, told] if told else [text, *parts]
        # the rules judge the message: of a piece torn from it ("when he had seizures") they would see no frame
        verdict = screen(text)
        scores, danger = self._judged(texts, verdict, language)
        thresholds = self._thresholds_for(language)
        if self._danger is not None and danger[0] < DOUBT:
            questions = slice(1, 1 + len(parts))
            danger[questions] = np.minimum(danger[questions], danger[0])
        rows = [self._read(scores, row, float(danger[row]), thresholds) for row in range(len(texts))]
        whole = rows[0]
        dangerous = [read for read in rows if read["outcome"] == Outcome.SAFETY.value]
        if dangerous:  # alone, whatever else was asked
            return {**dangerous[0], "parts": [], "rest_missed": False, "language": language}
        whole["line"] = any(read["line"] for read in rows)
        pieces = [{**read, "text": part} for part, read in zip(parts, rows[1:])]
        kept, rest_missed = self._questions(whole, pieces, thresholds)
        return {**whole, "parts": kept, "rest_missed": rest_missed, "language": language}

    def _thresholds_for(self, language: str) -> Thresholds:
        return self._thresholds if language == "en" or self._others is None else self._others_thresholds

    def _judged(self, texts: list[str], verdict: Verdict, language: str) -> tuple[Scores, Floats]:
        """What each of some texts is, and how probably it is danger, shape (texts,)."""
        assert self._model is not None
        if language != "en" and self._others is not None:
            views = views_of(texts, {OTHERS_ENCODER: encoder(OTHERS_ENCODER)})
            safety = self._config["safety_intents"]
            return self._others.judge(views, self._model, [verdict] * len(texts), safety)
        views = views_of(texts, {name: encoder(name) for name in (*ENCODERS, READERS)})
        english = [language == "en"] * len(texts)
        scores = self._model.predict(views, english)
        likely = scores.likely(self._config["safety_intents"])
        if self._danger is None:
            return scores, likely
        return scores, self._danger.predict(views, self._model.terms, likely, [verdict] * len(texts), english)

    def _questions(
        self, whole: dict[str, Any], parts: list[dict[str, Any]], thresholds: Thresholds
    ) -> tuple[list[dict[str, Any]], bool]:
        """The questions of a message that are answered one by one, and whether one beside them was not understood."""
        kept = [
            part
            for part in parts
            if part["ranking"][0]["confidence"] >= thresholds.part and part["outcome"] != Outcome.FALLBACK.value
        ]
        intents = {part["ranking"][0]["name"] for part in kept}
        matters = intents - set(self._config["single_intents"])
        if not matters or (len(matters) == 1 and whole["outcome"] in (Outcome.ANSWER.value, Outcome.HANDOFF.value)):
            return [], False  # one matter: the message as a whole says more of it
        # an unsure one that looks like a kept one is that again: "how long? weeks or months?"
        return kept, any(
            part["outcome"] == Outcome.FALLBACK.value or part["ranking"][0]["name"] not in intents for part in parts
        )

    def _read(self, scores: Scores, row: int, danger: float, thresholds: Thresholds) -> dict[str, Any]:
        """Outcome, intent and ranking of one text, told how probable danger is."""
        values = scores.scores[row]
        order = (-values).argsort()
        ranking = [{"name": scores.classes[i], "confidence": float(values[i])} for i in order[:NEAR_CLASSES]]
        first = ranking[0]
        kinds = {
            name: float(probability)
            for name, probability in zip(scores.classes, scores.beside_aside[row])
            if name in self._config["safety_intents"]
        }
        line = sum(kinds.values()) + float(scores.aside[row]) >= thresholds.line
        if kinds and danger >= thresholds.safety:
            name = max(kinds, key=lambda intent: kinds[intent])
            intent, outcome = {"name": name, "confidence": danger}, Outcome.SAFETY
        elif first["confidence"] < thresholds.clarify:
            intent, outcome = {"name": FALLBACK_INTENT, "confidence": 1 - first["confidence"]}, Outcome.FALLBACK
        elif first["confidence"] < thresholds.answer:
            intent, outcome = {"name": CLARIFY_INTENT, "confidence": first["confidence"]}, Outcome.CLARIFY
        elif first["name"] in self._config["handoff_intents"]:
            intent, outcome = first, Outcome.HANDOFF
        elif first["name"] in self._config["declining_intents"]:
            intent, outcome = first, Outcome.FALLBACK
        else:
            intent, outcome = first, Outcome.ANSWER
        return {"intent": dict(intent), "outcome": outcome.value, "ranking": ranking, "line": line}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntityFinder(GraphComponent, EntityExtractorMixin):
    """Entities from the lookup tables and synonyms of the training data (see `bot.understand.entities`)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings: the data says all."""
        return {}

    def __init__(self, model_storage: ModelStorage, resource: Resource, matcher: EntityMatcher) -> None:
        """Takes a matcher; Rasa calls `create` or `load`."""
        self._model_storage = model_storage
        self._resource = resource
        self._matcher = matcher

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityFinder:
        """Makes an untrained component (see Rasa's GraphComponent)."""
        return cls(model_storage, resource, EntityMatcher({}))

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["spacy"]

    def train(self, training_data: TrainingData) -> Resource:
        """Reads names and spellings from the training data and keeps them with the model."""
        forms = forms_of(training_data.lookup_tables, training_data.entity_synonyms)
        self._matcher = EntityMatcher(forms)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "entities.json").write_text(json.dumps(forms, ensure_ascii=False), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EntityFinder:
        """Reads a trained component back; without stored names it finds nothing and says so in the log."""
        try:
            with model_storage.read_from(resource) as folder:
                forms = _json_in(folder, "entities.json")
        except ValueError:  # of the storage: there is no such resource
            logger.warning("EntityFinder: the model holds no names (%s); run ./marrow train", resource.name)
            forms = {}
        return cls(model_storage, resource, EntityMatcher(forms))

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of each message."""
        for message in messages:
            found = [
                {"entity": one.entity, "value": one.value, "start": one.start, "end": one.end, "confidence_entity": 1.0}
                for one in self._matcher.find(message.get(TEXT) or "")
            ]
            extracted = self.add_extractor_name(found)
            message.set(ENTITIES, message.get(ENTITIES, []) + extracted, add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ScreenAdapter(GraphComponent):
    """Puts the verdict of `bot.screen` on each message, and makes a red one win over every intent.

    It stands last in the pipeline. The door has screened the message before, without the brain; this is for whoever
    talks to Rasa directly (`rasa shell`, `rasa test`) and for the log.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings: the rules are data of `bot.screen`, and none can be switched off here."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ScreenAdapter:
        """Makes the component (see Rasa's GraphComponent)."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Screens messages."""
        for message in messages:
            verdict = screen(message.get(TEXT) or "")
            understanding = dict(message.get(UNDERSTANDING) or {})
            if verdict.is_red:
                intent = {"name": f"safety_{verdict.verdict}", "confidence": 1.0}
                understanding.update(outcome=Outcome.SAFETY.value, parts=[])
                message.set(INTENT, intent, add_to_output=True)
            elif understanding.get("outcome") == Outcome.SAFETY.value:
                seen = (message.get(INTENT) or {}).get("name", "").removeprefix("safety_")
                verdict = Verdict(seen, CLASSIFIER_RULE)
            elif understanding.get("line") and verdict.verdict == "none":
                verdict = Verdict("check", CLASSIFIER_RULE)
            understanding["screen"] = verdict.to_json()
            message.set(UNDERSTANDING, understanding, add_to_output=True)
        return messages
