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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack, issparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.errors import ModelError
from bot.understand.encoders import Encoder, encoder

Floats: TypeAlias = npt.NDArray[np.float64]
SEED = 20260101
FORMAT = 1  # of the files on disk; raised when they change

ENCODERS = ("minilm", "use")
DENSE_ITERATIONS = 40  # of L-BFGS on sentence vectors; more fit the training texts better and held-back ones worse
# Texts that SAGA looks at on the sparse view: as good as L-BFGS to the end in a seventh of its time (measured on 10,000
# texts, where this is 10 rounds); small sets get more rounds over their few texts.
SPARSE_LOOKS = 30_000
SPARSE_ROUNDS = (10, 100)  # bounds of the rounds
FEW_TEXTS = 100  # below, terms of one text alone are kept
ENGLISH_ONLY = frozenset({"minilm"})


@dataclass(frozen=True)
class Scores:
    """What the ensemble says of some texts.

    Attributes:
        classes: Intent names, in the order of the columns.
        probabilities: Shape (texts, classes); rows sum to 1.
        nearness: Shape (texts, classes); geometric mean of the cosines to the nearest example, 0 to 1.
    """

    classes: tuple[str, ...]
    probabilities: Floats
    nearness: Floats

    @property
    def scores(self) -> Floats:
        """Probability times nearness, shape (texts, classes)."""
        return self.probabilities * self.nearness


@dataclass(frozen=True)
class Views:
    """Three views of some texts, computed once and used for training, cross-validation and prediction."""

    texts: tuple[str, ...]
    vectors: dict[str, npt.NDArray[np.float32]]

    def rows(self, chosen: npt.NDArray[np.int64]) -> Views:
        """The views of the chosen texts."""
        return Views(
            tuple(self.texts[row] for row in chosen), {name: matrix[chosen] for name, matrix in self.vectors.items()}
        )


def views_of(texts: Sequence[str], encoders: dict[str, Encoder] | None = None) -> Views:
    """Encodes texts; `encoders` replaces the real ones where the meaning of vectors is not tested."""
    used = encoders or {name: encoder(name) for name in ENCODERS}
    lowered = [text.lower() for text in texts]
    return Views(tuple(lowered), {name: used[name].encode(lowered) for name in ENCODERS})


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised


def _vectorizers(texts: int = FEW_TEXTS) -> dict[str, TfidfVectorizer]:
    # a term of one text alone teaches nothing about others; leaving it out halves the time of training. A handful of
    # texts may share no term at all, and scikit-learn refuses an empty vocabulary
    least = 2 if texts >= FEW_TEXTS else 1
    return {
        "words": TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", min_df=least),
        "characters": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=least),
    }


