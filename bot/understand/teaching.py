"""The layers that learn, in PyTorch: what `python -m bot.understand.finetune` teaches.

PyTorch is in no environment of Marrow's; nothing that runs in a hospital imports this.
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from bot.errors import WeightsError
from bot.understand import finetuned, layers
from bot.understand.encoders import MiniLMEncoder, encoder
from bot.understand.linear import SEED

logger = logging.getLogger(__name__)

PYTORCH = str(torch.__version__)
_HEADS_OF_ATTENTION = 12
_LONGEST = 128  # tokens; of messages longer than that the beginning is learned
ROUNDS, BATCH, CHUNK = 2, 32, 1600
RATE, RATE_OF_POOL, DECAY = 5e-5, 1e-3, 0.01
DROPOUT, DROPOUT_OF_POOL = 0.1, 0.2
_WARMING = 100  # steps in which the rates rise
_ROUNDING = 0.5  # of a state, between layers in floats and the published integers; 0.16 was seen, of states up to 6


class _Layer(nn.Module):
    """One layer of the encoder, begun with the published weights."""

    def __init__(self, place: int, weights: dict[str, npt.NDArray[Any]]) -> None:
        super().__init__()
        for product in layers.PRODUCTS:
            name = f"{place}.{product}"
            whole = weights[f"{name}.weights"].astype(np.float32) * weights[f"{name}.scale"]
            linear = nn.Linear(*whole.shape)
            linear.weight.data = torch.from_numpy(whole.T.copy())
            linear.bias.data = torch.from_numpy(weights[f"{name}.bias"].copy())
            self.add_module(product, linear)
        for norm in ("norm_0", "norm_1"):
            made = nn.LayerNorm(layers.UNITS, eps=1e-12)
            made.weight.data = torch.from_numpy(weights[f"{place}.{norm}.weight"].copy())
            made.bias.data = torch.from_numpy(weights[f"{place}.{norm}.bias"].copy())
            self.add_module(norm, made)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        texts, tokens, units = states.shape

        def split(values: torch.Tensor) -> torch.Tensor:
            return values.view(texts, tokens, _HEADS_OF_ATTENTION, -1).transpose(1, 2)

        looked = functional.scaled_dot_product_attention(
            split(self.query(states)), split(self.key(states)), split(self.value(states)),
            attn_mask=there[:, None, None, :],
        )  # fmt: skip
        looked = looked.transpose(1, 2).reshape(texts, tokens, units)
        states = self.norm_0(states + self.dropout(self.attention(looked)))
        return self.norm_1(states + self.dropout(self.narrow(functional.gelu(self.wide(states)))))


class _Reader(nn.Module):
    """The upper layers and the pool over them (`finetuned.Pool`)."""

    def __init__(self, weights: dict[str, npt.NDArray[Any]]) -> None:
        super().__init__()
        self.upper = nn.ModuleList(_Layer(place, weights) for place in range(layers.LOWER, layers.LAYERS))
        self.look = nn.Linear(layers.UNITS, finetuned.HEADS, bias=False)
        self.hidden = nn.Linear(layers.UNITS * (finetuned.HEADS + 1), finetuned.HIDDEN)
        self.out = nn.Linear(finetuned.HIDDEN, 1)
        self.dropout = nn.Dropout(DROPOUT_OF_POOL)

    def forward(self, states: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        for layer in self.upper:
            states = layer(states, there)
        looks = self.look(states).masked_fill(~there[..., None], -1e4).softmax(1)
        found = torch.einsum("bth,btd->bhd", looks, states).flatten(1)
        mean = (states * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        pooled = self.dropout(torch.cat([mean, found], 1))
        return self.out(self.dropout(functional.relu(self.hidden(pooled)))).squeeze(1)


def _batch(states: list[npt.NDArray[np.float16]], chosen: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(states[row]) for row in chosen)
    values = torch.zeros(len(chosen), longest, layers.UNITS)
    there = torch.zeros(len(chosen), longest, dtype=torch.bool)
    for place, row in enumerate(chosen):
        values[place, : len(states[row])] = torch.from_numpy(states[row].astype(np.float32))
        there[place, : len(states[row])] = True
    return values, there


def _batches(lengths: list[int], draw: random.Random) -> list[list[int]]:
    """All rows in batches of about one length, in an order of chance."""
    order = list(range(len(lengths)))
    draw.shuffle(order)
    batches = []
    for start in range(0, len(order), CHUNK):
        chunk = sorted(order[start : start + CHUNK], key=lambda row: lengths[row])
        batches += [chunk[first : first + BATCH] for first in range(0, len(chunk), BATCH)]
    draw.shuffle(batches)
    return batches


def fit(reader: int, told: list[tuple[str, bool]]) -> dict[str, npt.NDArray[Any]]:
    """Teaches one reader.

    Args:
        reader: 0 or 1.
        told: Lower-cased messages, and whether each tells of danger.

    Returns:
        Its weights: those of the layers by what they do, as integers with scales, and those of the pool.

    Raises:
        WeightsError: The layers here do not compute what the published ones do.
    """
    torch.set_num_threads(1)  # the readers learn side by side
    torch.manual_seed(SEED + reader)
    draw = random.Random(SEED + reader)
    base = encoder("minilm")
    assert isinstance(base, MiniLMEncoder)
    told = [one for one in told if one[0].strip()]
    states = [base.lower(text)[layers.STATES][0, :_LONGEST].astype(np.float16) for text, _ in told]
    targets = torch.tensor([float(red) for _, red in told])
    published = layers.arrays(layers.upper(base.model))
    model = _Reader(published)
    _check(model, base, told[0][0])
    pool = [*model.look.parameters(), *model.hidden.parameters(), *model.out.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": model.upper.parameters(), "lr": RATE}, {"params": pool, "lr": RATE_OF_POOL}], weight_decay=DECAY
    )
    lengths = [len(one) for one in states]
    steps = ROUNDS * len(_batches(lengths, random.Random(SEED)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / _WARMING) * max(0.0, 1 - step / steps)
    )
    begun, lost, done = time.monotonic(), 0.0, 0
    logger.info("reader %d: %d messages, %d of danger, %d steps", reader, len(told), int(targets.sum()), steps)
    model.train()
    for _ in range(ROUNDS):
        for chosen in _batches(lengths, draw):
            loss = functional.binary_cross_entropy_with_logits(model(*_batch(states, chosen)), targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            lost, done = lost + loss.item(), done + 1
            if done % 200 == 0:
                logger.info("reader %d: step %d, loss %.3f, %.0f s", reader, done, lost / 200, time.monotonic() - begun)
                lost = 0.0
    return _weights(model, published)


def _weights(model: _Reader, published: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    found: dict[str, npt.NDArray[Any]] = {}
    for role in published:
        place, part, what = role.split(".")
        module = getattr(model.upper[int(place) - layers.LOWER], part)
        if what in ("weights", "scale"):
            whole = module.weight.detach().numpy().T
            scale = np.abs(whole).max(axis=0, keepdims=True) / 127
            found[role] = np.rint(whole / scale).astype(np.int8) if what == "weights" else scale.astype(np.float32)
        else:
            found[role] = getattr(module, what).detach().numpy()
    pool = finetuned.Pool(
        look=model.look.weight.detach().numpy().T,
        hidden=model.hidden.weight.detach().numpy().T,
        hidden_bias=model.hidden.bias.detach().numpy(),
        out=model.out.weight.detach().numpy()[0],
        out_bias=model.out.bias.detach().numpy()[0],
    )
    return found | {f"pool.{field.name}": np.asarray(getattr(pool, field.name), np.float32) for field in fields(pool)}


def _check(model: _Reader, base: MiniLMEncoder, text: str) -> None:
    """Holds the layers, untaught, to the published ones."""
    states = torch.from_numpy(base.lower(text)[layers.STATES])
    there = torch.ones(states.shape[:2], dtype=torch.bool)
    model.eval()
    with torch.no_grad():
        for layer in model.upper:
            states = layer(states, there)
    published = base.tokens(text)
    if np.abs(states[0].numpy() - published).max() > _ROUNDING:
        raise WeightsError(
            "teaching: the layers do not compute what the published ones do; bot/understand/layers.py names them"
        )
