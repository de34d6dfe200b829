"""Figures of a model on one set: macro-F1 over the stances with its interval, and each label's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from pipeline.ceiling import Ceiling, human_ceiling
from pipeline.config.evaluate import EvaluateConfig
from pipeline.evaluation.bootstrap import Estimate, estimate, over_seeds, resampled
from pipeline.evaluation.confusion import Counts, confusion_by_document, f1, ratio
from pipeline.evaluation.predictions import Predictions
from pipeline.evaluation.reliability import Reliability, reliability
from pipeline.evaluation.selective import Selective, selective
from pipeline.evaluation.slices import Slice, slices

FEW_DOCUMENTS = 10  # below, a bootstrap over documents has too little to draw from


@dataclass(frozen=True)
class LabelScore:
    """One label's figures, 0 to 1, and how many examples have it."""

    precision: float
    recall: float
    f1: Estimate
    support: int


@dataclass(frozen=True)
class Seeds:
    """Several trainings on one set.

    Attributes:
        macro_f1: of each, by seed; the model that is kept comes first.
        mean: over them; its interval holds the variance of documents and of seeds.
        spread: standard deviation over the seeds.
    """

    macro_f1: Mapping[int, float]
    mean: Estimate
    spread: float


@dataclass(frozen=True)
class Evaluation:
    """A model on one set.

    Attributes:
        name: of the set.
        macro_f1: mean F1 of the stances; the background counts through false positives and negatives.
        accuracy: share of the sentences that got their label.
        by_label: figures a label.
        confusion: counts, rows by true label, columns by predicted, both in the order of `by_label`.
        confidence: coverage of the intervals.
        raw: reliability of the probabilities before calibration.
        calibrated: and after.
        abstaining: what abstaining is worth; None of a model that never does.
        seeds: what several trainings come to; None where there was one. All other figures are of the model kept.
        slices: the same on parts of the set.
        ceiling: what one annotator reaches against the rest; None where no sentence has the labels of two.
    """

    name: str
    n_sentences: int
    n_documents: int
    macro_f1: Estimate
    accuracy: float
    by_label: Mapping[str, LabelScore]
    confusion: Sequence[Sequence[int]]
    confidence: float
    raw: Reliability
    calibrated: Reliability
    abstaining: Selective | None
    seeds: Seeds | None = None
    slices: Sequence[Slice] = ()
    ceiling: Ceiling | None = None

    @property
    def headline(self) -> Estimate:
        """Macro-F1 of the config: the mean over its trainings, or that of its only one."""
        return self.macro_f1 if self.seeds is None else self.seeds.mean


def measure(name: str, found: Predictions, config: EvaluateConfig, seed: int) -> Evaluation:
    """The figures of a model on labeled examples; intervals come from a bootstrap over documents.

    Args:
        name: of the set.
        found: what the model said.
        config: how surely to measure.
        seed: of the bootstrap.
    """
    labels, n_stances = found.labels.all, len(found.labels.stances)
    by_document = confusion_by_document(found.documents, found.true, found.predicted, len(labels))
    confusion = by_document.sum(axis=0)
    f1s, f1_draws = f1(confusion), f1(resampled(by_document, config.bootstrap_draws, seed))
    interval = partial(estimate, confidence=config.confidence, n_documents=len(by_document))
    precision, recall = _precision(confusion), _recall(confusion)
    return Evaluation(
        name=name,
        n_sentences=len(found.examples),
        n_documents=len(by_document),
        macro_f1=interval(f1s[:n_stances].mean(), f1_draws[:, :n_stances].mean(axis=1)),
        accuracy=float(confusion.trace() / confusion.sum()),
        by_label={
            label: LabelScore(
                precision=float(precision[place]),
                recall=float(recall[place]),
                f1=interval(f1s[place], f1_draws[:, place]),
                support=int(confusion[place].sum()),
            )
            for place, label in enumerate(labels)
        },
        confusion=confusion.astype(int).tolist(),
        confidence=config.confidence,
        raw=reliability(found.raw, found, config, seed),
        calibrated=reliability(found.probabilities, found, config, seed),
        abstaining=selective(found, config, seed),
        seeds=_seeds(found, config, seed) if found.repeats else None,
        slices=slices(found, config, seed),
        ceiling=human_ceiling([example.sentence for example in found.examples], found.labels),
    )


def _seeds(found: Predictions, config: EvaluateConfig, seed: int) -> Seeds:
    n_labels, n_stances = len(found.labels.all), len(found.labels.stances)
    by_seed = {found.seed: found.predicted, **found.repeats}
    counts = [confusion_by_document(found.documents, found.true, row, n_labels) for row in by_seed.values()]
    by_document = np.stack(counts, axis=1)
    values = f1(by_document.sum(axis=0))[:, :n_stances].mean(axis=1)
    draws = f1(resampled(by_document, config.bootstrap_draws, seed))[..., :n_stances].mean(axis=-1)
    mean = estimate(values.mean(), over_seeds(values, draws, seed), config.confidence, len(by_document))
    return Seeds(dict(zip(by_seed, values.tolist(), strict=True)), mean, float(values.std(ddof=1)))


def _precision(confusion: Counts) -> NDArray[np.float64]:
    return ratio(np.diagonal(confusion), confusion.sum(axis=0))


def _recall(confusion: Counts) -> NDArray[np.float64]:
    return ratio(np.diagonal(confusion), confusion.sum(axis=1))


def from_dict(fields: Mapping[str, Any]) -> Evaluation:
    """An evaluation as it was saved."""
    return TypeAdapter(Evaluation).validate_python(fields)
