"""Whether a message tells of danger: what the classifier and the rules each saw, weighed together.

Among fifty intents the classifier has to tell danger from each of them; here every example of danger stands against
every other one, which tells look-alikes (denied, over, idiom) better apart. Four regressions, one for each view of a
text, give the odds of danger. Three views are the classifier's; the fourth is the text in outline, its words marked by
the frame they stand in (`bot.screen.outline`), so that "no fever" and "fever" are two things. A small network over the
vectors of both encoders gives them a fifth time: it sees that "fever" and "was years ago" belong together, where a
regression adds them up. So do two readers, layers of the encoder that were taught nothing but this before the release
(`bot.understand.finetuned`). The two views of words read each sentence by itself too, and say the odds of the most
dangerous one: half a sentence of danger drowns in a long question about an invoice. A last regression weighs all these
with the classifier's probability of the safety intents, with what the rules of `bot.screen` said and with how many
words of danger stand in which frame. Its weights are learned from training texts that none of the others had seen.

What comes out is a probability with a threshold (`bot.understand.outcome`). It adds to the rules: a red verdict of
theirs is danger whatever is said here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import yaml
from sklearn.model_selection import StratifiedKFold

from bot.errors import ModelError
from bot.screen import COUNTS, Outline, Verdict, outline
from bot.understand import finetuned
from bot.understand.ensemble import ENCODERS, ENGLISH_ONLY, READERS, TERMS, Views
from bot.understand.finetuned import learned_by
from bot.understand.linear import MARKED, SEED, Floats, Linear, Terms
from bot.understand.weighing import OUTLINE, SPARSE, Last, Network, Sparse, log_odds, together

FILE, WORDS_FILE = "danger.npz", "danger.json"
NETWORK = "network"
VIEWS = (*ENCODERS, TERMS, OUTLINE)
_SENTENCE = {name: f"{name} of a sentence" for name in SPARSE}
_COLUMNS = (*VIEWS, *_SENTENCE.values(), NETWORK, READERS)
_ENGLISH_ONLY = ENGLISH_ONLY | {OUTLINE, *_SENTENCE.values(), NETWORK, READERS}
_FEWEST = 20  # texts of danger, and others, below which there is nothing to learn weights from


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


def _readings(views: Views) -> Floats:
    """What the readers say of texts, shape (texts, readers); 0, which tells nothing, where none was asked."""
    if views.readings is None:
        return np.zeros((len(views.texts), finetuned.READERS))
    return views.readings.astype(np.float64)


def _counted(outlines: Sequence[Outline]) -> Floats:
    """Logarithms of counts, shape (texts, counts): a second word of a kind tells less than the first."""
    counts: Floats = np.log1p(np.array([one.counts for one in outlines], dtype=float).reshape(-1, len(COUNTS)))
    return counts


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
        holding: Sequence[int] = (),
        *,
        folds: int = 3,
        inverse_regularisation: float = 20.0,
    ) -> tuple[DangerModel, Floats] | None:
        """Fits on training texts.

        Args:
            views: Of the texts, readings among them.
            terms: Of the classifier.
            is_danger: Whether each tells of danger, shape (texts,).
            likely: Probability of the safety intents by a classifier that had not seen the text, shape (texts,).
            verdicts: Of the rules.
            holding: The last texts hold others beside something harmless: the place of that in each. The two are held
                out together.
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
        sparse = Sparse.of(views.texts, outlines, terms, marked)
        features: dict[str, Any] = {name: views.vectors[name] for name in ENCODERS}
        features |= {TERMS: terms.matrix(sparse.rows[TERMS]), OUTLINE: marked_matrix}
        targets = is_danger.astype(np.int64)

        def heads_of(train: npt.NDArray[np.int64]) -> dict[str, Linear]:
            return {
                name: Linear.fit(whole[train], targets[train], 2, inverse_regularisation)
                for name, whole in features.items()
            }

        vectors = together(views)
        odds = np.zeros((len(targets), len(_COLUMNS)))
        own = np.arange(len(targets) - len(holding))
        of = np.concatenate([own, np.asarray(holding, np.int64)])
        readings = _readings(views)
        strangers = np.array([1 - learned_by(views.texts[row]) for row in of])  # the readers that have not seen them
        splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=SEED)

        def held_out(fold: tuple[Any, npt.NDArray[np.int64]]) -> tuple[npt.NDArray[np.int64], Floats]:
            apart = np.isin(of, fold[1])
            train, test = np.flatnonzero(~apart), np.flatnonzero(apart)
            network = Network.fit(vectors[train], targets[train])
            said = readings[test, strangers[test]]
            return test, cls._odds_of(heads_of(train), network, views.rows(test), sparse.chosen(test), said)

        with ThreadPoolExecutor(2) as pool:  # scikit-learn counts outside Python's lock: two cores are kept busy
            heads = pool.submit(heads_of, np.arange(len(targets)))
            network = pool.submit(Network.fit, vectors, targets)
            for test, found in pool.map(held_out, splitter.split(own, targets[own])):
                odds[test] = found
        last, probabilities = Last.fit(
            np.column_stack([log_odds(likely), odds, said_by_rules(verdicts), _counted(outlines)]), targets
        )
        return cls(heads.result(), network.result(), marked, last), probabilities

    @staticmethod
    def _odds_of(
        heads: Mapping[str, Linear], network: Network, views: Views, sparse: Sparse, readings: Floats
    ) -> Floats:
        """Log-odds of danger, shape (texts, views and sentences, the network and the readers)."""
        found = []
        for name in VIEWS:
            said = (
                heads[name].log_probabilities_of_terms(sparse.rows[name])
                if name in sparse.rows
                else heads[name].log_probabilities(views.vectors[name])
            )
            found.append(said[:, 1] - said[:, 0])
        sentences = [sparse.most(name, heads[name]) for name in _SENTENCE]
        return np.column_stack([*found, *sentences, network.odds(together(views)), readings])

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
        sparse = Sparse.of(views.texts, [outline(text) for text in views.texts], terms, self._marked)
        odds = self._odds_of(self._heads, self._network, views, sparse, _readings(views).mean(axis=1))
        counts = _counted(sparse.outlines)
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
        about = {"readers": finetuned.digest(), "vocabularies": self._marked.vocabularies}
        (folder / WORDS_FILE).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> DangerModel | None:
        """Reads a model back; None where none was kept, because there was nothing to learn from.

        Raises:
            ModelError: The file is cut short or holds something else.
        """
        if not (folder / FILE).exists():
            return None
        try:
            about = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
            vocabularies = about["vocabularies"]
            if about["readers"] != finetuned.digest():
                raise ModelError("danger: the model was trained with other readers; run ./marrow train")
            with np.load(folder / FILE, allow_pickle=False) as file:
                heads = {name: Linear(file[f"weights_{name}"], file[f"bias_{name}"]) for name in VIEWS}
                marked = Terms(vocabularies, {kind: file[f"idf_{kind}"] for kind in vocabularies})
                network = Network(*(file[f"network_{field.name}"] for field in fields(Network)))
                last = Last(file["last"], float(file["last_bias"]), file["last_usual"])
            return cls(heads, network, marked, last)
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelError(f"danger: {FILE} of the model cannot be read ({error!r}); run ./marrow train") from error


__all__ = ["DangerModel", "examples", "said_by_rules"]