class _Linear:
    """A fitted multinomial logistic regression, reduced to what prediction needs."""

    def __init__(self, weights: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> None:
        self.weights, self.bias = weights, bias
        self._columns = np.ascontiguousarray(weights.T)  # what a sparse product reads, laid out once

    @classmethod
    def fit(cls, features: Any, targets: npt.NDArray[np.int64], classes: int, inverse_regularisation: float) -> _Linear:
        if classes == 1:  # nothing to tell apart, and scikit-learn refuses it
            return cls(np.zeros((1, features.shape[1]), np.float32), np.zeros(1, np.float32))
        shared: dict[str, Any] = {"C": inverse_regularisation, "class_weight": "balanced", "tol": 1e-3}
        if issparse(features):
            rounds = min(max(SPARSE_LOOKS // len(targets), SPARSE_ROUNDS[0]), SPARSE_ROUNDS[1])
            model = LogisticRegression(solver="saga", max_iter=rounds, random_state=SEED, **shared)
        else:
            model = LogisticRegression(max_iter=DENSE_ITERATIONS, **shared)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is meant, see above
            model.fit(features.astype(np.float32), targets)
        weights, bias = model.coef_, model.intercept_
        if classes == 2:  # scikit-learn keeps one row for two classes
            weights, bias = np.vstack([np.zeros_like(weights), weights]), np.concatenate([np.zeros_like(bias), bias])
        return cls(weights.astype(np.float32), bias.astype(np.float32))

    def log_probabilities(self, features: Any) -> Floats:
        return _log_softmax(np.asarray(features @ self._columns, dtype=np.float64) + self.bias)


class Ensemble:
    """The fitted classifier. Make one with `fit` or `load`."""

    def __init__(
        self,
        classes: tuple[str, ...],
        targets: npt.NDArray[np.int64],
        vectors: dict[str, npt.NDArray[np.float32]],
        linear: dict[str, _Linear],
        vectorizers: dict[str, TfidfVectorizer],
    ) -> None:
        """Takes the fitted parts; use `fit` or `load` instead."""
        self.classes = classes
        self._targets = targets
        self._vectors = vectors
        self._linear = linear
        self._vectorizers = vectorizers
        # laid out once for prediction: examples by class, so that the nearest of each is one pass
        order = np.argsort(targets, kind="stable")
        self._examples = {name: np.ascontiguousarray(matrix[order].T) for name, matrix in vectors.items()}
        self._starts = np.searchsorted(targets[order], np.arange(len(classes)))

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
            vectorizers = {name: one.fit(views.texts) for name, one in _vectorizers(len(views.texts)).items()}
        except ValueError as error:
            raise ModelError(
                f"ensemble: {len(labels)} examples hold no words to learn from ({error}); add some to data/nlu.yml"
            ) from error
        features: dict[str, Any] = dict(views.vectors)
        features["tfidf"] = hstack([vectorizer.transform(views.texts) for vectorizer in vectorizers.values()]).tocsr()
        linear = {
            name: _Linear.fit(matrix, targets, len(classes), inverse_regularisation)
            for name, matrix in features.items()
        }
        names = tuple(str(name) for name in classes)
        return cls(names, targets.astype(np.int64), dict(views.vectors), linear, vectorizers)

    def predict(self, views: Views, english: Sequence[bool] | None = None) -> Scores:
        """Scores texts.

        Args:
            views: Of the texts.
            english: Whether each text is in English; where it is not, MiniLM (which knows English alone) and the
                TF-IDF view are left out. None: all are.
        """
        count = len(views.texts)
        is_english = np.ones(count, bool) if english is None else np.asarray(english, bool)
        tfidf = hstack([vectorizer.transform(views.texts) for vectorizer in self._vectorizers.values()]).tocsr()
        total = np.zeros((count, len(self.classes)))
        weight = np.zeros((count, 1))
        nearness_log = np.zeros((count, len(self.classes)))
        nearness_weight = np.zeros((count, 1))
        for name, linear in self._linear.items():
            use = (is_english | (name not in ENGLISH_ONLY | {"tfidf"}))[:, None]
            features = tfidf if name == "tfidf" else views.vectors[name]
            total += np.where(use, linear.log_probabilities(features), 0)
            weight += use
            if name in self._vectors:
                nearness_log += np.where(use, np.log(self._nearest(name, views.vectors[name])), 0)
                nearness_weight += use
        probabilities = np.exp(_log_softmax(total / weight))
        return Scores(self.classes, probabilities, np.exp(nearness_log / nearness_weight))

    def _nearest(self, name: str, vectors: npt.NDArray[np.float32]) -> Floats:
        """Cosine to the nearest training example of each class, shape (texts, classes), within (0, 1]."""
        cosines = vectors @ self._examples[name]
        nearest = np.maximum.reduceat(cosines, self._starts, axis=1)
        return np.clip(nearest.astype(np.float64), 1e-6, 1.0)

    def save(self, folder: Path) -> None:
        """Writes the model's files into a folder."""
        arrays: dict[str, Any] = {"targets": self._targets}
        for name, matrix in self._vectors.items():
            arrays[f"vectors_{name}"] = matrix.astype(np.float16)  # 3 digits are enough for a cosine
        for name, linear in self._linear.items():
            arrays[f"weights_{name}"], arrays[f"bias_{name}"] = linear.weights, linear.bias
        vocabularies = {}
        for name, vectorizer in self._vectorizers.items():
            arrays[f"idf_{name}"] = vectorizer.idf_
            vocabularies[name] = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
        np.savez(folder / "ensemble.npz", **arrays)
        about = {"format": FORMAT, "classes": self.classes, "vocabularies": vocabularies}
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
            vectorizers = _vectorizers()
            for name, vectorizer in vectorizers.items():
                vectorizer.vocabulary = {term: column for column, term in enumerate(about["vocabularies"][name])}
                vectorizer.idf_ = arrays[f"idf_{name}"]
            vectors = {name: arrays[f"vectors_{name}"].astype(np.float32) for name in ENCODERS}
            linear = {name: _Linear(arrays[f"weights_{name}"], arrays[f"bias_{name}"]) for name in (*ENCODERS, "tfidf")}
            return cls(tuple(about["classes"]), arrays["targets"], vectors, linear, vectorizers)
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelError(
                f"ensemble: the model in {folder.name} cannot be read ({error!r}); run ./marrow train"
            ) from error


def cross_validated(
    views: Views, labels: Sequence[str], folds: int = 5, seed: int = SEED, inverse_regularisation: float = 20.0
) -> Scores:
    """Scores each training text by a model that has not seen it (stratified folds).

    Returns:
        Scores over all classes, rows in the order of `labels`; a class too rare to be in a fold's training part
        has probability 0 there.
    """
    from sklearn.model_selection import StratifiedKFold

    classes, targets = np.unique(np.asarray(labels), return_inverse=True)
    probabilities = np.zeros((len(labels), len(classes)))
    nearness = np.zeros_like(probabilities)
    smallest = int(np.bincount(targets).min())
    splitter = StratifiedKFold(n_splits=max(2, min(folds, smallest)), shuffle=True, random_state=seed)

    def one_fold(fold: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]) -> None:
        train, test = fold
        model = Ensemble.fit(views.rows(train), [labels[row] for row in train], inverse_regularisation)
        scores = model.predict(views.rows(test))
        columns = np.searchsorted(classes, scores.classes)
        probabilities[np.ix_(test, columns)] = scores.probabilities
        nearness[np.ix_(test, columns)] = scores.nearness

    with warnings.catch_warnings(), ThreadPoolExecutor(2) as pool:
        warnings.simplefilter("ignore", UserWarning)  # classes with fewer members than folds are expected
        list(pool.map(one_fold, splitter.split(targets, targets)))
    return Scores(tuple(str(name) for name in classes), probabilities, nearness)


__all__ = ["Ensemble", "Scores", "Views", "cross_validated", "views_of"]
