"""Whether a message tells of danger: what the classifier and the rules each saw, weighed together.

Among fifty intents the classifier has to tell danger from each of them; here every example of danger stands against
every other one, which tells look-alikes (denied, over, idiom) better apart. Three regressions, one for each view of a
text, give the odds of danger; a fourth weighs them together with the classifier's probability of the safety intents and
with what the rules of `bot.screen` said. Its weights are learned from training texts that none of the others had seen.

What comes out is a probability with a threshold (`bot.understand.outcome`). It adds to the rules: a red verdict of
theirs is danger whatever is said here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.errors import ModelError
from bot.screen import Verdict
from bot.understand.ensemble import ENCODERS, ENGLISH_ONLY, TERMS, Views
from bot.understand.linear import SEED, Floats, Linear, TermRow, Terms

FILE = "danger.npz"
VIEWS = (*ENCODERS, TERMS)
_LEAST = 1e-6  # probabilities are kept this far from 0 and 1, so that their odds stay finite
_FEWEST = 20  # texts of danger, and others, below which there is nothing to learn weights from


def _odds(probability: Floats) -> Floats:
    kept = np.clip(probability, _LEAST, 1 - _LEAST)
    log_odds: Floats = np.log(kept) - np.log1p(-kept)
    return log_odds


def _said(verdicts: Sequence[Verdict]) -> Floats:
    """What the rules said of texts, shape (texts, 4)."""
    return np.array(
        [[one.is_red, one.verdict == "check", one.verdict == "personal_advice", one.explained] for one in verdicts],
        dtype=float,
    ).reshape(len(verdicts), 4)


class DangerModel:
    """The fitted weights. Make one with `fit` or `load`."""

    def __init__(self, heads: Mapping[str, Linear], weights: Floats, bias: float) -> None:
        """Takes the fitted parts; use `fit` or `load` instead."""
        self._heads, self._weights, self._bias = dict(heads), weights, bias

    @classmethod
    def fit(
        cls,
        views: Views,
        terms: Terms,
        is_danger: npt.NDArray[np.bool_],
        likely: Floats,
        verdicts: Sequence[Verdict],
        *,
        folds: int = 3,
        inverse_regularisation: float = 20.0,
    ) -> tuple[DangerModel, Floats] | None:
        """Fits on training texts.

        Args:
            views: Of the texts.
            terms: Of the classifier.
            is_danger: Whether each tells of danger, shape (texts,).
            likely: Probability of the safety intents by a classifier that had not seen the text, shape (texts,).
            verdicts: Of the rules.
            folds: In which the regressions of the views are held out for the last one.
            inverse_regularisation: `C` of the regressions of the views, without unit.

        Returns:
            The model, and the probability of danger of each training text by regressions that had not seen it; None
            where there are too few texts of danger, or of anything else, to learn from.
        """
        if min(is_danger.sum(), (~is_danger).sum()) < max(_FEWEST, folds):
            return None
        rows = [terms.of(text) for text in views.texts]
        matrix = terms.matrix(rows)
        features: dict[str, Any] = {**{name: views.vectors[name] for name in ENCODERS}, TERMS: matrix}
        targets = is_danger.astype(np.int64)

        def heads_of(train: npt.NDArray[np.int64]) -> dict[str, Linear]:
            return {
                name: Linear.fit(whole[train], targets[train], 2, inverse_regularisation)
                for name, whole in features.items()
            }

        odds = np.zeros((len(targets), len(VIEWS)))
        splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=SEED)
        for train, test in splitter.split(targets, targets):
            odds[test] = cls._odds_of(heads_of(train), views.rows(test), [rows[row] for row in test])
        together = np.column_stack([_odds(likely), odds, _said(verdicts)])
        last = LogisticRegression(class_weight="balanced", max_iter=1000).fit(together, targets)
        model = cls(heads_of(np.arange(len(targets))), last.coef_[0], float(last.intercept_[0]))
        return model, last.predict_proba(together)[:, 1]

    @staticmethod
    def _odds_of(heads: Mapping[str, Linear], views: Views, rows: Sequence[TermRow]) -> Floats:
        """Log-odds of danger by each view, shape (texts, views)."""
        found = []
        for name in VIEWS:
            said = (
                heads[name].log_probabilities_of_terms(rows)
                if name == TERMS
                else heads[name].log_probabilities(views.vectors[name])
            )
            found.append(said[:, 1] - said[:, 0])
        return np.column_stack(found)

    def predict(
        self, views: Views, terms: Terms, likely: Floats, verdicts: Sequence[Verdict], english: Sequence[bool]
    ) -> Floats:
        """Probability of danger of each text, shape (texts,).

        Args:
            views: Of the texts.
            terms: Of the classifier.
            likely: Its probability of the safety intents, shape (texts,).
            verdicts: Of the rules.
            english: Whether each text is in English; where it is not, the odds of the multilingual view stand for
                those of the views that know English alone.
        """
        odds = self._odds_of(self._heads, views, [terms.of(text) for text in views.texts])
        everywhere = [place for place, name in enumerate(VIEWS) if name not in ENGLISH_ONLY]
        stranger = ~np.asarray(english, bool)
        odds[stranger] = odds[stranger][:, everywhere].mean(axis=1, keepdims=True)
        score = np.column_stack([_odds(likely), odds, _said(verdicts)]) @ self._weights + self._bias
        probability: Floats = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
        return probability

    def save(self, folder: Path) -> None:
        """Writes the model into a folder."""
        arrays = {f"weights_{name}": head.weights for name, head in self._heads.items()}
        arrays |= {f"bias_{name}": head.bias for name, head in self._heads.items()}
        np.savez(folder / FILE, **arrays, together=self._weights, together_bias=np.array(self._bias))

    @classmethod
    def load(cls, folder: Path) -> DangerModel | None:
        """Reads a model back; None where none was kept, because there was nothing to learn from.

        Raises:
            ModelError: The file is cut short or holds something else.
        """
        if not (folder / FILE).exists():
            return None
        try:
            with np.load(folder / FILE, allow_pickle=False) as file:
                heads = {name: Linear(file[f"weights_{name}"], file[f"bias_{name}"]) for name in VIEWS}
                return cls(heads, file["together"], float(file["together_bias"]))
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError) as error:
            raise ModelError(f"danger: {FILE} of the model cannot be read ({error!r}); run ./marrow train") from error


__all__ = ["DangerModel"]
