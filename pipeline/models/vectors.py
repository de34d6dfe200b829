"""Vectors of one length, so that their products compare directions."""

import numpy as np
from numpy.typing import NDArray

SHORTEST = np.float32(1e-12)  # length that a vector is divided by, at least


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors scaled to length 1, (n_vectors, n_dimensions); one of zeros stays."""
    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), SHORTEST)
    return scaled
