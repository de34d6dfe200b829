"""A batch cut into pieces of so many tokens: what is computed at once sets the memory that training takes."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def pieces(inputs: dict[str, Any], max_tokens: int | None) -> Iterator[dict[str, Any]]:
    """The rows of a batch, each once, the shortest first, in pieces without the padding that their rows do not need.

    Args:
        inputs: tensors of (n_sentences, …); those of the shape of `attention_mask` are cut to the longest row's tokens.
        max_tokens: of a piece, padding included; a longer row is a piece of its own. None: the batch as it is.
    """
    mask: Tensor = inputs["attention_mask"]
    if max_tokens is None or mask.numel() <= max_tokens:
        yield inputs
        return
    ends = (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).amax(dim=1)  # padding may be on the left
    lengths, order = ends.sort(stable=True)
    for start, stop in _cuts(lengths.tolist(), max_tokens):
        rows, longest = order[start:stop], int(lengths[stop - 1])
        yield {
            name: values[rows, :longest] if values.shape == mask.shape else values[rows]
            for name, values in inputs.items()
        }


def _cuts(lengths: list[int], max_tokens: int) -> Iterator[tuple[int, int]]:
    """First and past-the-last row of each piece, of rows whose lengths rise."""
    start = 0
    for row, length in enumerate(lengths):
        if row > start and length * (row + 1 - start) > max_tokens:
            yield start, row
            start = row
    yield start, len(lengths)
