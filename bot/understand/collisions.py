"""Whether an example that is to be taught to one question really belongs to another.

For a text and the label it is meant for, six numbers are weighed: how probable the classifier holds that label and the
likeliest other one, and how near the text is to the nearest example of each. The weights and the two thresholds (a
label that there is; one that is being made) are learned from the training data alone, by cross-validation: each example
is taken from its label and offered to its own again (innocent), to the label it is most easily mistaken for and to a
random one (collisions). `python -m bot.understand.collisions` learns them anew and writes `collisions.json`.

Pure numpy and scikit-learn, no Rasa.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from bot.errors import ModelError
from bot.settings import ROOT
from bot.understand.encoders import CachedEncoder, Encoder, encoder
from bot.understand.ensemble import ENCODERS, Ensemble, Views, views_of
from bot.understand.linear import SEED, Floats

WEIGHTS = Path(__file__).with_suffix(".json")
VECTOR_CACHE = ROOT / ".marrow" / "vectors"
CLASSIFIER = "EnsembleClassifier"
# Largest share of innocent examples that may be blocked, in cross-validation. A third of the training examples were
# written at the border between two labels on purpose, so that cross-validation is about four times as hard as what
# patients write (docs/figures.md): 15 % there is about 4 % of theirs.
INNOCENT_BLOCKED = 0.15
FEW = 10  # examples with which a new question begins
_LEAST = 1e-5  # probabilities below it say the same


def examples_in(root: Path) -> list[tuple[str, str]]:
    """Every training example of `data/nlu.yml` with its intent.

    Raises:
        ModelError: The file cannot be read.
    """
    file = root / "data" / "nlu.yml"
    try:
        entries = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return [
            (line.strip()[1:].strip(), entry["intent"])
            for entry in entries["nlu"]
            if "intent" in entry
            for line in entry["examples"].splitlines()
            if line.strip().startswith("-") and line.strip()[1:].strip()
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"data/nlu.yml: cannot be read ({error!r}); run ./marrow validate") from error


def cached_encoders() -> dict[str, Encoder]:
    """The encoders, with the vectors of what training has seen."""
    return {name: CachedEncoder(name, encoder(name), VECTOR_CACHE) for name in ENCODERS}


def ensemble_of(model_file: Path) -> Ensemble:
    """The classifier of a trained model, without Rasa.

    Raises:
        ModelError: The file holds none.
    """
    try:
        with tarfile.open(model_file) as archive, tempfile.TemporaryDirectory() as folder:
            chosen = [one for one in archive.getmembers() if CLASSIFIER in one.name and one.isfile()]
            if not chosen:
                raise ModelError(f"{model_file.name}: holds no {CLASSIFIER}; run ./marrow train --force")
            for one in chosen:
                one.name = Path(one.name).name  # flat, so that no name leads out of the folder
                archive.extract(one, folder, filter="data")
            return Ensemble.load(Path(folder))
    except (OSError, tarfile.TarError) as error:
        raise ModelError(f"{model_file.name}: cannot be read ({error!r}); run ./marrow train --force") from error


@dataclass(frozen=True)
class Weighing:
    """The learned weights of one case.

    Attributes:
        weights: One for each number, see `numbers`.
        bias: Added to the weighed sum.
        threshold: From this sum on the text collides.
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def score(self, numbers: Floats) -> Floats:
        """How much texts look like collisions, above 0 when they are taken for one; shape (texts,)."""
        weighed: Floats = numbers @ np.asarray(self.weights) + self.bias - self.threshold
        return weighed


def numbers(own_p: Floats, other_p: Floats, own_near: Floats, other_near: Floats) -> Floats:
    """What is weighed, shape (texts, 6).

    Args:
        own_p: Probability of the label that each text is meant for, shape (texts,).
        other_p: That of the likeliest other label.
        own_near: Nearness to the nearest example of its label.
        other_near: Nearness to the nearest example of any other.
    """
    own, other = np.log(np.maximum(own_p, _LEAST)), np.log(np.maximum(other_p, _LEAST))
    return np.column_stack([other - own, own, other, other_near - own_near, own_near, other_near])


def weighings() -> tuple[Weighing, Weighing]:
    """For a label that there is, and for one that is being made."""
    read = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return tuple(Weighing(tuple(one["weights"]), one["bias"], one["threshold"]) for one in read["cases"])  # type: ignore[return-value]


def nearness(left: dict[str, npt.NDArray[np.float32]], right: dict[str, npt.NDArray[np.float32]]) -> Floats:
    """Geometric mean of the encoders' cosines, shape (left, right)."""
    product: Any = 1.0
    for name in ENCODERS:
        product = product * np.maximum(left[name] @ right[name].T, 1e-6)
    found: Floats = np.sqrt(product)
    return found


# --- learning the weights ---------------------------------------------------------------------------------------------


