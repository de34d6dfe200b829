"""Labeled examples as arrays: what a model says of each, what is true, which document it is of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.models.calibration import NEVER, UNCALIBRATED, Abstention, Calibration, Probabilities
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.records import Example

CHUNK = 512  # sentences between two words of progress

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Predictions:
    """A model on labeled examples.

    Attributes:
        examples: in order.
        labels: of the model.
        raw: probabilities before calibration, (n_sentences, n_labels).
        calibration: of the model.
        abstention: of the model.
    """

    examples: Sequence[Example]
    labels: LabelSet
    raw: Probabilities
    calibration: Calibration = UNCALIBRATED
    abstention: Abstention = NEVER

    @cached_property
    def probabilities(self) -> Probabilities:
        """Calibrated, (n_sentences, n_labels)."""
        return self.calibration.apply(self.raw)

    @cached_property
    def abstains(self) -> NDArray[np.bool_]:
        """Whether the model abstains, (n_sentences,)."""
        return self.abstention.applies(self.probabilities)

    @cached_property
    def predicted(self) -> Places:
        """Place of the most probable label among all labels, (n_sentences,)."""
        best: Places = self.probabilities.argmax(axis=1)
        return best

    @cached_property
    def true(self) -> Places:
        """Place of the true label among all labels, (n_sentences,)."""
        place = {label: number for number, label in enumerate(self.labels.all)}
        return np.array([place[example.label] for example in self.examples], dtype=np.intp)

    @cached_property
    def documents(self) -> Places:
        """Number of the document from 0, in the order of their first sentence, (n_sentences,)."""
        names = [example.sentence.document for example in self.examples]
        number = {name: place for place, name in enumerate(dict.fromkeys(names))}
        return np.array([number[name] for name in names], dtype=np.intp)


def predictions_of(
    model: StanceModel,
    examples: Sequence[Example],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Predictions:
    """What a model says of the examples.

    Args:
        model: a fitted model.
        examples: with their labels.
        progress: told how many sentences are done, and how many there are.
    """
    texts = [example.text for example in examples]
    parts = []
    for start in range(0, len(texts), CHUNK):
        parts.append(model.raw_proba(texts[start : start + CHUNK]))
        progress(min(start + CHUNK, len(texts)), len(texts))
    return Predictions(examples, model.labels, np.concatenate(parts), model.calibration, model.abstention)
