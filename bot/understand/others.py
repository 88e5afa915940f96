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
from bot.understand.danger import said_by_rules
from bot.understand.ensemble import ASIDE, NEAR_CLASSES, Ensemble, Scores, Views
from bot.understand.linear import SEED, SYLLABLES, Floats, Linear, TermRow, Terms, log_softmax
from bot.understand.weighing import Last, log_odds

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
        order = np.argsort(targets, kind="stable")
        self._vectors, self._targets = vectors[order], targets[order]
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
            rows = fit.views.rows(test)
            spelt = model._spelt_out(rows)
            all_found, own_near = model._read(rows, spelt)
            found[asked] = all_found[test < count]
            near[asked] = np.maximum(near[asked], own_near[test < count])
            odds[test] = model._danger_odds(rows, spelt)
        scores = _scores(fit.classes, found, near)
        whole = fit.on(np.arange(len(fit.strata)))
        own = _scores(fit.classes, *whole._read(material.own, whole._spelt_out(material.own)))
        likely = np.concatenate([one.likely(material.safety_intents) for one in (scores, own)])
        columns = np.column_stack([log_odds(likely), odds, said_by_rules(material.verdicts)])
        whole._last, danger = Last.fit(columns, fit.is_danger.astype(np.int64))
        return whole, HeldOut(scores, danger[:count])

    def judge(
        self, views: Views, english: Ensemble, verdicts: Sequence[Verdict], safety: Sequence[str]
    ) -> tuple[Scores, Floats]:
        """What texts are, and how probably each is danger, shape (texts,).

        Args:
            views: Of the texts.
            english: The classifier whose examples count for nearness beside the own ones.
            verdicts: What the rules say of the texts.
            safety: Intents that are danger.
        """
        assert self._last is not None
        spelt, vectors = self._spelt_out(views), views.vectors[ENCODER]
        found, near = self._read(views, spelt)
        for row, columns in enumerate(np.argsort(-found, axis=1)[:, : NEAR_CLASSES + 1]):
            for column in columns:
                near[row, column] = max(near[row, column], english.nearest(ENCODER, self.classes[column], vectors[row]))
        scores = _scores(self.classes, found, near)
        told = [log_odds(scores.likely(safety)), self._danger_odds(views, spelt), said_by_rules(verdicts)]
        return scores, self._last.probabilities(np.column_stack(told))

    def _spelt_out(self, views: Views) -> list[TermRow]:
        """The letters of texts, as the two heads for them read them."""
        return [self._letters.of(levelled(text)) for text in views.texts]

    def _read(self, views: Views, spelt: Sequence[TermRow]) -> tuple[Floats, Floats]:
        """Log-probability of each class, and the cosine to its nearest own example; both of shape (texts, classes)."""
        vectors = views.vectors[ENCODER]
        if not len(vectors):
            return np.zeros((0, len(self.classes))), np.zeros((0, len(self.classes)))
        meaning = self._heads["meaning"].log_probabilities(vectors)
        letters = self._heads["letters"].log_probabilities_of_terms(spelt)
        mean = (meaning + np.where(self._spelt, letters, meaning)) / 2
        return log_softmax(mean), _nearest(vectors, self._vectors, self._targets, len(self.classes))

    def _danger_odds(self, views: Views, spelt: Sequence[TermRow]) -> Floats:
        """Log-odds of danger by meaning and by letters, shape (texts, 2)."""
        meaning = self._heads["danger_meaning"].log_probabilities(views.vectors[ENCODER])
        letters = self._heads["danger_letters"].log_probabilities_of_terms(spelt)
        return np.column_stack([meaning[:, 1] - meaning[:, 0], letters[:, 1] - letters[:, 0]])

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
        order = np.argsort(self._english_targets, kind="stable")
        vectors = self._material.others.vectors[ENCODER]
        return _nearest(vectors, self._material.english[order], self._english_targets[order], len(self.classes))

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
            "letters": Linear.fit(self._letters[asked], targets, many, strength),
            "danger_meaning": Linear.fit(of_danger, red, 2, strength),
            "danger_letters": Linear.fit(self._letters[train], self.is_danger[train].astype(np.int64), 2, strength),
        }
        return OtherLanguages(self.classes, heads, self._terms, None, vectors[asked], targets)


def _nearest(
    vectors: npt.NDArray[np.float32],
    examples: npt.NDArray[np.float32],
    targets: npt.NDArray[np.int64],
    classes: int,
) -> Floats:
    """Cosine to the nearest example of each class, 0 of a class without one; shape (texts, classes).

    Args:
        vectors: Of the texts.
        examples: Vectors, those of one class beside each other.
        targets: Their classes, in rising order.
        classes: How many there are.
    """
    there, starts = np.unique(targets, return_index=True)
    found = np.zeros((len(vectors), classes))
    found[:, there] = np.clip(np.maximum.reduceat(vectors @ examples.T, starts, axis=1), 0, 1)
    return found


def _scores(classes: tuple[str, ...], found: Floats, near: Floats) -> Scores:
    """Scores from log-probabilities and cosines, ASIDE taken out."""
    shown = [column for column, name in enumerate(classes) if name != ASIDE]
    probabilities = np.exp(log_softmax(found[:, shown])) if len(found) else np.zeros((0, len(shown)))
    aside = 1 - np.exp(found)[:, shown].sum(axis=1)
    return Scores(tuple(classes[column] for column in shown), probabilities, near[:, shown], np.clip(aside, 0, 1))


__all__ = ["FEWEST", "HeldOut", "Material", "OtherLanguages", "levelled"]
