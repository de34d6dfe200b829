"""Labeled examples as arrays: what a model says of each, what is true, which document it is of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
        names = [example.sentence.document for example in self.examples]
        number = {name: place for place, name in enumerate(dict.fromkeys(names))}
        return np.array([number[name] for name in names], dtype=np.intp)


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
    parts: list[list[Probabilities]] = [[] for _ in models]
    starts = [(number, start) for number in range(len(models)) for start in range(0, len(texts), CHUNK)]
    for number, start in starts:
        chunk = texts[start : start + CHUNK]
        parts[number].append(models[number].raw_proba(chunk))
        progress(number * len(texts) + start + len(chunk), len(models) * len(texts))
    raw, *repeated = (np.concatenate(some) for some in parts)
    repeats = {
        seed: model.calibration.apply(rows).argmax(axis=1) for seed, rows in zip(others or {}, repeated, strict=True)
    }
    return Predictions(examples, model.labels, raw, model.calibration, model.abstention, model.seed, repeats)
