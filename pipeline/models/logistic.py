"""Logistic regression, its penalty chosen on the validation part."""

import warnings
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from pipeline.config.training import LogisticTraining
from pipeline.models.contract import StanceModel
from pipeline.models.selection import macro_f1
from pipeline.records import Listener, StanceError, TrainingEvent


class Labeled(NamedTuple):
    """Features of sentences, (n_sentences, n_features), and their labels."""

    inputs: Any
    labels: list[str]


def fit_best(model: StanceModel, train: Labeled, validation: Labeled, listener: Listener) -> LogisticRegression:
    """Fit once for each `C` of the model's config; the one best on the validation part stays, of equals the first.

    Raises:
        StanceError: one does not converge.
    """
    found: list[tuple[float, LogisticRegression]] = []
    strengths = sorted(model.config.C)  # the strongest penalty first
    for step, strength in enumerate(strengths, start=1):
        classifier = _fitted(model.config, strength, model.seed, train)
        score = macro_f1(validation.labels, classifier.predict(validation.inputs).tolist(), model.labels)
        found.append((score, classifier))
        listener(TrainingEvent(step, len(strengths), float(step), {"validation_macro_f1": score, "C": strength}))
    return max(found, key=itemgetter(0))[1]


def _fitted(config: LogisticTraining, strength: float, seed: int, train: Labeled) -> LogisticRegression:
    weights = "balanced" if config.class_weights == "balanced" else None
    classifier = LogisticRegression(C=strength, class_weight=weights, max_iter=config.max_iterations, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return classifier.fit(*train)
        except ConvergenceWarning:
            raise StanceError(
                f"train: logistic regression with C {strength:g} did not converge in {config.max_iterations} steps. "
                "Raise train.max_iterations, or lower train.C"
            ) from None


def coefficients(
    classifier: LogisticRegression, labels: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights, (n_labels, n_features), and intercepts, (n_labels,), of a softmax that gives the same probabilities."""
    weights, bias = classifier.coef_, classifier.intercept_
    if len(weights) == 1:  # of two labels scikit-learn keeps the second's log-odds
        weights, bias = np.concatenate([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    order = [classifier.classes_.tolist().index(label) for label in labels]
    return weights[order], bias[order]
