"""The classifier: three logistic regressions on three views of a text, and the nearest training examples.

Views: MiniLM sentence vectors, multilingual USE sentence vectors (of the lower-cased text: USE is sensitive to case,
patients are not consistent in it), TF-IDF of words 1-2 and characters 2-4. The mean of their log-probabilities gives
the probability of each intent; that, times the geometric mean over the encoders of the cosine to the nearest training
example of the intent, is the score. The cosine keeps a text that is like nothing in training from being answered:
a regression alone is sure of something everywhere.

Pure numpy and scikit-learn, no Rasa. Kept on disk as numpy arrays without pickle, and JSON.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bot.errors import ModelError
from bot.understand.encoders import Encoder, encoder
from bot.understand.linear import SEED, Floats, Linear, Terms, log_softmax

FORMAT = 4  # of the files on disk; raised when they change

ENCODERS = ("minilm", "use")
READERS = "readers"  # of danger (bot/understand/finetuned.py); no view of the classifier
TERMS = "tfidf"
ENGLISH_ONLY = frozenset({"minilm", TERMS})
# The label of texts that are learned beside the intents and are none: they draw away what belongs to no intent alone
# (bot/understand/components.py: messages of which it is unclear whether they tell of danger).
ASIDE = "aside"
# Intents of a text, the most probable first, whose nearest example is looked for: the score of one behind them is next
# to nothing anyway, and the examples of all would be read from memory for every message.
NEAR_CLASSES = 10
# How much being near to something known counts against being sure of it. 1, 2 and 3 put the best MCC of HINT3's three
# sets at .632, .639 and .637 and their accuracy at 77.5, 77.8 and 78.2 %.
NEARNESS_POWER = 2


@dataclass(frozen=True)
class Scores:
    """What the ensemble says of some texts.

    Attributes:
        classes: Intent names, in the order of the columns.
        probabilities: Shape (texts, classes); rows sum to 1.
        nearness: Shape (texts, classes); geometric mean of the cosines to the nearest example, 0 to 1; 0 for all but
            the NEAR_CLASSES most probable.
        aside: Shape (texts,); probability of ASIDE, which is no intent and none of the classes.
    """

    classes: tuple[str, ...]
    probabilities: Floats
    nearness: Floats
    aside: Floats

    @property
    def beside_aside(self) -> Floats:
        """Probabilities with ASIDE as one more class, shape (texts, classes); rows sum to 1 with `aside`."""
        return self.probabilities * (1 - self.aside)[:, None]

    def likely(self, intents: Collection[str]) -> Floats:
        """Probability of some intents together, beside ASIDE, shape (texts,)."""
        together: Floats = self.beside_aside[:, [name in intents for name in self.classes]].sum(axis=1)
        return together

    @property
    def scores(self) -> Floats:
        """Probability times the nearness' cube, shape (texts, classes)."""
        return self.probabilities * self.nearness**NEARNESS_POWER


@dataclass(frozen=True)
class Views:
    """Three views of some texts, computed once and used for training, cross-validation and prediction.

    Attributes:
        texts: Lower-cased.
        vectors: By encoder, shape (texts, dimensions).
        readings: Log-odds of danger by each reader, shape (texts, readers); None where none was asked.
    """

    texts: tuple[str, ...]
    vectors: dict[str, npt.NDArray[np.float32]]
    readings: npt.NDArray[np.float32] | None = None

    def rows(self, chosen: npt.NDArray[np.int64]) -> Views:
        """The views of the chosen texts."""
        return Views(
            tuple(self.texts[row] for row in chosen),
            {name: matrix[chosen] for name, matrix in self.vectors.items()},
            None if self.readings is None else self.readings[chosen],
        )


def views_of(texts: Sequence[str], encoders: dict[str, Encoder] | None = None) -> Views:
    """Encodes texts by all encoders, or by those given: some of them, or such as know nothing of meaning, in tests.

    The readers of danger are asked where they are among those given; last, since they read on from MiniLM's layers.
    """
    used = dict(encoders or {name: encoder(name) for name in ENCODERS})
    readers = used.pop(READERS, None)
    lowered = [text.lower() for text in texts]
    vectors = {name: one.encode(lowered) for name, one in used.items()}
    return Views(tuple(lowered), vectors, None if readers is None else readers.encode(lowered))


