"""Resampling documents, not sentences: sentences of one document are not independent."""

import numpy as np
from numpy.typing import NDArray

MOST_CELLS = 10_000_000  # of the table of draws that is in memory at once: 160 MB


def resampled_confusions(by_document: NDArray[np.float64], n_draws: int, seed: int) -> NDArray[np.float64]:
    """Counts of each draw, (n_draws, n_labels, n_labels), of counts a document, (n_documents, n_labels, n_labels).

    A draw takes as many documents as there are, with replacement (the cluster bootstrap, Field and Welsh 2007); how
    often it took each is multinomial, so that all draws are one matrix product.
    """
    n_documents, n_labels, _ = by_document.shape
    even = np.full(n_documents, 1 / n_documents)
    rng, counts = np.random.default_rng(seed), by_document.reshape(n_documents, -1)
    at_once = max(1, MOST_CELLS // n_documents)
    sizes = [min(at_once, n_draws - start) for start in range(0, n_draws, at_once)]
    flat = [rng.multinomial(n_documents, even, size=size).astype(np.float64) @ counts for size in sizes]
    return np.concatenate(flat).reshape(n_draws, n_labels, n_labels)
