"""Compares texts with all that is taught, for the studio: `python -m bot.understand.compare`.

Reads one request a line as JSON and writes one answer a line, so that encoders and examples are loaded once and stay.
Every request has `op`; an answer is `{"ok": ...}` or `{"error": "..."}`.

- `collisions`: `label`, `examples` (all of the label as wanted), `added` (those to be checked), `model` (file).
- `groups`: `texts` -> lists of places that mean the same, the largest first.
- `near`: `texts`, `among` -> places of `among` with their nearness to the nearest of `texts`, the nearest first.
- `rank`: `texts`, `model` -> for each text the likeliest labels.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bot.answer import labels
from bot.errors import MarrowError
from bot.settings import ROOT
from bot.understand import collisions
from bot.understand.ensemble import ASIDE, Ensemble, Views, views_of
from bot.understand.intents import label_of
from bot.understand.linear import Floats

Json = dict[str, Any]
GROUP_DISTANCE = 0.45  # 1 - nearness, average linkage: above it two groups are not one
_WORDS = str.maketrans("", "", ".,;:!?\"'()")


def _same(text: str) -> str:
    return " ".join(text.casefold().translate(_WORDS).split())


class Comparer:
    """What is taught, with its vectors; read again when the files change."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self._stamp: Any = None
        self._models: dict[str, Ensemble] = {}
        # of the messages that waited last: they come again with each word that a trainer types
        self._met: dict[str, dict[str, Any]] = {}

    def _taught(self) -> tuple[list[str], np.ndarray, Views]:
        file = self.root / "data" / "nlu.yml"
        stamp = (file.stat().st_mtime_ns, file.stat().st_size)
        if stamp != self._stamp:
            given = collisions.examples_in(self.root)
            texts = [text for text, _ in given]
            views = views_of(texts, collisions.cached_encoders())
            self._known = texts, np.array([intent for _, intent in given]), views
            self._stamp = stamp
        return self._known

    def _model(self, file: str) -> Ensemble:
        if file not in self._models:
            self._models = {file: collisions.ensemble_of(Path(file))}
        return self._models[file]

    def collisions(self, request: Json) -> list[Json]:
        """Which of the added examples really belong to another label, and the example that shows it."""
        intent = labels.intent_of(str(request["label"]))
        added, wanted = list(request["added"]), list(request["examples"])
        taught, intents, views = self._taught()
        others = np.nonzero(intents != intent)[0]
        same = {_same(taught[row]): row for row in others}
        mine = self._views(wanted)
        place = {text: row for row, text in enumerate(wanted)}
        rows = np.array([place[text] for text in added])
        vectors = {name: matrix[rows] for name, matrix in mine.vectors.items()}
        near_others = collisions.nearness(vectors, {name: matrix[others] for name, matrix in views.vectors.items()})
        near_own = collisions.nearness(vectors, mine.vectors)
        near_own[np.arange(len(rows)), rows] = 0
        scores = self._model(str(request["model"])).predict(mine.rows(rows))
        known = intent in scores.classes
        p = scores.probabilities.copy()
        own_p = np.full(len(rows), 1 / p.shape[1])
        if known:
            column = scores.classes.index(intent)
            own_p = p[:, column].copy()
            p[:, column] = 0
        weighing = collisions.weighings()[0 if known else 1]
        found = collisions.numbers(own_p, p.max(axis=1), near_own.max(axis=1), near_others.max(axis=1))
        weighed = weighing.score(found)
        answers = []
        for row, text in enumerate(added):
            copy = same.get(_same(text))
            if copy is None and weighed[row] < 0:
                continue
            likeliest = scores.classes[int(p[row].argmax())]
            at = copy if copy is not None else self._shows(near_others[row], intents[others], likeliest, others)
            answers.append(
                {
                    "example": text,
                    "other": taught[at],
                    "label": label_of(str(intents[at])),
                    "same": copy is not None,
                    "likeliest": label_of(likeliest),
                    "nearness": round(float(near_others[row].max()), 3),
                    "score": round(float(weighed[row]), 3),
                }
            )
        return answers

    def _views(self, texts: list[str]) -> Views:
        """Vectors of texts; those that are taught have theirs already."""
        taught, _, views = self._taught()
        rows = {text: row for row, text in enumerate(taught)}
        fresh = [text for text in texts if text not in rows]
        made = views_of(fresh)
        place, old = {text: row for row, text in enumerate(fresh)}, views.vectors
        return Views(
            tuple(text.lower() for text in texts),
            {
                name: np.stack([old[name][rows[text]] if text in rows else matrix[place[text]] for text in texts])
                for name, matrix in made.vectors.items()
            },
        )  # fmt: skip

    @staticmethod
    def _shows(near: Floats, intents: np.ndarray, likeliest: str, others: np.ndarray) -> int:
        """The example to show: the nearest one of the label that the model would choose, else the nearest of any."""
        of_it = np.where(intents == likeliest, near, -1)
        best = of_it if of_it.max() >= near.max() - 0.15 else near
        return int(others[int(best.argmax())])

    def groups(self, request: Json) -> list[list[int]]:
        """Texts that mean the same, by agglomerative clustering with average linkage."""
        from sklearn.cluster import AgglomerativeClustering

        texts = list(request["texts"])
        if len(texts) < 2:
            return [[row] for row in range(len(texts))]
        vectors = views_of(texts).vectors
        distance = 1 - collisions.nearness(vectors, vectors)
        made = AgglomerativeClustering(
            n_clusters=None, affinity="precomputed", linkage="average", distance_threshold=GROUP_DISTANCE
        ).fit_predict(np.clip(distance, 0, 1))
        found: dict[int, list[int]] = {}
        for row, group in enumerate(made.tolist()):
            found.setdefault(group, []).append(row)
        return sorted(found.values(), key=lambda group: -len(group))

    def near(self, request: Json) -> list[Json]:
        """Which of `among` are like the texts."""
        texts, among = list(request["texts"]), list(request["among"])
        if not texts or not among:
            return []
        self._met = {text: self._met[text] for text in among if text in self._met}
        fresh = [text for text in dict.fromkeys(among) if text not in self._met]
        made = views_of(fresh).vectors if fresh else {}
        self._met |= {text: {name: matrix[row] for name, matrix in made.items()} for row, text in enumerate(fresh)}
        mine = views_of(texts).vectors
        theirs = {name: np.stack([self._met[text][name] for text in among]) for name in mine}
        found = collisions.nearness(theirs, mine).max(axis=1)
        return [{"at": int(row), "nearness": round(float(found[row]), 3)} for row in np.argsort(-found)]

    def rank(self, request: Json) -> list[list[str]]:
        """The three likeliest labels of each text."""
        texts = list(request["texts"])
        scores = self._model(str(request["model"])).predict(views_of(texts))
        order = np.argsort(-scores.scores, axis=1)[:, :3]
        return [
            [label_of(scores.classes[column]) for column in row if scores.classes[column] != ASIDE] for row in order
        ]


def main(given: Any = sys.stdin, out: Any = sys.stdout) -> int:
    """Answers requests until there are no more."""
    comparer = Comparer()
    ways: dict[str, Callable[[Json], Any]] = {
        "collisions": comparer.collisions,
        "groups": comparer.groups,
        "near": comparer.near,
        "rank": comparer.rank,
        "ready": lambda _request: True,
    }
    for line in given:
        try:
            request = json.loads(line)
            answer: Json = {"ok": ways[request["op"]](request)}
        except MarrowError as error:
            answer = {"error": str(error)}
        except (ValueError, LookupError, TypeError, OSError) as error:
            answer = {"error": f"compare: {error!r}"}
        print(json.dumps(answer, ensure_ascii=False), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