class Ensemble:
    """The fitted classifier. Make one with `fit` or `load`."""

    def __init__(
        self,
        classes: tuple[str, ...],
        targets: npt.NDArray[np.int64],
        vectors: dict[str, npt.NDArray[np.float32]],
        linear: dict[str, Linear],
        terms: Terms,
    ) -> None:
        """Takes the fitted parts; use `fit` or `load` instead."""
        self.classes = classes
        self._shown = [column for column, name in enumerate(classes) if name != ASIDE]
        order = np.argsort(targets, kind="stable")  # by class, so that the examples of one are a slice and no copy
        self._targets = targets[order]
        self._vectors = {name: matrix[order] for name, matrix in vectors.items()}
        self._linear = linear
        self.terms = terms
        ends = np.searchsorted(self._targets, np.arange(1, len(classes)))
        self._examples = {name: np.split(matrix, ends) for name, matrix in self._vectors.items()}

    @classmethod
    def fit(cls, views: Views, labels: Sequence[str], inverse_regularisation: float = 20.0) -> Ensemble:
        """Fits on texts and their intents.

        Args:
            views: Of the training texts.
            labels: Intent of each text.
            inverse_regularisation: `C` of the logistic regressions, without unit.

        Raises:
            ModelError: There is nothing to learn from.
        """
        if not labels:
            raise ModelError("ensemble: no training examples; add some to data/nlu.yml")
        classes, targets = np.unique(np.asarray(labels), return_inverse=True)
        try:
            terms, sparse = Terms.fit(views.texts)
        except ValueError as error:
            raise ModelError(
                f"ensemble: {len(labels)} examples hold no words to learn from ({error}); add some to data/nlu.yml"
            ) from error
        features: dict[str, Any] = {**views.vectors, TERMS: sparse}
        linear = {
            name: Linear.fit(matrix, targets, len(classes), inverse_regularisation) for name, matrix in features.items()
        }
        names = tuple(str(name) for name in classes)
        return cls(names, targets.astype(np.int64), dict(views.vectors), linear, terms)

    def predict(self, views: Views, english: Sequence[bool] | None = None) -> Scores:
        """Scores texts.

        Args:
            views: Of the texts.
            english: Whether each text is in English; where it is not, MiniLM (which knows English alone) and the
                TF-IDF view are left out. None: all are.
        """
        count = len(views.texts)
        shown = tuple(self.classes[column] for column in self._shown)
        if not count:
            return Scores(shown, np.zeros((0, len(shown))), np.zeros((0, len(shown))), np.zeros(0))
        is_english = np.ones(count, bool) if english is None else np.asarray(english, bool)
        used = {name: is_english | (name not in ENGLISH_ONLY) for name in self._linear}
        total = np.zeros((count, len(self.classes)))
        for name, linear in self._linear.items():
            if name == TERMS:
                found = linear.log_probabilities_of_terms(self.terms.of(text) for text in views.texts)
            else:
                found = linear.log_probabilities(views.vectors[name])
            total += np.where(used[name][:, None], found, 0)
        logits = total / np.sum(list(used.values()), axis=0)[:, None]
        probabilities = np.exp(log_softmax(logits[:, self._shown]))
        aside = 1 - np.exp(log_softmax(logits))[:, self._shown].sum(axis=1)
        nearness = np.zeros_like(probabilities)
        for row, columns in enumerate(np.argsort(-probabilities, axis=1)[:, :NEAR_CLASSES]):
            cosines = [
                [self._nearest(name, self._shown[column], vectors[row]) for column in columns]
                for name, vectors in views.vectors.items()
                if used[name][row]
            ]
            nearness[row, columns] = np.exp(np.log(cosines).mean(axis=0))
        return Scores(shown, probabilities, nearness, np.clip(aside, 0, 1))

    def nearest(self, name: str, intent: str, vector: npt.NDArray[np.float32]) -> float:
        """Cosine to the nearest training example of an intent by one encoder, within (0, 1]; 0 of an unknown intent."""
        return self._nearest(name, self.classes.index(intent), vector) if intent in self.classes else 0.0

    def _nearest(self, name: str, column: int, vector: npt.NDArray[np.float32]) -> float:
        """Cosine to the nearest training example of a class, within (0, 1]."""
        return min(max(float((self._examples[name][column] @ vector).max()), 1e-6), 1.0)

    def save(self, folder: Path) -> None:
        """Writes the model's files into a folder."""
        arrays: dict[str, Any] = {"targets": self._targets}
        for name, matrix in self._vectors.items():
            arrays[f"vectors_{name}"] = matrix.astype(np.float16)  # 3 digits are enough for a cosine
        for name, linear in self._linear.items():
            arrays[f"weights_{name}"], arrays[f"bias_{name}"] = linear.weights, linear.bias
        arrays.update({f"idf_{name}": idf for name, idf in self.terms.idf.items()})
        np.savez(folder / "ensemble.npz", **arrays)
        about = {"format": FORMAT, "classes": self.classes, "vocabularies": self.terms.vocabularies}
        (folder / "ensemble.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Ensemble:
        """Reads a model back.

        Raises:
            ModelError: A file is missing, cut short, or of another format.
        """
        try:
            about = json.loads((folder / "ensemble.json").read_text(encoding="utf-8"))
            if about["format"] != FORMAT:
                raise ModelError(f"ensemble: model format {about['format']}, expected {FORMAT}; run ./marrow train")
            with np.load(folder / "ensemble.npz", allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            vocabularies = about["vocabularies"]
            terms = Terms(vocabularies, {name: arrays[f"idf_{name}"] for name in vocabularies})
            vectors = {name: arrays[f"vectors_{name}"].astype(np.float32) for name in ENCODERS}
            linear = {name: Linear(arrays[f"weights_{name}"], arrays[f"bias_{name}"]) for name in (*ENCODERS, TERMS)}
            return cls(tuple(about["classes"]), arrays["targets"], vectors, linear, terms)
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelError(
                f"ensemble: the model in {folder.name} cannot be read ({error!r}); run ./marrow train"
            ) from error


def cross_validated(
    views: Views,
    labels: Sequence[str],
    folds: int = 5,
    seed: int = SEED,
    inverse_regularisation: float = 20.0,
    pool: Executor | None = None,
) -> Scores:
    """Scores each training text by a model that has not seen it (stratified folds).

    Args:
        views: Of the training texts.
        labels: Intent of each text.
        folds: How many; never more than the rarest intent has texts, never fewer than two.
        seed: Of the choice of folds.
        inverse_regularisation: `C` of the logistic regressions, without unit.
        pool: Fits the folds; None: one of its own, of two threads.

    Returns:
        Scores over all classes, rows in the order of `labels`; a class too rare to be in a fold's training part
        has probability 0 there.
    """
    from sklearn.model_selection import StratifiedKFold

    classes, targets = np.unique(np.asarray(labels), return_inverse=True)
    shown = classes[classes != ASIDE]
    probabilities = np.zeros((len(labels), len(shown)))
    nearness = np.zeros_like(probabilities)
    aside = np.zeros(len(labels))
    smallest = int(np.bincount(targets).min())
    splitter = StratifiedKFold(n_splits=max(2, min(folds, smallest)), shuffle=True, random_state=seed)

    def one_fold(fold: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]) -> None:
        train, test = fold
        model = Ensemble.fit(views.rows(train), [labels[row] for row in train], inverse_regularisation)
        scores = model.predict(views.rows(test))
        columns = np.searchsorted(shown, scores.classes)
        probabilities[np.ix_(test, columns)] = scores.probabilities
        nearness[np.ix_(test, columns)] = scores.nearness
        aside[test] = scores.aside

    own = ThreadPoolExecutor(2) if pool is None else nullcontext(pool)
    with warnings.catch_warnings(), own as workers:
        warnings.simplefilter("ignore", UserWarning)  # classes with fewer members than folds are expected
        list(workers.map(one_fold, splitter.split(targets, targets)))
    return Scores(tuple(str(name) for name in shown), probabilities, nearness, aside)


__all__ = ["Ensemble", "Scores", "Views", "cross_validated", "views_of"]
