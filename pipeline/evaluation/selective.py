"""What abstaining is worth: is its promise kept, and how does the error fall as less is kept?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.config.evaluate import EvaluateConfig
from pipeline.evaluation.bootstrap import Estimate, estimate, resampled, sums_by_document
from pipeline.evaluation.predictions import Predictions

N_POINTS = 200  # of the drawn curve, at most


@dataclass(frozen=True)
class Selective:
    """A model that abstains, on one set.

    Attributes:
        method: of abstaining.
        max_error: what was promised.
        kept: share of the sentences that it does not abstain from.
        error: of the promise: share of wrong labels among those kept, or of sets of labels without the true one.
        holds: whether the error, as measured, is as promised.
    """

    method: str
    max_error: float
    kept: Estimate
    error: Estimate
    holds: bool


def selective(found: Predictions, config: EvaluateConfig, seed: int) -> Selective | None:
    """What abstaining comes to; None of a model that never does.

    Args:
        found: what the model said.
        config: how surely to measure.
        seed: of the bootstrap.
    """
    abstention, is_kept = found.abstention, ~found.abstains
    if abstention.method == "none":
        return None
    if abstention.method == "risk":
        counts, fails = is_kept, is_kept & (found.predicted != found.true)
    else:
        of_true = found.probabilities[np.arange(len(found.true)), found.true]
        counts, fails = np.ones_like(is_kept), of_true < abstention.threshold
    figures = np.stack([np.ones_like(is_kept), is_kept, counts, fails], axis=1).astype(np.float64)
    sums = sums_by_document(found.documents, figures)
    draws, whole = resampled(sums, config.bootstrap_draws, seed), sums.sum(axis=0)
    some = draws[draws[:, 2] > 0]  # a draw without any that counts tells nothing
    error = estimate(float(whole[3] / max(whole[2], 1)), some[:, 3] / some[:, 2], config.confidence, len(sums))
    return Selective(
        method=abstention.method,
        max_error=abstention.max_error,
        kept=estimate(float(whole[1] / whole[0]), draws[:, 1] / draws[:, 0], config.confidence, len(sums)),
        error=error,
        holds=error.value <= abstention.max_error,
    )


def risk_coverage(
    scores: NDArray[np.float64], wrong: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares kept, from few to all, and the error among them, (n_points,) each: the surest sentences come first.

    El-Yaniv and Wiener (2010).

    Args:
        scores: probability of each sentence's label, (n_sentences,).
        wrong: whether that label is wrong, (n_sentences,).
    """
    order = np.argsort(-scores, kind="stable")
    n_kept = np.arange(1, len(wrong) + 1)
    errors = np.cumsum(wrong[order]) / n_kept
    points = np.unique(np.linspace(0, len(wrong) - 1, N_POINTS).astype(int))
    return n_kept[points] / len(wrong), errors[points]
