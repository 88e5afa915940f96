"""Makes an ONNX model with int8 weights also compute in integers.

The published file keeps its weights as int8 and turns each matrix back into 32-bit floats before it multiplies: small
on disk, as large in memory and as slow as the model it came from. Here each such product is put as the standard's own
integer operators instead, which read a quarter of the memory and use the processor's integer instructions: half the
time a message on one thread. The vectors change a little (docs/figures.md), for training and for patients alike.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import NodeProto, TensorProto, helper


def with_integer_products(file: Path) -> bytes:
    """Reads a model and gives it back, serialised, with integer products.

    Args:
        file: The model; products of the form `MatMul(x, Mul(Cast(int8 weights), scales))` are changed, others stay.
    """
    model = onnx.load(str(file))
    nodes = list(model.graph.node)
    made_by = {output: node for node in nodes for output in node.output}
    constants = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    quantized: set[str] = set()  # activations that have their integers already: three products share one input
    changed: list[NodeProto] = []
    for node in nodes:
        weights = _weights_of(node, made_by, constants)
        if weights is None:
            changed.append(node)
            continue
        name, scales = weights
        given, result = node.input[0], node.output[0]
        if given not in quantized:
            quantized.add(given)
            parts = [f"{given}_integers", f"{given}_scale", f"{given}_zero"]
            changed.append(helper.make_node("DynamicQuantizeLinear", [given], parts))
        changed += [
            helper.make_node("MatMulInteger", [f"{given}_integers", name, f"{given}_zero"], [f"{result}_integers"]),
            helper.make_node("Cast", [f"{result}_integers"], [f"{result}_floats"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{given}_scale", scales], [f"{result}_scales"]),
            helper.make_node("Mul", [f"{result}_floats", f"{result}_scales"], [result]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(changed)
    serialised: bytes = model.SerializeToString()
    return serialised


def _weights_of(node: NodeProto, made_by: dict[str, NodeProto], constants: dict[str, int]) -> tuple[str, str] | None:
    """The names of a product's int8 weights and of their scales, or None where it has none."""
    scaled = made_by.get(node.input[1]) if node.op_type == "MatMul" else None
    if scaled is None or scaled.op_type != "Mul" or scaled.input[1] not in constants:
        return None
    cast = made_by.get(scaled.input[0])
    if cast is None or cast.op_type != "Cast" or constants.get(cast.input[0]) != TensorProto.INT8:
        return None
    return cast.input[0], scaled.input[1]
