"""A graph whose large products are of whole numbers, each token scaled by itself.

Weights have a scale a column. What they are multiplied with is scaled as it comes ("dynamic"), by ONNX Runtime with one
scale for a whole batch, where a token with one large value leaves the others few digits. Here each token's vector is
brought to a largest value of 1 before, and back after, which makes the scale its own (vector-wise quantization, as in
LLM.int8(), Dettmers et al. 2022).
"""

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SMALLEST = 1e-12  # that a token's vector is divided by


def write_int8(graph: Path, path: Path) -> None:
    """Write the fp32 graph of a file in int8."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(graph)
    _scale_tokens(model.graph)
    logging.disable(logging.WARNING)  # it recommends a step for graphs of other makers
    try:
        with tempfile.TemporaryDirectory() as folder:
            onnx.save(model, Path(folder) / "scaled.onnx")
            quantize_dynamic(
                Path(folder) / "scaled.onnx",
                path,
                op_types_to_quantize=["MatMul"],  # the head is no product of this kind, and too small to matter
                per_channel=True,
                weight_type=QuantType.QInt8,
            )
    finally:
        logging.disable(logging.NOTSET)


def _scale_tokens(graph: Any) -> None:
    """Before each product with weights divide each token by its largest value, and multiply by it after."""
    from onnx import numpy_helper

    weights = {tensor.name for tensor in graph.initializer}
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.array([-1]), "last_axis"),
            numpy_helper.from_array(np.float32(SMALLEST), "smallest"),
        ]
    )
    nodes: list[Any] = []
    scaled: set[str] = set()
    for node in graph.node:
        is_product = node.op_type == "MatMul" and node.input[1] in weights
        nodes += _scaled_product(node, scaled) if is_product else [node]
    del graph.node[:]
    graph.node.extend(nodes)


def _scaled_product(node: Any, scaled: set[str]) -> list[Any]:
    """The product with what goes before and after; what was scaled for another product of the same is taken again."""
    from onnx.helper import make_node

    whole, result = node.input[0], node.output[0]
    size, divided = f"{whole}_size", f"{whole}_divided"
    before = [
        make_node("Abs", [whole], [f"{whole}_absolute"], name=f"{whole}_absolute"),
        make_node("ReduceMax", [f"{whole}_absolute", "last_axis"], [f"{whole}_max"], name=f"{whole}_max", keepdims=1),
        make_node("Max", [f"{whole}_max", "smallest"], [size], name=size),
        make_node("Div", [whole, size], [divided], name=divided),
    ]
    node.input[0], node.output[0] = divided, f"{result}_divided"
    after = make_node("Mul", [f"{result}_divided", size], [result], name=f"{result}_restored")
    found = [node, after] if whole in scaled else [*before, node, after]
    scaled.add(whole)
    return found
