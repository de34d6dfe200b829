"""Calibrated probabilities and true labels to the threshold below which a model abstains."""

import numpy as np
from numpy.typing import NDArray

from pipeline.config.calibrate import CalibrateConfig
from pipeline.models.calibration import Abstention, Probabilities

Places = NDArray[np.intp]
ALWAYS = 1.01  # threshold that no probability reaches
KEPT_SHARES = np.linspace(0.05, 1, 96)  # of the sentences, that thresholds are tried for


def fit_abstention(
    probabilities: Probabilities, true: Places, documents: Places, config: CalibrateConfig
) -> Abstention:
    """The abstention that the config asks for.

    Args:
        probabilities: calibrated, (n_sentences, n_labels).
        true: place of each sentence's label, (n_sentences,).
        documents: number of each sentence's document from 0, (n_sentences,).
        config: says which, and what is promised.
    """
    if config.abstain == "risk":
        threshold = risk_threshold(probabilities, true, documents, config.max_error, config.confidence)
        return Abstention("risk", threshold, config.max_error, config.confidence)
    if config.abstain == "conformal":
        return Abstention("conformal", conformal_threshold(probabilities, true, config.max_error), config.max_error)
    return Abstention()


def conformal_threshold(probabilities: Probabilities, true: Places, max_error: float) -> float:
    """Least probability of a label that could be right.

    The corrected quantile of split conformal prediction with the score that `mapie` calls "lac": the labels above it
    hold the true one with probability 1 - max_error at least (Sadinle, Lei and Wasserman 2019).
    """
    of_true = np.sort(probabilities[np.arange(len(true)), true])
    n_missed = int(max_error * (len(true) + 1))
    return float(of_true[n_missed - 1]) if n_missed else 0.0


def risk_threshold(
    probabilities: Probabilities, true: Places, documents: Places, max_error: float, confidence: float
) -> float:
    """The lowest threshold down to which the upper bound of the error among what is kept is as promised.

    Thresholds are tried from the highest down, and the first that fails ends it: so the promise holds for the last
    although many were tried (fixed-sequence testing; Angelopoulos et al. 2021, Learn then Test).
    """
    scores, wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != true
    found = ALWAYS
    for threshold in np.quantile(scores, 1 - KEPT_SHARES, method="lower"):
        kept = scores >= threshold
        if error_bound(wrong[kept], documents[kept], confidence) > max_error:
            break
        found = float(threshold)
    return found


def error_bound(wrong: NDArray[np.bool_], documents: Places, confidence: float) -> float:
    """Upper confidence bound of the share that is wrong, where sentences of one document err together.

    The bound of Clopper and Pearson with the effective number of sentences (Korn and Graubard 1998): as many as would,
    drawn one by one, give the share the variance that it has over documents.
    """
    from scipy.stats import beta

    n, share = len(wrong), float(wrong.mean())
    _, number = np.unique(documents, return_inverse=True)
    deviations = np.bincount(number, weights=wrong - share)
    n_documents = len(deviations)
    variance = float((deviations**2).sum()) / n**2 * n_documents / max(n_documents - 1, 1)
    effective = min(n, share * (1 - share) / variance) if variance > 0 else n
    return 1.0 if share == 1 else float(beta.ppf(confidence, effective * share + 1, effective * (1 - share)))
