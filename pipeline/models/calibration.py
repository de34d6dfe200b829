"""What a model's probabilities are worth: how they are made honest, and when it had better abstain."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

Probabilities = NDArray[np.float64]
Method = Literal["none", "temperature", "isotonic"]
AbstainBy = Literal["none", "risk", "conformal"]
LEAST = 1e-12  # probability that stands for 0 where a logarithm is taken
STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Curve:
    """A rising broken line, from a raw probability to the share of sentences that have the label."""

    __pydantic_config__: ClassVar = STRICT

    raw: list[float]
    share: list[float]


@dataclass(frozen=True)
class Calibration:
    """How raw probabilities become calibrated ones.

    Attributes:
        method: ``temperature``: the logits are divided by one number (Guo et al. 2017); ``isotonic``: each label has a
            rising curve of its own, then the row is scaled to sum to 1 (Zadrozny and Elkan 2002).
        temperature: that number; above 1 the model becomes less sure.
        curves: a curve a label, in the order of the labels.
    """

    __pydantic_config__: ClassVar = STRICT

    method: Method = "none"
    temperature: float = 1.0
    curves: list[Curve] = field(default_factory=list)

    def apply(self, raw: Probabilities) -> Probabilities:
        """Calibrated probabilities, (n_sentences, n_labels), of raw ones; each row sums to 1."""
        if self.method == "temperature":
            return tempered(raw, self.temperature)
        if self.method == "isotonic":
            columns = [np.interp(raw[:, i], curve.raw, curve.share) for i, curve in enumerate(self.curves)]
            shares = np.stack(columns, axis=1)
            totals = shares.sum(axis=1, keepdims=True)
            return np.where(totals > 0, shares / np.maximum(totals, LEAST), raw)  # no curve gives it anything
        return raw


@dataclass(frozen=True)
class Abstention:
    """When a model says that it does not know.

    Attributes:
        method: ``risk``: where the label's probability is below the threshold; ``conformal``: where the labels whose
            probability is not below it are none, or several (split conformal sets; Sadinle, Lei and Wasserman 2019).
        threshold: above 1: it always abstains, since no lower one keeps the promise.
        max_error: what is promised: of ``risk``, the share of wrong labels among those kept; of ``conformal``, how
            often the true label is not in the set.
        confidence: that the promise is kept, on text like that of the validation part; of ``risk``.
    """

    __pydantic_config__: ClassVar = STRICT

    method: AbstainBy = "none"
    threshold: float = 0.0
    max_error: float = 1.0
    confidence: float = 0.0

    def applies(self, probabilities: Probabilities) -> NDArray[np.bool_]:
        """Whether the model abstains, (n_sentences,), by calibrated probabilities, (n_sentences, n_labels)."""
        found: NDArray[np.bool_] = np.zeros(len(probabilities), dtype=bool)
        if self.method == "risk":
            found = probabilities.max(axis=1, initial=0.0) < self.threshold
        elif self.method == "conformal":
            found = (probabilities >= self.threshold).sum(axis=1) != 1
        return found


UNCALIBRATED = Calibration()
NEVER = Abstention()


def tempered(raw: Probabilities, temperature: float) -> Probabilities:
    """The softmax of the logits divided by a temperature, of the softmax of the logits."""
    logits = np.log(np.maximum(raw, LEAST)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    found: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return found