def learn(root: Path = ROOT) -> dict[str, Any]:
    """Learns weights and thresholds from the training data.

    Returns:
        What `collisions.json` holds: the weights of both cases, and what cross-validation says of them.
    """
    from bot.understand.ensemble import cross_validated

    given = examples_in(root)
    texts, labels = [text for text, _ in given], np.array([label for _, label in given])
    views = views_of(texts, cached_encoders())
    held_out = cross_validated(views, list(labels), 3)
    classes = np.array(held_out.classes)
    own = np.searchsorted(classes, labels)
    near = _nearest_by_class(views, own, len(classes))
    rng = np.random.default_rng(SEED)
    cases = [
        _fit(*_existing(held_out.probabilities, near, own, rng), own, rng),
        _fit(*_beginning(held_out.probabilities, near, own, views, rng), own, rng),
    ]
    return {"examples": len(texts), "innocent_blocked_at_most": INNOCENT_BLOCKED, "cases": cases}


def _nearest_by_class(views: Views, own: npt.NDArray[np.int64], count: int) -> Floats:
    """Nearness of each example to the nearest other example of each class, shape (examples, classes)."""
    near: Floats = np.zeros((len(own), count), np.float32)
    order = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[order], np.arange(count))
    ordered = {name: views.vectors[name][order] for name in ENCODERS}
    for start in range(0, len(own), 500):
        rows = np.arange(start, min(start + 500, len(own)))
        found = nearness({name: views.vectors[name][rows] for name in ENCODERS}, ordered)
        found[found > 0.9999] = 0  # itself, and those that differ in case alone
        near[rows] = np.maximum.reduceat(found, starts, axis=1)
    return near


def _offered(
    p: Floats, near: Floats, own: npt.NDArray[np.int64], to: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, Floats, Floats]:
    rows = np.arange(len(own))
    others_p, others_near = p.copy(), near.copy()
    others_p[rows, to] = 0
    others_near[rows, to] = 0
    return p[rows, to], others_p.max(axis=1), near[rows, to], others_near.max(axis=1)


Simulated = tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]  # numbers, collides, row of the example


def _wrong(p: Floats, own: npt.NDArray[np.int64], rng: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    """Labels that an example may be offered to by mistake: its likeliest other one, and any."""
    others = p.copy()
    others[np.arange(len(own)), own] = -1
    strange = rng.integers(0, p.shape[1] - 1, len(own))
    return [others.argmax(axis=1), strange + (strange >= own)]


def _existing(p: Floats, near: Floats, own: npt.NDArray[np.int64], rng: np.random.Generator) -> Simulated:
    offers = [own, *_wrong(p, own, rng)]
    found = [numbers(*_offered(p, near, own, to)) for to in offers]
    collides: npt.NDArray[np.int64] = np.repeat([0, 1, 1], len(own))
    return np.concatenate(found), collides, np.tile(np.arange(len(own)), 3)


def _beginning(
    p: Floats, near: Floats, own: npt.NDArray[np.int64], views: Views, rng: np.random.Generator
) -> Simulated:
    """The same for labels that hold no more than `FEW` examples and that the classifier does not know."""
    found: list[Floats] = []
    collides: list[int] = []
    rows: list[int] = []
    for label in np.unique(own):
        inside = np.nonzero(own == label)[0]
        few = rng.choice(inside, min(FEW, len(inside)), replace=False)
        outside = rng.choice(np.nonzero(own != label)[0], 4 * len(few), replace=False)
        near_to = np.zeros(len(own))
        near_to[outside] = near[outside, label]
        likely = np.argsort(-p[:, label] * (own != label))[: len(few)]  # the most easily mistaken ones
        for chosen, collision in ((few, 0), (outside, 1), (likely, 1)):
            vectors = {name: views.vectors[name][chosen] for name in ENCODERS}
            among = nearness(vectors, {name: views.vectors[name][few] for name in ENCODERS})
            among[among > 0.9999] = 0
            others_p, others_near = p[chosen].copy(), near[chosen].copy()
            others_p[:, label] = 0
            others_near[:, label] = 0
            others_p /= np.maximum(others_p.sum(axis=1, keepdims=True), _LEAST)
            unknown = np.full(len(chosen), 1 / p.shape[1])
            found.append(numbers(unknown, others_p.max(axis=1), among.max(axis=1), others_near.max(axis=1)))
            collides += [collision] * len(chosen)
            rows += chosen.tolist()
    return np.concatenate(found), np.array(collides), np.array(rows)


def _fit(
    x: Floats, collides: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], own: npt.NDArray[np.int64], rng: Any
) -> dict[str, Any]:
    """Fits the weights; threshold and figures come from folds that hold out whole examples."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    held = np.zeros(len(x))
    for train, test in GroupKFold(5).split(x, collides, rows):
        part = LogisticRegression(class_weight="balanced", max_iter=2000).fit(x[train], collides[train])
        held[test] = part.decision_function(x[test])
    threshold = float(np.quantile(held[collides == 0], 1 - INNOCENT_BLOCKED))
    model = LogisticRegression(class_weight="balanced", max_iter=2000).fit(x, collides)
    return {
        "weights": [round(float(weight), 5) for weight in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 5),
        "threshold": round(threshold, 5),
        "innocent": int((collides == 0).sum()),
        "innocent_blocked": round(float((held[collides == 0] >= threshold).mean()), 4),
        "planted": int(collides.sum()),
        "planted_caught": round(float((held[collides == 1] >= threshold).mean()), 4),
    }


if __name__ == "__main__":
    learned = learn()
    WEIGHTS.write_text(json.dumps(learned, indent=1) + "\n", encoding="utf-8")
    json.dump(learned["cases"], sys.stdout, indent=1)
