"""A trained network as an ONNX graph, by torch's own exporter."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline.models.exported.engines import OUTPUTS
from pipeline.models.transformer.network import Classifier

INPUTS = ("input_ids", "attention_mask")
OPSET = 20  # the first with GELU as one operation


class _Graph(nn.Module):
    """What the graph computes: logits and pooled vectors."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        vectors = self.network.pooled(input_ids, attention_mask)
        return self.network.classified(vectors), vectors


def write_graph(network: Classifier, path: Path, max_length: int) -> None:
    """Write the network, on the CPU and in fp32, for any number of sentences of up to `max_length` tokens."""
    tokens = torch.ones((2, 8), dtype=torch.int64)  # more than one of each: a size of 1 would be taken as fixed
    mask = tokens.clone()
    mask[1, 5:] = 0
    sizes = {0: torch.export.Dim("n_sentences"), 1: torch.export.Dim("n_tokens", max=max_length)}
    with torch.inference_mode(), _quiet():
        program = torch.onnx.export(
            _Graph(network).eval(),
            (tokens, mask),
            dynamo=True,
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_shapes=(sizes, sizes),
            opset_version=OPSET,
            verbose=False,
        )
        if program is None:
            raise RuntimeError("torch.onnx.export gave no program")
        program.save(path, external_data=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter says of its own libraries."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
