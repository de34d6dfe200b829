"""Sentences in batches of like length: little is padding, and no batch is larger than a cache likes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAX_TOKENS = 512  # a batch, padding counted; more of them were no faster on any processor tried

Ids = Sequence[Sequence[int]]


def of_like_length(ids: Ids, batch_size: int, max_tokens: int = MAX_TOKENS) -> list[NDArray[np.int64]]:
    """Places of sentences, a batch each, the longest first: workers that share them end at about the same time.

    How many sentences a batch has depends on its longest one alone, so that few shapes occur.

    Args:
        ids: token numbers of each sentence.
        batch_size: most sentences a batch.
        max_tokens: most tokens a batch, padding counted; a longer sentence is a batch of its own.
    """
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        n = max(1, min(batch_size, max_tokens // max(1, int(lengths[order[start]]))))
        batches.append(order[start : start + n])
        start += n
    return batches


def padded(ids: Ids, pad_token: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token numbers and mask of a batch, (n_sentences, n_tokens) each; 0 in the mask is padding."""
    width = max(1, *map(len, ids))
    numbers = np.full((len(ids), width), pad_token, np.int64)
    mask = np.zeros((len(ids), width), np.int64)
    for row, sentence in enumerate(ids):
        numbers[row, : len(sentence)] = sentence
        mask[row, : len(sentence)] = 1
    return numbers, mask
