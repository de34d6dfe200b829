"""Runs of tokens as features, each at a place that its hash gives, and a linear classifier of them.

Word order at little cost, as in fastText (Joulin et al. 2017); hashing as in Weinberger et al. (2009).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from pipeline.models.logistic import coefficients

N_PLACES = 2**18
FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))  # odd, of random bits
LEAST_SENTENCES = 2  # that a run has to be in
MAX_ITERATIONS = 1000
TOLERANCE = 1e-3

TokenIds = Sequence[Sequence[int]]


@dataclass(frozen=True)
class NgramClassifier:
    """Logistic regression on the runs of up to `longest` tokens.

    Attributes:
        longest: tokens of a run, at most.
        weights: (N_PLACES, n_labels), how rare each run is included.
        bias: (n_labels,).
    """

    longest: int
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def fit(cls, ids: TokenIds, labels: Sequence[str], names: Sequence[str], *, longest: int, **kwargs: Any) -> Self:
        """Learn from sentences.

        Args:
            ids: the tokens of each sentence.
            labels: one a sentence.
            names: of the labels, in the order of the columns.
            longest: tokens of a run, at most.
            kwargs: for scikit-learn's `LogisticRegression`, as `C`.
        """
        counts = _counts(ids, longest)
        n_with = np.bincount(counts.indices, minlength=N_PLACES)
        rarity = np.log((1 + len(ids)) / (1 + n_with)) + 1  # smoothed inverse document frequency
        rarity[n_with < LEAST_SENTENCES] = 0.0
        classifier = LogisticRegression(max_iter=MAX_ITERATIONS, tol=TOLERANCE, **kwargs)
        classifier.fit(_scaled(counts) @ diags(rarity.astype(np.float32)), labels)
        weights, bias = coefficients(classifier, names)
        return cls(longest, (weights.T * rarity[:, None]).astype(np.float32), bias.astype(np.float32))

    def logits(self, ids: TokenIds) -> NDArray[np.float32]:
        """Scores of sentences as token ids, (n_sentences, n_labels), whose softmax is their probabilities."""
        scores: NDArray[np.float32] = _scaled(_counts(ids, self.longest)) @ self.weights + self.bias
        return scores

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        arrays = {"weights": np.ascontiguousarray(self.weights), "bias": self.bias}
        save_file({**arrays, "longest": np.array([self.longest])}, path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """As `save` wrote it."""
        arrays = load_file(path)
        return cls(int(arrays["longest"][0]), arrays["weights"], arrays["bias"])


def _counts(ids: TokenIds, longest: int) -> csr_matrix:
    """How often each sentence has each run of 1 to `longest` tokens, (n_sentences, N_PLACES)."""
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    tokens = np.fromiter(chain.from_iterable(ids), np.uint64, int(lengths.sum()))
    rows = np.repeat(np.arange(len(ids)), lengths)
    hashes, places, of = tokens, [tokens], [rows]
    for more in range(1, longest):
        hashes = hashes[:-1] * FACTORS[0] + tokens[more:] * FACTORS[1]  # wraps around
        within = rows[:-more] == rows[more:]
        places.append((hashes ^ (hashes >> np.uint64(29)))[within])
        of.append(rows[:-more][within])
    columns = (np.concatenate(places) % np.uint64(N_PLACES)).astype(np.int64)
    ones = np.ones(len(columns), np.float32)
    return csr_matrix((ones, (np.concatenate(of), columns)), shape=(len(ids), N_PLACES))


def _scaled(counts: csr_matrix) -> csr_matrix:
    """Each row by the root of its sum, so that long sentences do not outshout short ones."""
    totals = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    return diags((1 / np.sqrt(totals)).astype(np.float32)) @ counts
