"""Whether a message tells of danger: what the classifier and the rules each saw, weighed together.

Among fifty intents the classifier has to tell danger from each of them; here every example of danger stands against
every other one, which tells look-alikes (denied, over, idiom) better apart. Four regressions, one for each view of a
text, give the odds of danger. Three views are the classifier's; the fourth is the text in outline, its words marked by
the frame they stand in (`bot.screen.outline`), so that "no fever" and "fever" are two things. A small network over the
vectors of both encoders gives them a fifth time: it sees that "fever" and "was years ago" belong together, where a
regression adds them up. A last regression weighs the five together with the classifier's probability of the safety
intents, with what the rules of `bot.screen` said and with how many words of danger stand in which frame. Its weights
are learned from training texts that none of the others had seen.

What comes out is a probability with a threshold (`bot.understand.outcome`). It adds to the rules: a red verdict of
theirs is danger whatever is said here.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import yaml
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from bot.errors import ModelError
from bot.screen import COUNTS, Outline, Verdict, outline
from bot.understand.ensemble import ENCODERS, ENGLISH_ONLY, TERMS, Views
from bot.understand.linear import MARKED, SEED, Floats, Linear, TermRow, Terms

FILE, WORDS_FILE = "danger.npz", "danger.json"
OUTLINE, NETWORK = "outline", "network"
VIEWS = (*ENCODERS, TERMS, OUTLINE)
_COLUMNS = (*VIEWS, NETWORK)
_ENGLISH_ONLY = ENGLISH_ONLY | {OUTLINE, NETWORK}
_UNITS = 128  # of the network; twice as many, or a second layer, told no more apart in cross-validation
_DECAY = 0.01  # of its weights
_ROUNDS = 30  # over the texts, at most; it stops by itself where texts kept aside get no better
_FEW_TEXTS = 1000  # below which none can be kept aside
# Of the last regression, on columns of mean 0 and spread 1. Strong, since folds share wordings, which makes the
# classifier's word look surer than it is: from 1 down to this, about 1 more in 100 of the safety set's dev half was
# caught at the same share of false alarms.
_LAST_INVERSE_REGULARISATION = 0.01
_LEAST = 1e-6  # probabilities are kept this far from 0 and 1, so that their odds stay finite
_FEWEST = 20  # texts of danger, and others, below which there is nothing to learn weights from


def log_odds(probability: Floats) -> Floats:
    """Logarithms of the odds of probabilities, finite at 0 and 1 too."""
    kept = np.clip(probability, _LEAST, 1 - _LEAST)
    odds: Floats = np.log(kept) - np.log1p(-kept)
    return odds


def said_by_rules(verdicts: Sequence[Verdict]) -> Floats:
    """What the rules said of texts, shape (texts, 5)."""
    return np.array(
        [
            [
                one.is_red, one.verdict == "check" and not one.doubted, one.verdict == "personal_advice", one.explained,
                bool(one.doubted),
            ]
            for one in verdicts
        ],
        dtype=float,
    ).reshape(len(verdicts), 5)  # fmt: skip


def examples(file: Path) -> list[tuple[str, bool]]:
    """Messages that teach danger alone, and whether each tells of it.

    Args:
        file: YAML as `data/danger.yml` is.

    Raises:
        ModelError: It holds something else.
    """
    try:
        found = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        harmless = [str(text) for kind in found["look_alikes"].values() for text in kind]
        return [(text, False) for text in harmless] + [(str(text), True) for text in found["danger"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{file}: it must hold `danger:` with a list of messages, and `look_alikes:` with one for each kind "
            f"({error!r}); mend it"
        ) from error


def _counted(outlines: Sequence[Outline]) -> Floats:
    """Logarithms of counts, shape (texts, counts): a second word of a kind tells less than the first."""
    counts: Floats = np.log1p(np.array([one.counts for one in outlines], dtype=float).reshape(-1, len(COUNTS)))
    return counts


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


def _together(views: Views) -> npt.NDArray[np.float32]:
    """The vectors of all encoders side by side, shape (texts, dimensions)."""
    return np.hstack([views.vectors[name] for name in ENCODERS]).astype(np.float32)


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


class DangerModel:
    """The fitted weights. Make one with `fit` or `load`."""

    def __init__(self, heads: Mapping[str, Linear], network: Network, marked: Terms, last: Last) -> None:
        """Takes the fitted parts; use `fit` or `load` instead."""
        self._heads, self._network, self._marked, self._last = dict(heads), network, marked, last

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
        outlines = [outline(text) for text in views.texts]
        marked, marked_matrix = Terms.fit([" ".join(one.words) for one in outlines], MARKED)
        rows = {TERMS: [terms.of(text) for text in views.texts], OUTLINE: cls._rows_of(marked, outlines)}
        features: dict[str, Any] = {name: views.vectors[name] for name in ENCODERS}
        features |= {TERMS: terms.matrix(rows[TERMS]), OUTLINE: marked_matrix}
        targets = is_danger.astype(np.int64)

        def heads_of(train: npt.NDArray[np.int64]) -> dict[str, Linear]:
            return {
                name: Linear.fit(whole[train], targets[train], 2, inverse_regularisation)
                for name, whole in features.items()
            }

        together = _together(views)
        odds = np.zeros((len(targets), len(_COLUMNS)))
        splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=SEED)
        for train, test in splitter.split(targets, targets):
            chosen = {name: [whole[row] for row in test] for name, whole in rows.items()}
            network = Network.fit(together[train], targets[train])
            odds[test] = cls._odds_of(heads_of(train), network, views.rows(test), chosen)
        last, held_out = Last.fit(
            np.column_stack([log_odds(likely), odds, said_by_rules(verdicts), _counted(outlines)]), targets
        )
        return cls(heads_of(np.arange(len(targets))), Network.fit(together, targets), marked, last), held_out

    @staticmethod
    def _rows_of(marked: Terms, outlines: Sequence[Outline]) -> list[TermRow]:
        return [marked.of(" ".join(one.words)) for one in outlines]

    @staticmethod
    def _odds_of(
        heads: Mapping[str, Linear], network: Network, views: Views, rows: Mapping[str, Sequence[TermRow]]
    ) -> Floats:
        """Log-odds of danger, shape (texts, views and the network); `rows` are those of the sparse views."""
        found = []
        for name in VIEWS:
            said = (
                heads[name].log_probabilities_of_terms(rows[name])
                if name in rows
                else heads[name].log_probabilities(views.vectors[name])
            )
            found.append(said[:, 1] - said[:, 0])
        return np.column_stack([*found, network.odds(_together(views))])

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
                those of the views that know English alone, and usual counts for those of the outline.
        """
        outlines = [outline(text) for text in views.texts]
        rows = {TERMS: [terms.of(text) for text in views.texts], OUTLINE: self._rows_of(self._marked, outlines)}
        odds, counts = self._odds_of(self._heads, self._network, views, rows), _counted(outlines)
        everywhere = [place for place, name in enumerate(_COLUMNS) if name not in _ENGLISH_ONLY]
        stranger = ~np.asarray(english, bool)
        odds[stranger] = odds[stranger][:, everywhere].mean(axis=1, keepdims=True)
        counts[stranger] = self._last.usual[-len(COUNTS) :]
        return self._last.probabilities(np.column_stack([log_odds(likely), odds, said_by_rules(verdicts), counts]))

    def save(self, folder: Path) -> None:
        """Writes the model into a folder."""
        arrays = {f"weights_{name}": head.weights for name, head in self._heads.items()}
        arrays |= {f"bias_{name}": head.bias for name, head in self._heads.items()}
        arrays |= {f"idf_{kind}": idf for kind, idf in self._marked.idf.items()}
        last = {"last": self._last.weights, "last_bias": np.array(self._last.bias), "last_usual": self._last.usual}
        network = {f"network_{name}": value for name, value in vars(self._network).items()}
        np.savez(folder / FILE, **arrays, **network, **last)
        words = json.dumps(self._marked.vocabularies, ensure_ascii=False)
        (folder / WORDS_FILE).write_text(words, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> DangerModel | None:
        """Reads a model back; None where none was kept, because there was nothing to learn from.

        Raises:
            ModelError: The file is cut short or holds something else.
        """
        if not (folder / FILE).exists():
            return None
        try:
            vocabularies = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
            with np.load(folder / FILE, allow_pickle=False) as file:
                heads = {name: Linear(file[f"weights_{name}"], file[f"bias_{name}"]) for name in VIEWS}
                marked = Terms(vocabularies, {kind: file[f"idf_{kind}"] for kind in vocabularies})
                network = Network(*(file[f"network_{field.name}"] for field in fields(Network)))
                last = Last(file["last"], float(file["last_bias"]), file["last_usual"])
            return cls(heads, network, marked, last)
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelError(f"danger: {FILE} of the model cannot be read ({error!r}); run ./marrow train") from error


__all__ = ["DangerModel", "Last", "Network", "examples", "log_odds", "said_by_rules"]
