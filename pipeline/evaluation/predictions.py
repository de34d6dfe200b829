"""Labeled examples as arrays: what a model says of each, what is true, which document it is of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.bootstrap import Places, numbered
from pipeline.models.calibration import NEVER, UNCALIBRATED, Abstention, Calibration, Probabilities
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.records import Example

CHUNK = 512  # sentences between two words of progress

Made = TypeVar("Made")


@dataclass(frozen=True)
class Predictions:
    """A model on labeled examples.

    Attributes:
        examples: in order.
        labels: of the model.
        raw: probabilities before calibration, (n_sentences, n_labels).
        calibration: of the model.
        abstention: of the model.
        seed: that it was trained with.
        repeats: place of the label that the same config gives when trained with another seed, (n_sentences,), by seed.
    """

    examples: Sequence[Example]
    labels: LabelSet
    raw: Probabilities
    calibration: Calibration = UNCALIBRATED
    abstention: Abstention = NEVER
    seed: int = 0
    repeats: Mapping[int, Places] = field(default_factory=dict)

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
        return numbered([example.sentence.document for example in self.examples])


def in_chunks(
    compute: Callable[[Sequence[str]], Made], texts: Sequence[str], progress: Callable[[int, int], None]
) -> list[Made]:
    """What is computed of some sentences at a time; progress is told how many are done, and how many there are."""
    parts = []
    for start in range(0, len(texts), CHUNK):
        parts.append(compute(texts[start : start + CHUNK]))
        progress(min(start + CHUNK, len(texts)), len(texts))
    return parts


def predictions_of(
    model: StanceModel,
    examples: Sequence[Example],
    progress: Callable[[int, int], None] = lambda done, total: None,
    others: Mapping[int, StanceModel] | None = None,
) -> Predictions:
    """What a model says of the examples.

    Args:
        model: a fitted model.
        examples: with their labels.
        progress: told how many sentences are done, and how many there are.
        others: models of the same config trained with other seeds, by seed.
    """
    models = [model, *(others or {}).values()]
    texts = [example.text for example in examples]
    raw, *repeated = (np.concatenate(in_chunks(one.raw_proba, texts, progress)) for one in models)
    repeats = {
        seed: model.calibration.apply(rows).argmax(axis=1) for seed, rows in zip(others or {}, repeated, strict=True)
    }
    return Predictions(examples, model.labels, raw, model.calibration, model.abstention, model.seed, repeats)
