"""MiniLM with integer products: real weights, compared with the model as it was published."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest

from bot.understand import layers
from bot.understand.encoders import MiniLMEncoder, checked_weight_path, encoder
from bot.understand.integers import with_integer_products

TEXTS = [
    "how long does car-t take",
    "my mother is 61 and has lymphoma, can she have the transplant",
    "how much does it cost?",
    "visa letter",
]


@pytest.fixture(scope="module")
def published() -> MiniLMEncoder:
    """The encoder over the file as it is."""
    made = MiniLMEncoder()
    whole = layers.with_states(checked_weight_path("minilm").read_bytes())
    made._session = onnxruntime.InferenceSession(whole, providers=["CPUExecutionProvider"])
    return made


def test_when_a_model_is_changed_then_every_product_with_int8_weights_is_one_of_integers() -> None:
    before = Counter(node.op_type for node in onnx.load(str(checked_weight_path("minilm"))).graph.node)
    after = Counter(
        node.op_type for node in onnx.load_from_string(with_integer_products(checked_weight_path("minilm"))).graph.node
    )
    assert after["MatMulInteger"] == 36  # six layers of six
    assert after["MatMul"] == before["MatMul"] - 36  # what is left has no weights: attention
    assert after["DynamicQuantizeLinear"] < 36  # three products share one input


def test_when_texts_are_encoded_then_the_vectors_stay_near_the_published_ones(published: MiniLMEncoder) -> None:
    cosines = (published.encode(TEXTS) * encoder("minilm").encode(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.97
    assert not np.allclose(cosines, 1, atol=1e-6)  # else nothing was changed


def test_when_a_text_is_encoded_alone_or_among_others_then_its_vector_is_the_same() -> None:
    np.testing.assert_array_equal(encoder("minilm").encode(TEXTS)[1], encoder("minilm").encode([TEXTS[1]])[0])


def test_when_a_model_has_no_such_products_then_it_is_left_as_it_is(tmp_path) -> None:
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
        "plain",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 2])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 2])],
        [onnx.numpy_helper.from_array(np.eye(2, dtype=np.float32), "w")],
    )
    file = tmp_path / "plain.onnx"
    onnx.save(onnx.helper.make_model(graph), str(file))
    assert onnx.load_from_string(with_integer_products(file)) == onnx.load(str(file))
