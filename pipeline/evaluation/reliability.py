"""Whether a probability means anything: expected calibration error, Brier score, and the bins of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.config.evaluate import EvaluateConfig
from pipeline.evaluation.bootstrap import Estimate, estimate, resampled, sums_by_document
from pipeline.evaluation.predictions import Predictions
from pipeline.models.calibration import Probabilities

N_BINS = 15  # of equal width, as in Guo et al. (2017)
FEW_IN_BIN = 10  # below, a picture shows the bin as a pale dot


@dataclass(frozen=True)
class Bin:
    """Sentences whose label got a like probability: how many, its mean, and the share that is right."""

    n: int
    probability: float
    accuracy: float


@dataclass(frozen=True)
class Reliability:
    """How far probabilities are from what they promise.

    Attributes:
        ece: expected calibration error, 0 to 1: mean gap between the label's probability and the share that is right,
            over bins of that probability (Guo et al. 2017). Chance alone makes it larger than 0.
        brier: mean squared distance from the true label's row of 0 and 1, 0 to 2 (Brier 1950).
        bins: from the least probability up; empty ones are left out.
    """

    ece: Estimate
    brier: Estimate
    bins: Sequence[Bin]


def reliability(probabilities: Probabilities, found: Predictions, config: EvaluateConfig, seed: int) -> Reliability:
    """The reliability of probabilities, (n_sentences, n_labels).

    Args:
        probabilities: those of the predictions, before calibration or after.
        found: what is true, and which documents the sentences are of.
        config: how surely to measure.
        seed: of the bootstrap.
    """
    scores, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == found.true
    membership = np.eye(N_BINS)[np.minimum((scores * N_BINS).astype(int), N_BINS - 1)]
    squared = ((probabilities - np.eye(probabilities.shape[1])[found.true]) ** 2).sum(axis=1)
    figures = np.concatenate([membership, membership * scores[:, None], membership * is_right[:, None]], axis=1)
    sums = sums_by_document(found.documents, np.concatenate([figures, squared[:, None]], axis=1))
    draws = resampled(sums, config.bootstrap_draws, seed)
    whole = sums.sum(axis=0)
    return Reliability(
        ece=_unbiased(float(_ece(whole)), _ece(draws), config.confidence, len(sums)),
        brier=estimate(float(_brier(whole)), _brier(draws), config.confidence, len(sums)),
        bins=_bins(whole),
    )


def _unbiased(value: float, draws: NDArray[np.float64], confidence: float, n_documents: int) -> Estimate:
    """The interval with the bias of resampling taken out: drawing again adds chance, and chance raises the error."""
    if len(draws):
        draws = np.maximum(draws - (draws.mean() - value), 0)
    return estimate(value, draws, confidence, n_documents)


def _ece(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of sums, (…, 3 · N_BINS + 1): how many, their probability, how many are right, a bin each; squared distances."""
    n, probability, right = (sums[..., i * N_BINS : (i + 1) * N_BINS] for i in range(3))
    gaps: NDArray[np.float64] = np.abs(probability - right).sum(axis=-1) / n.sum(axis=-1)
    return gaps


def _brier(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = sums[..., -1] / sums[..., :N_BINS].sum(axis=-1)
    return found


def _bins(sums: NDArray[np.float64]) -> list[Bin]:
    n, probability, right = (sums[i * N_BINS : (i + 1) * N_BINS] for i in range(3))
    return [Bin(int(n[i]), float(probability[i] / n[i]), float(right[i] / n[i])) for i in range(N_BINS) if n[i] > 0]
