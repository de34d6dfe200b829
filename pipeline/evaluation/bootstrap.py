"""Resampling documents, not sentences: sentences of one document are not independent."""

import numpy as np
from numpy.typing import NDArray


def resampled_confusions(by_document: NDArray[np.float64], n_draws: int, seed: int) -> NDArray[np.float64]:
    """Counts of each draw, (n_draws, n_labels, n_labels), of counts a document, (n_documents, n_labels, n_labels).

    A draw takes as many documents as there are, with replacement (the cluster bootstrap, Field and Welsh 2007); how
    often it took each is multinomial, so that all draws are one matrix product.
    """
    n_documents, n_labels, _ = by_document.shape
    even = np.full(n_documents, 1 / n_documents)
    times = np.random.default_rng(seed).multinomial(n_documents, even, size=n_draws)
    flat: NDArray[np.float64] = times.astype(np.float64) @ by_document.reshape(n_documents, -1)
    return flat.reshape(n_draws, n_labels, n_labels)
