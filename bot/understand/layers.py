"""The upper layers of MiniLM as a model of their own: what they compute of the lower ones' states can be learned anew.

The published network is cut after `LOWER` of its layers. `with_states` lets the whole tell what they give, `upper` is
what lies above; its weights are named by what they do, so that others can stand in their place
(`bot.understand.finetuned`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

LOWER, LAYERS, UNITS = 3, 6, 384
STATES, TOKENS = f"layer_norm_{2 * LOWER}", "last_hidden_state"
"""What the lower layers give, and what the upper ones do: shape (1, tokens, UNITS) each."""
PRODUCTS = ("query", "key", "value", "attention", "wide", "narrow")
"""The products of a layer, in the order in which they are computed."""


def with_states(model: bytes) -> bytes:
    """The network with the lower layers' states as a second output."""
    whole = onnx.load_from_string(model)
    whole.graph.output.append(_tensor(STATES))
    serialised: bytes = whole.SerializeToString()
    return serialised


def upper(model: bytes) -> ModelProto:
    """The layers above `LOWER`: takes `STATES`, gives `TOKENS`."""
    whole = onnx.load_from_string(model)
    made_by = {output: node for node in whole.graph.node for output in node.output}
    wanted, needed = [TOKENS], set()
    while wanted:
        name = wanted.pop()
        node = made_by.get(name)
        if name != STATES and node is not None and node.output[0] not in needed:
            needed.add(node.output[0])
            wanted.extend(node.input)
    nodes = [node for node in whole.graph.node if node.output[0] in needed]
    read = {name for node in nodes for name in node.input}
    inputs = [_tensor(STATES), *(entry for entry in whole.graph.input if entry.name in read)]
    constants = [tensor for tensor in whole.graph.initializer if tensor.name in read]
    graph = helper.make_graph(nodes, "upper", inputs, [_tensor(TOKENS)], constants)
    return helper.make_model(graph, opset_imports=whole.opset_import, ir_version=whole.ir_version)


def _tensor(name: str) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, UNITS])


def names(model: ModelProto) -> dict[str, str]:
    """The names of the upper layers' weights, by what they do: `3.query.weights` is `val_260_q`.

    A product has integer `weights`, their `scale` by column, and a `bias`; a norm has `weight` and `bias`.
    """
    found: dict[str, str] = {}
    products = [
        node for node in model.graph.node if node.op_type == "MatMulInteger" and _constant(model, node.input[1])
    ]
    for place, node in enumerate(products):
        layer, product = LOWER + place // len(PRODUCTS), PRODUCTS[place % len(PRODUCTS)]
        found[f"{layer}.{product}.weights"] = node.input[1]
        found[f"{layer}.{product}.scale"] = node.input[1].removesuffix("_q") + "_scale"
        found[f"{layer}.{product}.bias"] = next(_biases(model, node))
    norms = [node for node in model.graph.node if node.op_type == "LayerNormalization"]
    for place, node in enumerate(norms):
        found[f"{LOWER + place // 2}.norm_{place % 2}.weight"] = node.input[1]
        found[f"{LOWER + place // 2}.norm_{place % 2}.bias"] = node.input[2]
    return found


def _constant(model: ModelProto, name: str) -> bool:
    return any(tensor.name == name for tensor in model.graph.initializer)


def _biases(model: ModelProto, product: NodeProto) -> Iterator[str]:
    """What is added to a product, four operators on: integers, floats, scaled, added."""
    result = product.output[0].removesuffix("_integers")
    for node in model.graph.node:
        if node.op_type == "Add" and result in node.input:
            yield from (name for name in node.input if name != result)


def arrays(model: ModelProto) -> dict[str, npt.NDArray[Any]]:
    """The upper layers' weights, by what they do."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    return {role: np.array(numpy_helper.to_array(constants[name])) for role, name in names(model).items()}


def replaced(model: ModelProto, roles: Mapping[str, str], weights: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The upper layers with other weights, serialised.

    Args:
        model: The upper layers.
        roles: The names of their weights, as `names` gives them.
        weights: By what they do, as `arrays` gives them, in the same shapes.
    """
    changed = ModelProto()
    changed.CopyFrom(model)
    constants = {tensor.name: tensor for tensor in changed.graph.initializer}
    for role, name in roles.items():
        constants[name].CopyFrom(numpy_helper.from_array(weights[role], name))
    serialised: bytes = changed.SerializeToString()
    return serialised


__all__ = [
    "LAYERS",
    "LOWER",
    "PRODUCTS",
    "STATES",
    "TOKENS",
    "UNITS",
    "arrays",
    "names",
    "replaced",
    "upper",
    "with_states",
]
