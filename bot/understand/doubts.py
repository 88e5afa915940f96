"""Learns the second reading of what the rules call danger (`bot.screen.doubt`): `python -m bot.understand.doubts`.

Two steps. A logistic regression of danger against all else, on the words, pairs and outlines of training messages: the
examples of the intents, the messages of `data/danger.yml` and the rules' own examples. Then a second one, on what the
first says of the parts of the emergencies that the rules ring for; each message is read there by a first one that had
not seen it. What comes out are weights that the screen adds up without any library.

Look-alikes come with a question about parking more often than dangers do, and patients in danger ask about parking too:
so what the rules ring for, and some of the other dangers, is learned once more with a greeting, a soft word, or other
messages' questions and statements in front and behind.

The threshold is found on messages held out of both steps: the highest at which the share of emergencies rung by the
rules that are doubted stays at `DOUBTED_DANGERS`. They are not lost: the brain's model reads them, and mostly says
danger.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.preprocessing import normalize

from bot.screen import Verdict, doubt, screen
from bot.screen.rules import ALL_RULES
from bot.settings import ROOT
from bot.understand.beside import FORMS, Beside
from bot.understand.collisions import examples_in
from bot.understand.danger import examples as danger_examples
from bot.understand.language import language_of
from bot.understand.linear import SEED, Floats
from bot.understand.weighing import Last

DOUBTED_DANGERS = 0.015
"""Largest share of the emergencies rung by the rules that may be doubted, in cross-validation."""
FOLDS = 5
SAFETY_INTENTS = ("safety_emergency", "safety_self_harm")
_LEAST_MESSAGES = 5  # in which a feature must stand; rarer ones teach little and are most of the file
_INVERSE_REGULARISATION, _LAST_INVERSE_REGULARISATION = 20.0, 1.0
_FEW_FORMS = 3  # where many readings are fitted only to be told apart from one that knows a message by heart
_ROUNDED = 2  # decimals of a weight: more change no verdict, and double the file

Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """The first step, fitted.

    Attributes:
        weights: Of the features.
        bias: Added to their sum over the root of their number.
    """

    weights: dict[str, float]
    bias: float

    @classmethod
    def fit(cls, features: Sequence[set[str]], is_danger: Bools) -> Reading:
        """Fits on messages, given by their features."""
        least = min(_LEAST_MESSAGES, max(1, len(features) // 100))
        vectorizer = CountVectorizer(analyzer=list, min_df=least, binary=True)
        matrix = normalize(vectorizer.fit_transform(features).astype(float))
        model = LogisticRegression(
            C=_INVERSE_REGULARISATION, class_weight="balanced", solver="liblinear", max_iter=2000, random_state=SEED
        )
        model.fit(matrix, is_danger)
        named = zip(vectorizer.get_feature_names_out().tolist(), model.coef_[0])
        return cls({name: float(weight) for name, weight in named}, float(model.intercept_[0]))

    def odds(self, features: set[str]) -> float:
        """Logarithm of the odds of danger."""
        return doubt.odds(features, self.weights, self.bias)


def _last(columns: Floats, is_danger: Bools) -> Last:
    """The second step, fitted on columns of `bot.screen.doubt.columns`, shape (messages, 9)."""
    targets = is_danger.astype(np.int64)
    return Last.fit(columns, targets, inverse_regularisation=_LAST_INVERSE_REGULARISATION, class_weight=None)[0]


@dataclass(frozen=True)
class Message:
    """A message that the rules ring for.

    Attributes:
        of: The place of the training message that it is, or that stands in it.
        text: Its words.
        told: Its sentences that are read, and the one with the danger.
        asked: The place of its verdict among those that are asked for; None where something harmless was put beside
            it only to learn from.
    """

    of: int
    text: str
    told: tuple[list[str], str]
    asked: int | None


def _rung(text: str, verdict: Verdict, of: int, asked: int | None = None) -> list[Message]:
    if verdict.verdict != "emergency":
        return []
    told = doubt.told(text, verdict.span)
    return [Message(of, text, told, asked)] if doubt.is_readable(told[0]) else []


class Taught:
    """Training messages as both steps learn them."""

    def __init__(
        self,
        texts: Sequence[str],
        is_danger: Bools,
        verdicts: Sequence[Verdict],
        holding: Sequence[int] = (),
        forms: int = FORMS,
    ) -> None:
        """Reads messages.

        Args:
            texts: The messages, and behind them such as hold one of them beside something harmless.
            is_danger: Whether each message tells of danger, shape (messages,).
            verdicts: Of the rules alone, of all texts.
            holding: The place of the message that each of the latter holds.
            forms: In how many forms something harmless is put beside each message that rings.
        """
        self.is_danger = is_danger
        self.features = [_features(text, verdict) for text, verdict in zip(texts[: len(is_danger)], verdicts)]
        self.beside: dict[int, set[str]] = {}
        self.rung: list[Message] = []
        draw = random.Random(SEED)
        several = Beside(
            [text for text, red, verdict in zip(texts, is_danger, verdicts) if not red and verdict.verdict == "none"],
            draw,
        )
        for place, (text, red, verdict) in enumerate(zip(texts, is_danger, verdicts)):
            if not verdict.is_red and not (red and draw.random() < 0.5):
                continue
            self.rung += _rung(text, verdict, place, place)
            judged = [(wording, screen(wording, doubting=False)) for wording in several.several(text, forms)]
            self.beside[place] = _features(*draw.choice(judged))
            for wording, seen in judged:
                self.rung += _rung(wording, seen, place)
        for row, of in enumerate(holding, len(is_danger)):
            self.rung += _rung(texts[row], verdicts[row], of, row)

    def reading(self, places: Sequence[int]) -> Reading:
        """A first step that has learned the messages at some places."""
        again = [place for place in places if place in self.beside]
        features = [self.features[place] for place in places] + [self.beside[place] for place in again]
        return Reading.fit(features, self.is_danger[[*places, *again]])

    def columns(self) -> Floats:
        """What the second step learns from, shape (rung messages, 9), by first steps that had not seen them."""
        found = np.zeros((len(self.rung), 9))
        splitter = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
        for train, test in splitter.split(self.is_danger, self.is_danger):
            unseen = set(test.tolist())
            asked = [row for row, message in enumerate(self.rung) if message.of in unseen]
            if asked:
                odds = self.reading(train.tolist()).odds
                found[asked] = [doubt.columns(*self.rung[row].told, odds) for row in asked]
        return found

    def rung_dangers(self) -> Bools:
        """Whether each message that the rules ring for tells of danger."""
        return self.is_danger[[message.of for message in self.rung]]

    def held_out_scores(self, columns: Floats) -> Floats:
        """Scores of the messages that the rules ring for, by second steps that had not seen them."""
        scores, dangers = np.zeros(len(self.rung)), self.rung_dangers()
        groups = [message.of for message in self.rung]
        for train, test in GroupKFold(FOLDS).split(columns, dangers, groups):
            scores[test] = _last(columns[train], dangers[train]).odds(columns[test])
        return scores


def _features(text: str, verdict: Verdict) -> set[str]:
    """Of what is read of a message."""
    return doubt.features(". ".join(doubt.told(text, verdict.span)[0]))


def held_out_verdicts(texts: Sequence[str], is_danger: Bools, holding: Sequence[int] = ()) -> list[Verdict]:
    """What the screen says of training messages with a second reading that had not seen them.

    The model of danger is told which verdicts are doubted; of messages that the reading has learned by heart it would
    learn to trust it more than it deserves.

    Args:
        texts: The messages, and behind them such as hold one of them beside something harmless.
        is_danger: Whether each message tells of danger, shape (messages,).
        holding: The place of the message that each of the latter holds.
    """
    verdicts = [screen(text, doubting=False) for text in texts]
    if min(is_danger.sum(), (~is_danger).sum()) < FOLDS:
        return verdicts
    taught = Taught(texts, is_danger, verdicts, holding, _FEW_FORMS)
    dangers = taught.rung_dangers()
    if len({message.of for message in taught.rung}) < FOLDS or dangers.all() or not dangers.any():
        return verdicts
    for message, score in zip(taught.rung, taught.held_out_scores(taught.columns())):
        if message.asked is not None and score < doubt.THRESHOLD:
            verdicts[message.asked] = verdicts[message.asked].doubtful()
    return verdicts


def material() -> list[tuple[str, bool]]:
    """The messages in English that the reading learns from, and whether each tells of danger."""
    told = [(text, intent in SAFETY_INTENTS) for text, intent in examples_in(ROOT)]
    told += danger_examples(ROOT / "data" / "danger.yml")
    told = [(text, red) for text, red in told if language_of(text) == "en"]
    for rule in ALL_RULES:
        if rule.verdict in ("emergency", "self_harm"):
            told += [(text, True) for text in rule.matches]
            told += [(text, False) for text in rule.near_misses if not screen(text, doubting=False).is_red]
    return told


def learn(told: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    """The weights and the threshold, as `doubt.json` holds them, and what they do to messages held out."""
    texts, is_danger = [text for text, _ in told], np.array([red for _, red in told])
    verdicts = [screen(text, doubting=False) for text in texts]
    taught = Taught(texts, is_danger, verdicts)
    columns = taught.columns()
    scores, alone = taught.held_out_scores(columns), np.array([message.asked is not None for message in taught.rung])
    dangers = taught.rung_dangers()
    emergencies = np.array([verdict.verdict == "emergency" for verdict in verdicts])
    threshold = float(np.sort(scores[dangers & alone])[int(DOUBTED_DANGERS * (emergencies & is_danger).sum())])
    reading, last = taught.reading(range(len(told))), _last(columns, dangers)
    weights = {name: round(weight, _ROUNDED) for name, weight in sorted(reading.weights.items())}
    doubted = scores < threshold
    return {
        "threshold": round(threshold, _ROUNDED),
        "bias": round(reading.bias, _ROUNDED),
        "last": [round(float(weight), _ROUNDED + 1) for weight in last.weights],
        "last_bias": round(last.bias, _ROUNDED + 1),
        "held_out": {
            "dangers_rung": int((emergencies & is_danger).sum()),
            "dangers_doubted": int((dangers & alone & doubted).sum()),
            "look_alikes_rung": int((emergencies & ~is_danger).sum()),
            "look_alikes_doubted": int((~dangers & alone & doubted).sum()),
            "dangers_beside_something_harmless": int((dangers & ~alone).sum()),
            "of_these_doubted": int((dangers & ~alone & doubted).sum()),
        },
        # a word alone is kept whatever its weight: by them it is known how much of a message can be read
        "weights": {name: weight for name, weight in weights.items() if weight or name.rfind("=") == 0},
    }


def main() -> int:
    """Writes `bot/screen/doubt.json` and prints what the reading does to messages held out."""
    learned = learn(material())
    lines = json.dumps(learned, ensure_ascii=False, indent=0, separators=(",", ":"))
    doubt.FILE.write_text(lines + "\n", encoding="utf-8")
    print(f"{doubt.FILE.relative_to(ROOT)}: {len(learned['weights'])} weights, {learned['held_out']}")
    return 0


__all__ = ["DOUBTED_DANGERS", "Message", "Reading", "Taught", "held_out_verdicts", "learn", "material"]

if __name__ == "__main__":
    sys.exit(main())
