"""The classifier of messages that are not in English, with its own word on danger.

MiniLM and the English terms know nothing of other languages. What is left is the multilingual encoder, which reads a
question by its meaning and was made for sixteen languages, some of them better than others; examples in those languages
(`data/languages`) teach it how people there ask. Beside it stands a second view, of one to three letters at a time
without their accents, learnt from those examples alone: it knows the word for "visa" in Korean, whatever the encoder
makes of it. The mean of their log-probabilities and the nearness to the nearest example give the score, as in
`bot.understand.ensemble`.

The English classifier is not touched by any of this. Pure numpy and scikit-learn, no Rasa.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from bot.errors import ModelError
from bot.screen import Verdict
from bot.understand.danger import Last, log_odds, said_by_rules
from bot.understand.ensemble import ASIDE, NEAR_CLASSES, Ensemble, Scores, Views
from bot.understand.linear import SEED, SYLLABLES, Floats, Linear, Terms, log_softmax

ENCODER = "use"
FEWEST = 200  # examples in other languages, below which there is too little to learn from or to find thresholds by
_FEWEST_DANGERS = 20  # the same, of messages that tell of danger, and of others
FOLDS = 3
FILE, WORDS_FILE = "others.npz", "others.json"
_HEADS = ("meaning", "letters", "danger_meaning", "danger_letters")
# Letters that people swap on a phone: Arabic alif maqsura, ta marbuta and the Persian forms, the Turkish i.
_LEVELLED = str.maketrans({"ى": "ي", "ة": "ه", "ـ": None, "ک": "ك", "ی": "ي", "گ": "ك", "ı": "i", "ß": "ss"})
_VOICED = "\u3099\u309a"  # marks that make another letter of a Japanese one


def levelled(text: str) -> str:
    """A text without accents and in small letters, so that "à", "a" and "أ", "ا" are one."""
    taken_apart = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(letter for letter in taken_apart if letter in _VOICED or not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", kept).translate(_LEVELLED)


@dataclass(frozen=True)
class HeldOut:
    """What texts in other languages got by a model that had not seen them; rows in the order of the texts.

    Attributes:
        scores: Of the examples.
        danger: Probability of danger of each example, shape (examples,).
    """

    scores: Scores
    danger: Floats


@dataclass(frozen=True)
class Material:
    """What is learnt from.

    Attributes:
        english: Vectors of the English examples by the multilingual encoder, shape (texts, dimensions).
        english_labels: Their intents.
        others: Views of the examples in other languages.
        labels: Their intents.
        own: Views of messages in other languages that teach danger alone.
        own_danger: Whether each of those tells of danger.
        english_danger: Vectors of English messages that teach danger alone, and whether each tells of it.
        safety_intents: Intents that are danger.
        verdicts: What the rules say of `others`, then of `own`.
    """

    english: npt.NDArray[np.float32]
    english_labels: Sequence[str]
    others: Views
    labels: Sequence[str]
    own: Views
    own_danger: Sequence[bool]
    english_danger: tuple[npt.NDArray[np.float32], Sequence[bool]]
    safety_intents: Sequence[str]
    verdicts: Sequence[Verdict]


class OtherLanguages:
    """The fitted classifier. Make one with `learn` or `load`."""

    def __init__(
        self,
        classes: tuple[str, ...],
        heads: dict[str, Linear],
        letters: Terms,
        last: Last | None,
        vectors: npt.NDArray[np.float32],
        targets: npt.NDArray[np.int64],
    ) -> None:
        """Takes the fitted parts; use `learn` or `load` instead."""
        self.classes = classes
        self._heads, self._letters, self._last = heads, letters, last
        self._vectors, self._targets = vectors, targets
        # an intent without an example in another language is known by its meaning alone
        self._spelt = np.isin(np.arange(len(classes)), targets)

    @classmethod
    def learn(cls, material: Material, inverse_regularisation: float) -> tuple[OtherLanguages, HeldOut] | None:
        """Fits on examples; None where there are too few.

        Args:
            material: What to learn from.
            inverse_regularisation: `C` of the regressions, without unit.
        """
        if len(material.labels) < FEWEST:
            return None
        fit = _Fit(material, inverse_regularisation)
        if min(fit.is_danger.sum(), (~fit.is_danger).sum()) < _FEWEST_DANGERS:
            return None
        count = len(material.labels)
        found, near = np.zeros((count, len(fit.classes))), fit.near_english()
        odds = np.zeros((count + len(material.own_danger), 2))
        splitter = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
        for train, test in splitter.split(fit.strata, fit.strata):
            model = fit.on(train)
            asked = test[test < count]
            found[asked], own_near = model._log_probabilities(material.others.rows(asked))
            near[asked] = np.maximum(near[asked], own_near)
            odds[test] = model._danger_odds(fit.views.rows(test))
        scores = _scores(fit.classes, found, near)
        likely = _likely(scores, material.safety_intents)
        whole = fit.on(np.arange(len(fit.strata)))
        own_likely = _likely(_scores(fit.classes, *whole._log_probabilities(material.own)), material.safety_intents)
        columns = np.column_stack(
            [log_odds(np.concatenate([likely, own_likely])), odds, said_by_rules(material.verdicts)]
        )
        whole._last, danger = Last.fit(columns, fit.is_danger.astype(np.int64))
        return whole, HeldOut(scores, danger[:count])

    def predict(self, views: Views, english: Ensemble) -> Scores:
        """Scores texts; `english` is the classifier whose examples count for nearness beside the own ones."""
        found, near = self._log_probabilities(views)
        vectors = views.vectors[ENCODER]
        for row, columns in enumerate(np.argsort(-found, axis=1)[:, : NEAR_CLASSES + 1]):
            for column in columns:
                near[row, column] = max(near[row, column], english.nearest(ENCODER, self.classes[column], vectors[row]))
        return _scores(self.classes, found, near)

    def danger(self, views: Views, scores: Scores, verdicts: Sequence[Verdict], safety: Sequence[str]) -> Floats:
        """Probability of danger of each text, shape (texts,).

        Args:
            views: Of the texts.
            scores: What `predict` said of them.
            verdicts: What the rules say of them.
            safety: Intents that are danger.
        """
        assert self._last is not None
        columns = [log_odds(_likely(scores, safety)), self._danger_odds(views), said_by_rules(verdicts)]
        return self._last.probabilities(np.column_stack(columns))

    def _log_probabilities(self, views: Views) -> tuple[Floats, Floats]:
        """Of each class, and the cosine to its nearest own example (0 of none); both of shape (texts, classes)."""
        vectors = views.vectors[ENCODER]
        if not len(vectors):
            return np.zeros((0, len(self.classes))), np.zeros((0, len(self.classes)))
        meaning = self._heads["meaning"].log_probabilities(vectors)
        letters = self._heads["letters"].log_probabilities_of_terms(self._rows(views))
        near = np.zeros_like(meaning)
        cosines = vectors @ self._vectors.T
        for column in np.nonzero(self._spelt)[0]:
            near[:, column] = cosines[:, self._targets == column].max(axis=1)
        mean = (meaning + np.where(self._spelt, letters, meaning)) / 2
        return log_softmax(mean), np.clip(near, 0, 1)

    def _danger_odds(self, views: Views) -> Floats:
        """Log-odds of danger by meaning and by letters, shape (texts, 2)."""
        meaning = self._heads["danger_meaning"].log_probabilities(views.vectors[ENCODER])
        letters = self._heads["danger_letters"].log_probabilities_of_terms(self._rows(views))
        return np.column_stack([meaning[:, 1] - meaning[:, 0], letters[:, 1] - letters[:, 0]])

    def _rows(self, views: Views) -> list[Any]:
        return [self._letters.of(levelled(text)) for text in views.texts]

    def save(self, folder: Path) -> None:
        """Writes the model's files into a folder."""
        assert self._last is not None
        arrays: dict[str, Any] = {"vectors": self._vectors.astype(np.float16), "targets": self._targets}
        for name, head in self._heads.items():
            arrays[f"weights_{name}"], arrays[f"bias_{name}"] = head.weights, head.bias
        arrays |= {f"idf_{kind}": idf for kind, idf in self._letters.idf.items()}
        last = {"last": self._last.weights, "last_bias": np.array(self._last.bias), "last_usual": self._last.usual}
        np.savez(folder / FILE, **arrays, **last)
        about = {"classes": self.classes, "vocabularies": self._letters.vocabularies}
        (folder / WORDS_FILE).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> OtherLanguages | None:
        """Reads a model back; None where none was kept.

        Raises:
            ModelError: A file is missing, cut short, or holds something else.
        """
        if not (folder / FILE).exists():
            return None
        try:
            about = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
            with np.load(folder / FILE, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            letters = Terms(about["vocabularies"], {kind: arrays[f"idf_{kind}"] for kind in about["vocabularies"]})
            heads = {name: Linear(arrays[f"weights_{name}"], arrays[f"bias_{name}"]) for name in _HEADS}
            last = Last(arrays["last"], float(arrays["last_bias"]), arrays["last_usual"])
            vectors = arrays["vectors"].astype(np.float32)
            return cls(tuple(about["classes"]), heads, letters, last, vectors, arrays["targets"])
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelError(f"others: {FILE} of the model cannot be read ({error!r}); run ./marrow train") from error


class _Fit:
    """Fits the heads on parts of the material."""

    def __init__(self, material: Material, inverse_regularisation: float) -> None:
        self._material, self._strength = material, inverse_regularisation
        labels = np.asarray([*material.english_labels, *material.labels])
        self.classes = tuple(str(name) for name in np.unique(labels))
        everything = np.searchsorted(self.classes, labels)
        self._english_targets, self._targets = np.split(everything, [len(material.english_labels)])
        self.views = Views(
            (*material.others.texts, *material.own.texts),
            {ENCODER: np.concatenate([material.others.vectors[ENCODER], material.own.vectors[ENCODER]])},
        )
        examples_danger = np.isin(np.asarray(material.labels), list(material.safety_intents))
        self.is_danger = np.concatenate([examples_danger, np.asarray(material.own_danger, bool)])
        self._english_danger = np.concatenate(
            [
                np.isin(np.asarray(material.english_labels), list(material.safety_intents)),
                np.asarray(material.english_danger[1], bool),
            ]
        )
        own = len(self.classes) + np.asarray(material.own_danger, np.int64)
        self.strata = np.concatenate([self._targets, own])
        self._terms, self._letters = Terms.fit([levelled(text) for text in self.views.texts], SYLLABLES)

    def near_english(self) -> Floats:
        """Cosine of each example in another language to the nearest English one, shape (examples, classes)."""
        vectors = self._material.others.vectors[ENCODER]
        found = np.zeros((len(vectors), len(self.classes)))
        for column in np.unique(self._english_targets):
            of_class = self._material.english[self._english_targets == column]
            found[:, column] = np.clip((vectors @ of_class.T).max(axis=1), 0, 1)
        return found

    def on(self, train: npt.NDArray[np.int64]) -> OtherLanguages:
        """The classifier fitted on the English examples and on the chosen texts in other languages."""
        material, strength = self._material, self._strength
        asked = train[train < len(self._targets)]
        vectors, targets = self.views.vectors[ENCODER], self._targets[asked]
        many = len(self.classes)
        both = np.concatenate([material.english, vectors[asked]])
        of_danger = np.concatenate([material.english, material.english_danger[0], vectors[train]])
        red = np.concatenate([self._english_danger, self.is_danger[train]]).astype(np.int64)
        heads = {
            "meaning": Linear.fit(both, np.concatenate([self._english_targets, targets]), many, strength),
            "letters": _spread(Linear.fit, self._letters[asked], targets, many, strength),
            "danger_meaning": Linear.fit(of_danger, red, 2, strength),
            "danger_letters": Linear.fit(self._letters[train], self.is_danger[train].astype(np.int64), 2, strength),
        }
        return OtherLanguages(self.classes, heads, self._terms, None, vectors[asked], targets)


def _spread(fit: Any, features: Any, targets: npt.NDArray[np.int64], classes: int, strength: float) -> Linear:
    """Fits on the classes that are there, and gives the others weights of nothing."""
    there, dense = np.unique(targets, return_inverse=True)
    found = fit(features, dense, len(there), strength)
    weights = np.zeros((classes, found.weights.shape[1]), np.float32)
    bias: npt.NDArray[np.float32] = np.full(classes, -np.inf, np.float32)
    weights[there], bias[there] = found.weights, found.bias
    return Linear(weights, bias)


def _scores(classes: tuple[str, ...], found: Floats, near: Floats) -> Scores:
    """Scores from log-probabilities and cosines, ASIDE taken out."""
    shown = [column for column, name in enumerate(classes) if name != ASIDE]
    probabilities = np.exp(log_softmax(found[:, shown])) if len(found) else np.zeros((0, len(shown)))
    aside = 1 - np.exp(found)[:, shown].sum(axis=1)
    return Scores(tuple(classes[column] for column in shown), probabilities, near[:, shown], np.clip(aside, 0, 1))


def _likely(scores: Scores, safety: Sequence[str]) -> Floats:
    """Probability of all safety intents together, shape (texts,)."""
    together: Floats = scores.beside_aside[:, [name in safety for name in scores.classes]].sum(axis=1)
    return together


__all__ = ["FEWEST", "HeldOut", "Material", "OtherLanguages", "levelled"]
