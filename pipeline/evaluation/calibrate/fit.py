"""Raw probabilities and true labels to a calibration."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config.calibrate import CalibrateConfig
from pipeline.models.calibration import LEAST, Calibration, Curve, Probabilities, tempered
from pipeline.records import StanceError

Places = NDArray[np.intp]  # of labels among all labels
TEMPERATURES = (0.05, 20.0)  # between which the best is looked for
LEAST_FOR_CURVES = 1000  # sentences; with fewer, isotonic curves follow chance (Niculescu-Mizil and Caruana 2005)


def fit_calibration(raw: Probabilities, true: Places, config: CalibrateConfig) -> Calibration:
    """The calibration that the config asks for.

    Args:
        raw: probabilities, (n_sentences, n_labels).
        true: place of each sentence's label, (n_sentences,).
        config: says which.

    Raises:
        StanceError: there are too few sentences for it.
    """
    if config.method == "temperature":
        return Calibration("temperature", temperature=best_temperature(raw, true))
    if config.method == "isotonic":
        if len(true) < LEAST_FOR_CURVES:
            raise StanceError(
                f"calibrate.method: isotonic needs {LEAST_FOR_CURVES} validation sentences; found {len(true)}. "
                "Use temperature, or label more"
            )
        return Calibration("isotonic", curves=[_curve(raw[:, i], true == i) for i in range(raw.shape[1])])
    return Calibration()


def best_temperature(raw: Probabilities, true: Places) -> float:
    """The temperature with the least log loss."""
    from scipy.optimize import minimize_scalar

    bounds = tuple(float(np.log(t)) for t in TEMPERATURES)
    found = minimize_scalar(
        lambda logarithm: log_loss(tempered(raw, float(np.exp(logarithm))), true), bounds=bounds, method="bounded"
    )
    return float(np.exp(found.x))


def log_loss(probabilities: Probabilities, true: Places) -> float:
    """Mean negative logarithm of the true label's probability, in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(true)), true], LEAST)).mean())


def _curve(raw: NDArray[np.float64], has_label: NDArray[np.bool_]) -> Curve:
    from sklearn.isotonic import IsotonicRegression

    fitted: Any = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(raw, has_label.astype(float))
    return Curve(fitted.X_thresholds_.tolist(), fitted.y_thresholds_.tolist())
