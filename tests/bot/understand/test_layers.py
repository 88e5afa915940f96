"""The upper layers of MiniLM as a model of their own: real weights, compared with the whole network."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from bot.understand import layers
from bot.understand.encoders import MiniLMEncoder, encoder

TEXT = "my mother is 61 and has lymphoma, can she have the transplant"


@pytest.fixture(scope="module")
def base() -> MiniLMEncoder:
    found = encoder("minilm")
    assert isinstance(found, MiniLMEncoder)
    return found


def _tokens(model: bytes, base: MiniLMEncoder) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feed = base.lower(TEXT)
    return session.run([layers.TOKENS], {entry.name: feed[entry.name] for entry in session.get_inputs()})[0][0]


def test_when_the_upper_layers_read_the_lower_ones_states_then_they_say_what_the_network_says(base) -> None:
    upper = layers.upper(base.model)
    np.testing.assert_array_equal(_tokens(upper.SerializeToString(), base), base.tokens(TEXT))
    np.testing.assert_array_equal(
        _tokens(layers.replaced(upper, layers.names(upper), layers.arrays(upper)), base), base.tokens(TEXT)
    )


def test_when_their_weights_are_named_then_each_layer_has_its_six_products_and_two_norms(base) -> None:
    found = layers.arrays(layers.upper(base.model))
    places = range(layers.LOWER, layers.LAYERS)
    products = {
        f"{place}.{name}.{what}"
        for place in places
        for name in layers.PRODUCTS
        for what in ("weights", "scale", "bias")
    }
    norms = {f"{place}.norm_{norm}.{what}" for place in places for norm in (0, 1) for what in ("weight", "bias")}
    assert set(found) == products | norms
    assert found["3.wide.weights"].shape == (layers.UNITS, 4 * layers.UNITS)
    assert found["5.narrow.weights"].shape == (4 * layers.UNITS, layers.UNITS)
    assert {found[name].dtype for name in found if name.endswith(".weights")} == {np.dtype(np.int8)}


@pytest.mark.parametrize("role", ["3.query.bias", "4.narrow.weights", "5.norm_1.weight"])
def test_when_a_weight_is_another_then_what_the_layers_say_is_too(role: str, base) -> None:
    upper = layers.upper(base.model)
    weights = layers.arrays(upper)
    weights[role] = np.zeros_like(weights[role])
    assert np.abs(_tokens(layers.replaced(upper, layers.names(upper), weights), base) - base.tokens(TEXT)).max() > 0.1
