"""The parts of a classifier: the TF-IDF view of a text, and a logistic regression reduced to what prediction needs.

Pure numpy and scikit-learn, no Rasa.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack, issparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Floats: TypeAlias = npt.NDArray[np.float64]
TermRow: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
SEED = 20260101

DENSE_ITERATIONS = 40  # of L-BFGS on sentence vectors; more fit the training texts better and held-back ones worse
# Texts that SAGA looks at on the sparse view: as good as L-BFGS to the end in a seventh of its time (measured on 10,000
# texts, where this is 10 rounds); small sets get more rounds over their few texts.
SPARSE_LOOKS = 20_000
SPARSE_ROUNDS = (10, 100)  # bounds of the rounds
FEW_TEXTS = 100  # below, terms of one text alone are kept


def log_softmax(logits: Floats) -> Floats:
    """Logarithms of the probabilities of logits, shape (texts, classes)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised


TEXT = ("words", "characters")  # the kinds of terms of a text
MARKED = ("marked",)  # of words parted by blanks, each a term as it stands
SYLLABLES = ("syllables",)  # of languages that part their words otherwise, or hang much on one word


def _vectorizer(kind: str, texts: int = FEW_TEXTS) -> TfidfVectorizer:
    # a term of one text alone teaches nothing about others; leaving it out halves the time of training. A handful of
    # texts may share no term at all, and scikit-learn refuses an empty vocabulary
    least = 2 if texts >= FEW_TEXTS else 1
    return {
        "words": TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", min_df=least),
        "characters": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=least),
        "marked": TfidfVectorizer(analyzer=str.split, min_df=least),
        "syllables": TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=least),
    }[kind]


class Terms:
    """The TF-IDF view of one text at a time.

    scikit-learn finds vocabulary and weights in training; its `transform` is made for many texts and takes ten times as
    long as this for one.
    """

    def __init__(self, vocabularies: Mapping[str, Sequence[str]], idf: Mapping[str, npt.NDArray[np.float32]]) -> None:
        self.vocabularies, self.idf = vocabularies, idf
        self._views = []
        offset = 0
        for name, vocabulary in vocabularies.items():
            columns = {term: column for column, term in enumerate(vocabulary)}
            self._views.append((_vectorizer(name).build_analyzer(), columns, idf[name], offset))
            offset += len(columns)

    @classmethod
    def fit(cls, texts: Sequence[str], kinds: Sequence[str] = TEXT) -> tuple[Terms, Any]:
        """Learns terms of some kinds from texts; gives their sparse view too, shape (texts, terms)."""
        vectorizers = {kind: _vectorizer(kind, len(texts)) for kind in kinds}
        matrix = hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers.values()]).tocsr()
        terms = cls(
            {name: one.get_feature_names_out().tolist() for name, one in vectorizers.items()},
            {name: one.idf_.astype(np.float32) for name, one in vectorizers.items()},
        )
        return terms, matrix.astype(np.float32)

    def of(self, text: str) -> TermRow:
        """The columns of a text's terms and their values."""
        columns, values = [], []
        for analyze, vocabulary, idf, offset in self._views:
            counts = Counter(vocabulary[term] for term in analyze(text) if term in vocabulary)
            own = np.fromiter(counts, np.int64, len(counts))
            weighted = np.fromiter(counts.values(), np.float32, len(counts)) * idf[own]
            columns.append(own + offset)
            values.append(weighted / (np.linalg.norm(weighted) or 1))
        return np.concatenate(columns), np.concatenate(values)

    def matrix(self, rows: Sequence[TermRow]) -> csr_matrix:
        """The sparse view of texts given as `of` gives them, shape (texts, terms)."""
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        width = sum(len(terms) for terms in self.vocabularies.values())
        columns, values = (np.concatenate(parts) for parts in zip(*rows))
        return csr_matrix((values, columns, ends), shape=(len(rows), width))


class Linear:
    """A fitted multinomial logistic regression, reduced to what prediction needs."""

    def __init__(self, weights: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> None:
        self.weights, self.bias = weights, bias
        self._by_feature = np.ascontiguousarray(weights.T)  # what a text of few terms reads, laid out once

    @classmethod
    def fit(cls, features: Any, targets: npt.NDArray[np.int64], classes: int, inverse_regularisation: float) -> Linear:
        """Fits on features, dense or sparse, of shape (texts, features), and the number of each text's class.

        A class that no text has gets no weight, and a log-probability of minus infinity.
        """
        there, among = np.unique(targets, return_inverse=True)
        if len(there) < classes:
            found = cls.fit(features, among, len(there), inverse_regularisation)
            spread = np.zeros((classes, features.shape[1]), np.float32)
            absent: npt.NDArray[np.float32] = np.full(classes, -np.inf, np.float32)
            spread[there], absent[there] = found.weights, found.bias
            return cls(spread, absent)
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
            model.fit(features, targets)
        weights, bias = model.coef_, model.intercept_
        if classes == 2:  # scikit-learn keeps one row for two classes
            weights, bias = np.vstack([np.zeros_like(weights), weights]), np.concatenate([np.zeros_like(bias), bias])
        return cls(weights.astype(np.float32), bias.astype(np.float32))

    def log_probabilities(self, features: npt.NDArray[np.float32]) -> Floats:
        """Of each class, for texts given as vectors; shape (texts, classes)."""
        return log_softmax((features @ self.weights.T).astype(np.float64) + self.bias)

    def log_probabilities_of_terms(self, rows: Iterable[TermRow]) -> Floats:
        """Of each class, for texts given as `Terms.of` gives them; shape (texts, classes)."""
        logits = np.stack([values @ self._by_feature[columns] for columns, values in rows])
        return log_softmax(logits.astype(np.float64) + self.bias)
