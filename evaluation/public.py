"""Public benchmarks, trained and scored through the same component as Marrow's own data.

HINT3 (Arora et al. 2020) and CLINC150 (Larson et al. 2019) are read from a folder or file that the caller names;
nothing of them is kept here.
"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from bot.errors import MarrowError
from bot.understand.components import EnsembleClassifier
from bot.understand.ensemble import Scores, cross_validated, views_of

HINT3_SETS = ("sofmattress", "curekart", "powerplay11")
HINT3_NONE = "NO_NODES_DETECTED"
Examples = list[tuple[str, str]]


class DataError(MarrowError):
    """A benchmark's file is not what it should be."""


@dataclass(frozen=True)
class Trained:
    """A component trained on a benchmark.

    Attributes:
        component: The trained component.
        seconds: How long training took, cross-validation included.
    """

    component: EnsembleClassifier
    seconds: float


def train(examples: Examples, folder: Path, **settings: Any) -> Trained:
    """Trains the component as Rasa does: defaults merged with settings, `create`, `train`, `load`."""
    storage = LocalModelStorage.create(folder)
    resource = Resource("classifier")
    context = ExecutionContext(GraphSchema({}), node_name="classifier")
    config = {**EnsembleClassifier.get_default_config(), "safety_intents": [], **settings}
    component = EnsembleClassifier.create(config, storage, resource, context)
    data = TrainingData([Message({TEXT: text, INTENT: label}) for text, label in examples])
    began = time.monotonic()
    component.train(data)
    seconds = time.monotonic() - began
    return Trained(EnsembleClassifier.load(config, storage, resource, context), seconds)


def _read_hint3(file: Path) -> Examples:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return [(row["sentence"], row["label"]) for row in csv.DictReader(opened)]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"--hint3: {file} cannot be read ({error!r}); name the folder of HINT3 v1's CSV files"
        ) from error


def first_of(scores: Scores) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The first reading of each text, and its score."""
    best = scores.scores.argmax(axis=1)
    return np.asarray(scores.classes)[best], scores.scores[np.arange(len(best)), best]


def rejection_threshold(held_out: Scores, labels: Sequence[str], outside: Sequence[float] = ()) -> float:
    """A score below which a text counts as out of scope, found on training data alone.

    Two estimates, each off in its own direction, are averaged. One separates the training texts best from strangers:
    known ones where a benchmark's training part has some, else the training texts themselves, each scored as if its
    own class did not exist (too near to the other classes for a stranger, so this is low). The other lets nine of
    ten texts pass that were understood rightly (texts of one writer, so this is high).

    Args:
        held_out: Cross-validated scores of the training texts.
        labels: Their intents.
        outside: Scores of known out-of-scope texts of the training part.
    """
    truth: npt.NDArray[np.int64] = np.searchsorted(np.asarray(held_out.classes), np.asarray(labels))
    inside = held_out.scores.max(axis=1)
    right = held_out.scores.argmax(axis=1) == truth
    if len(outside):
        strangers = np.asarray(outside)
    else:
        others = held_out.scores.copy()
        others[np.arange(len(truth)), truth] = 0
        strangers = others.max(axis=1)
    candidates = np.quantile(np.concatenate([inside, strangers]), np.linspace(0, 0.98, 197))
    gains = [(inside >= edge).mean() - (strangers >= edge).mean() for edge in candidates]
    separating = float(candidates[int(np.argmax(gains))])
    if len(outside):
        return separating
    return (separating + float(np.quantile(inside[right], 0.1))) / 2


def hint3(folder: Path) -> list[dict[str, Any]]:
    """Scores the three HINT3 sets: in-scope accuracy, AUROC, best MCC, MCC at the threshold of training data."""
    rows = []
    for name in HINT3_SETS:
        examples = _read_hint3(folder / f"{name}_train.csv")
        test = _read_hint3(folder / f"{name}_test.csv")
        with tempfile.TemporaryDirectory() as place:
            trained = train(examples, Path(place))
            scores = trained.component.score([text for text, _ in test])
        held_out = cross_validated(views_of([text for text, _ in examples]), [label for _, label in examples])
        threshold = rejection_threshold(held_out, [label for _, label in examples])
        first, score = first_of(scores)
        truth = np.asarray([label for _, label in test])
        inside = truth != HINT3_NONE

        def mcc(edge: float, first: Any = first, score: Any = score, truth: Any = truth) -> float:
            return float(matthews_corrcoef(truth, np.where(score >= edge, first, HINT3_NONE)))

        rows.append(
            {
                "set": name,
                "train": len(examples),
                "test": len(test),
                "accuracy": float((first == truth)[inside].mean()),
                "auroc": float(roc_auc_score(inside, score)),
                "best_mcc": max(mcc(float(edge)) for edge in np.quantile(score, np.linspace(0, 0.8, 81))),
                "mcc_at_threshold": mcc(threshold),
                "threshold": threshold,
                "train_seconds": trained.seconds,
            }
        )
    return rows


def clinc150(file: Path) -> dict[str, Any]:
    """Scores CLINC150 full: recall in scope and out of scope at the threshold of training data."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        examples = [(text, label) for text, label in data["train"]]
        test = [(text, label) for text, label in data["test"]]
        outside_known = [text for text, _ in data["oos_train"]]
        outside = [text for text, _ in data["oos_test"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"--clinc150: {file} cannot be read ({error!r}); name CLINC150's data_full.json") from error
    with tempfile.TemporaryDirectory() as place:
        trained = train(examples, Path(place), folds=2)
        inside_scores = trained.component.score([text for text, _ in test])
        outside_scores = trained.component.score(outside)
        known = first_of(trained.component.score(outside_known))[1]
    held_out = cross_validated(views_of([text for text, _ in examples]), [label for _, label in examples], folds=3)
    threshold = rejection_threshold(held_out, [label for _, label in examples], list(known))
    first, score = first_of(inside_scores)
    truth = np.asarray([label for _, label in test])
    return {
        "train": len(examples),
        "test": len(test) + len(outside),
        "accuracy": float((first == truth).mean()),
        "in_scope_recall": float(((first == truth) & (score >= threshold)).mean()),
        "out_of_scope_recall": float((first_of(outside_scores)[1] < threshold).mean()),
        "threshold": threshold,
        "train_seconds": trained.seconds,
    }
