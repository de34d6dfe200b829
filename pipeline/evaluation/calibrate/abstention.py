"""Calibrated probabilities and true labels to the threshold below which a model abstains."""

import numpy as np
from numpy.typing import NDArray

from pipeline.config.calibrate import CalibrateConfig
from pipeline.models.calibration import Abstention, Probabilities

Places = NDArray[np.intp]
ALWAYS = 1.01  # threshold that no probability reaches
N_THRESHOLDS = 96  # that are tried, at most
POWER = 4  # times as many documents as would, all right, just keep the promise: where trying begins


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
    hold the true one with probability 1 - max_error at least (Sadinle, Lei and Wasserman 2019), where sentences are
    drawn one by one; of whole documents the share of misses varies more.
    """
    of_true = np.sort(probabilities[np.arange(len(true)), true])
    n_missed = int(max_error * (len(true) + 1))
    return float(of_true[n_missed - 1]) if n_missed else 0.0


def risk_threshold(
    probabilities: Probabilities, true: Places, documents: Places, max_error: float, confidence: float
) -> float:
    """The lowest threshold down to which the upper bound of the error among what is kept is as promised.

    Thresholds are tried from a high one down, and the first that fails ends it: so the promise holds for the last
    although many were tried (fixed-sequence testing; Angelopoulos et al. 2021, Learn then Test). The first keeps
    sentences of enough documents that some may be wrong. Where none will do, the threshold is one that no probability
    reaches.
    """
    scores, wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != true
    order = np.argsort(-scores, kind="stable")
    _, first = np.unique(documents[order], return_index=True)
    fewest = min(POWER * np.log(1 - confidence) / np.log(1 - max_error), len(first))
    begin = np.sort(first)[int(fewest) - 1]  # where so many documents have a sentence
    found = ALWAYS
    for place in np.unique(np.linspace(begin, len(scores) - 1, N_THRESHOLDS).astype(int)):
        threshold = scores[order[place]]
        kept = scores >= threshold
        if error_bound(wrong[kept], documents[kept], confidence) > max_error:
            break
        found = float(threshold)
    return found


def error_bound(wrong: NDArray[np.bool_], documents: Places, confidence: float) -> float:
    """Upper confidence bound of the share that is wrong, where sentences of one document err together.

    The bound of Clopper and Pearson with the effective number of sentences (Korn and Graubard 1998): as many as would,
    drawn one by one, give the share the variance that it has over documents, and fewer where documents are few. Of a
    single document nothing is known: the bound is 1.
    """
    from scipy.stats import beta, t

    n, share = len(wrong), float(wrong.mean())
    _, number = np.unique(documents, return_inverse=True)
    deviations = np.bincount(number, weights=wrong - share)
    n_documents = len(deviations)
    if share == 1 or n_documents == 1:
        return 1.0
    variance = float((deviations**2).sum()) / n**2 * n_documents / (n_documents - 1)
    effective = min(n, share * (1 - share) / variance) if variance > 0 else n_documents
    effective *= (t.ppf(confidence, n - 1) / t.ppf(confidence, n_documents - 1)) ** 2
    return float(beta.ppf(confidence, effective * share + 1, effective * (1 - share)))
