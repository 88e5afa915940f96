"""What danger is weighed with: a network over vectors, the words sentence by sentence, and the last regression.

Pure numpy and scikit-learn. `bot.understand.danger` puts them together.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from bot.screen import Outline, outline
from bot.understand.ensemble import ENCODERS, TERMS, Views
from bot.understand.linear import SEED, Floats, Linear, TermRow, Terms
from bot.understand.splitting import sentences_of

OUTLINE = "outline"
SPARSE = (TERMS, OUTLINE)
_UNITS = 128  # of the network; twice as many, or a second layer, told no more apart in cross-validation
_DECAY = 0.01  # of its weights
_ROUNDS = 30  # over the texts, at most; it stops by itself where texts kept aside get no better
_FEW_TEXTS = 1000  # below which none can be kept aside
# Of the last regression, on columns of mean 0 and spread 1. Strong, since folds share wordings, which makes the
# classifier's word look surer than it is: from 1 down to this, about 1 more in 100 of the safety set's dev half was
# caught at the same share of false alarms.
_LAST_INVERSE_REGULARISATION = 0.01
_LEAST = 1e-6  # probabilities are kept this far from 0 and 1, so that their odds stay finite


def log_odds(probability: Floats) -> Floats:
    """Logarithms of the odds of probabilities, finite at 0 and 1 too."""
    kept = np.clip(probability, _LEAST, 1 - _LEAST)
    odds: Floats = np.log(kept) - np.log1p(-kept)
    return odds


@dataclass(frozen=True)
class Network:
    """One hidden layer over the vectors of all encoders, side by side.

    Attributes:
        hidden: Weights of the hidden units, shape (dimensions, units).
        hidden_bias: Added to each, shape (units,).
        out: Weights of the answer, shape (units,).
        out_bias: Added to it, shape ().
    """

    hidden: npt.NDArray[np.float32]
    hidden_bias: npt.NDArray[np.float32]
    out: npt.NDArray[np.float32]
    out_bias: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, vectors: npt.NDArray[np.float32], targets: npt.NDArray[np.int64]) -> Network:
        """Fits on vectors, shape (texts, dimensions)."""
        scaler = StandardScaler().fit(vectors)
        model = MLPClassifier(
            (_UNITS,), alpha=_DECAY, learning_rate_init=5e-4, max_iter=_ROUNDS, random_state=SEED,
            early_stopping=len(targets) >= _FEW_TEXTS,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is meant
            model.fit(scaler.transform(vectors), targets)
        hidden = model.coefs_[0] / scaler.scale_[:, None]
        bias = model.intercepts_[0] - scaler.mean_ @ hidden
        parts = (hidden, bias, model.coefs_[1][:, 0], model.intercepts_[1][0])
        return cls(*(np.asarray(part, np.float32) for part in parts))

    def odds(self, vectors: npt.NDArray[np.float32]) -> Floats:
        """Log-odds of danger, shape (texts,)."""
        units = np.maximum(vectors @ self.hidden + self.hidden_bias, 0)
        found: Floats = (units @ self.out + self.out_bias).astype(np.float64)
        return found


def together(views: Views) -> npt.NDArray[np.float32]:
    """The vectors of all encoders side by side, shape (texts, dimensions)."""
    return np.hstack([views.vectors[name] for name in ENCODERS]).astype(np.float32)


@dataclass(frozen=True)
class Sparse:
    """The views of words of some texts.

    Attributes:
        outlines: Of the texts.
        rows: Of the texts, by view.
        sentences: Of the sentences of each text, at least one, by view.
    """

    outlines: list[Outline]
    rows: dict[str, list[TermRow]]
    sentences: dict[str, list[list[TermRow]]]

    @classmethod
    def of(cls, texts: Sequence[str], outlines: list[Outline], terms: Terms, marked: Terms) -> Sparse:
        """Reads texts, given with their outlines."""
        rows = {TERMS: [terms.of(text) for text in texts], OUTLINE: [_marked_row(marked, one) for one in outlines]}
        sentences: dict[str, list[list[TermRow]]] = {name: [] for name in SPARSE}
        for place, text in enumerate(texts):
            several = sentences_of(text)
            if len(several) > 1:
                sentences[TERMS].append([terms.of(one) for one in several])
                sentences[OUTLINE].append([_marked_row(marked, outline(one)) for one in several])
            else:
                for name in SPARSE:
                    sentences[name].append([rows[name][place]])
        return cls(outlines, rows, sentences)

    def chosen(self, places: npt.NDArray[np.int64]) -> Sparse:
        """Those of the chosen texts."""
        rows = {name: [whole[place] for place in places] for name, whole in self.rows.items()}
        sentences = {name: [whole[place] for place in places] for name, whole in self.sentences.items()}
        return Sparse([self.outlines[place] for place in places], rows, sentences)

    def most(self, name: str, head: Linear) -> Floats:
        """Log-odds of the most dangerous sentence of each text by one view, shape (texts,)."""
        flat = [row for several in self.sentences[name] for row in several]
        starts = np.cumsum([0, *(len(several) for several in self.sentences[name][:-1])])
        said = head.log_probabilities_of_terms(flat)
        found: Floats = np.maximum.reduceat(said[:, 1] - said[:, 0], starts)
        return found


def _marked_row(marked: Terms, one: Outline) -> TermRow:
    return marked.of(" ".join(one.words))


@dataclass(frozen=True)
class Last:
    """The last regression, on columns as they come.

    Attributes:
        weights: Of the columns: classifier, views, network, rules, counts.
        bias: Added to their weighted sum.
        usual: Mean of each column in training; stands for counts of a text that the outline cannot read.
    """

    weights: Floats
    bias: float
    usual: Floats

    @classmethod
    def fit(
        cls,
        columns: Floats,
        targets: npt.NDArray[np.int64],
        *,
        inverse_regularisation: float = _LAST_INVERSE_REGULARISATION,
        class_weight: str | None = "balanced",
    ) -> tuple[Last, Floats]:
        """Fits; gives the probability of each text too."""
        scaler = StandardScaler().fit(columns)
        model = LogisticRegression(class_weight=class_weight, max_iter=1000, C=inverse_regularisation)
        model.fit(scaler.transform(columns), targets)
        weights = model.coef_[0] / scaler.scale_
        last = cls(weights, float(model.intercept_[0] - weights @ scaler.mean_), scaler.mean_)
        return last, last.probabilities(columns)

    def odds(self, columns: Floats) -> Floats:
        """Log-odds of danger, shape (texts,)."""
        found: Floats = columns @ self.weights + self.bias
        return found

    def probabilities(self, columns: Floats) -> Floats:
        """Of danger, shape (texts,)."""
        probability: Floats = 1 / (1 + np.exp(-np.clip(self.odds(columns), -500, 500)))
        return probability


__all__ = ["OUTLINE", "SPARSE", "Last", "Network", "Sparse", "log_odds", "together"]
