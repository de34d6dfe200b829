"""The embeddings moved a little in the direction that hurts most (Miyato, Dai and Goodfellow 2017)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def perturbed(encoder: Any, size: float) -> Iterator[None]:
    """The table of token embeddings, moved along its gradient by a vector of length `size`, for a while.

    Nothing moves where the table has no gradient: its layers are frozen.
    """
    table = encoder.get_input_embeddings().weight
    gradient = table.grad
    length = 0.0 if gradient is None else float(gradient.norm())
    if gradient is None or not 0.0 < length < float("inf"):
        yield
        return
    kept = table.detach().clone()
    with torch.no_grad():
        table.add_(gradient, alpha=size / length)
    try:
        yield
    finally:
        with torch.no_grad():
            table.copy_(kept)
