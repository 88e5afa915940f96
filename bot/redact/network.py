"""The tagger's arithmetic: a recurrent network in both directions under a linear-chain CRF, read from one file of numbers.

What is told of a piece (`features.py`) and its encoder's states (`encoder.py`) are each made narrow, read forwards and
backwards by an LSTM, and scored for each label; labels beside one another are scored too. `teaching.py` makes the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.redact.encoder import Floats


class Network:
    """Reads what is told of a text's pieces.

    Args:
        file: Its weights, as `teaching.py` writes them.

    Raises:
        OSError: There is no such file.
        ValueError: It holds something else.
        KeyError: It lacks an array.

    Attributes:
        labels: `O`, `B-name`, `I-name`, ...
        without: The files of messages that it has not learned from, by their names.
    """

    def __init__(self, file: Path) -> None:
        with np.load(file, allow_pickle=False) as stored:
            arrays: dict[str, npt.NDArray[Any]] = {name: stored[name] for name in stored.files}
        self.labels = lines(arrays.pop("labels"))
        self.without = lines(arrays.pop("without"))
        # row 0 is nought: it stands for what was never seen in learning
        self._rows = {name: row for row, name in enumerate(lines(arrays.pop("vocabulary")), 1)}
        self._told, self._told_scale = arrays.pop("told"), arrays.pop("told_scale")
        self._says, self._says_scale = arrays.pop("says"), arrays.pop("says_scale")
        self._w: dict[str, Floats] = {name: values.astype(np.float32) for name, values in arrays.items()}

    def read(self, told: Sequence[Sequence[str]], states: Floats) -> tuple[list[str], Floats]:
        """The likeliest labels, and how sure it is of each piece that it is part of a secret.

        Args:
            told: What is told of each piece; at least one.
            states: The encoder's, of shape (pieces, `encoder.WIDTH`).

        Returns:
            A label for each piece, and the probabilities (0 to 1) that it has another one than `O`.
        """
        scores = self.scores(told, states)
        return self._best(scores), 1.0 - self._none(scores)

    def scores(self, told: Sequence[Sequence[str]], states: Floats) -> Floats:
        """What each piece by itself says for each label: an array of shape (pieces, labels)."""
        chosen: list[int] = []
        starts = []
        for these in told:
            starts.append(len(chosen))
            chosen.append(0)
            chosen += [self._rows[name] for name in these if name in self._rows]
        narrow = np.add.reduceat(self._told[chosen].astype(np.float32), starts, axis=0) * self._told_scale
        says = np.add.reduceat(self._says[chosen].astype(np.float32), starts, axis=0) * self._says_scale
        seen = np.tanh(np.concatenate([narrow, states @ self._w["states"] + self._w["states_bias"]], axis=1))
        return self._both_ways(seen) @ self._w["out"] + self._w["out_bias"] + says

    def _both_ways(self, seen: Floats) -> Floats:
        """The LSTM's two readings side by side: an array of shape (pieces, 2 x units)."""
        units = self._w["recurrent"].shape[1]
        given = np.stack([seen, seen[::-1]]) @ self._w["given"] + self._w["bias"][:, None]
        state = kept = np.zeros((2, units), np.float32)
        out = np.empty((2, len(seen), units), np.float32)
        for place in range(len(seen)):
            gates = given[:, place] + np.matmul(state[:, None], self._w["recurrent"])[:, 0]
            opened = 1.0 / (1.0 + np.exp(-np.clip(gates, -30.0, 30.0)))
            new = np.tanh(gates[:, 2 * units : 3 * units])
            kept = opened[:, units : 2 * units] * kept + opened[:, :units] * new
            state = opened[:, 3 * units :] * np.tanh(kept)
            out[:, place] = state
        return np.concatenate([out[0], out[1, ::-1]], axis=1)

    def _best(self, scores: Floats) -> list[str]:
        best = self._w["first"] + scores[0]
        back = []
        for these in scores[1:]:
            ways = best[:, None] + self._w["beside"]
            back.append(ways.argmax(axis=0))
            best = ways.max(axis=0) + these
        path = [int(best.argmax())]
        for before in reversed(back):
            path.append(int(before[path[-1]]))
        return [self.labels[label] for label in reversed(path)]

    def _none(self, scores: Floats) -> Floats:
        """The probability of `O` for each piece, over all ways to label the text."""
        before = np.empty_like(scores)
        behind = np.zeros_like(scores)
        before[0] = self._w["first"] + scores[0]
        for place in range(1, len(scores)):
            before[place] = _log_sum(before[place - 1][:, None] + self._w["beside"], 0) + scores[place]
        for place in range(len(scores) - 2, -1, -1):
            behind[place] = _log_sum(self._w["beside"] + scores[place + 1] + behind[place + 1], 1)
        both = before + behind
        return np.minimum(np.exp(both[:, self.labels.index("O")] - _log_sum(both, 1)), 1.0)


def _log_sum(values: Floats, axis: int) -> Floats:
    most = values.max(axis=axis)
    total: Floats = np.log(np.exp(values - np.expand_dims(most, axis)).sum(axis=axis)) + most
    return total


def lines(stored: npt.NDArray[Any]) -> list[str]:
    """Strings out of an array of bytes."""
    text = stored.tobytes().decode("utf-8")
    return text.split("\n") if text else []


def stored(strings: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Strings, none with a line's end in it, as an array of bytes: a file of numbers needs no pickle for them."""
    return np.frombuffer("\n".join(strings).encode("utf-8"), np.uint8)


def as_integers(values: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Columns of numbers as integers up to 127, and what each column is multiplied with."""
    scale: Floats = np.maximum(np.abs(values).max(axis=0), 1e-8).astype(np.float32) / 127
    return np.rint(values / scale).astype(np.int8), scale
