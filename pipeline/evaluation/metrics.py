"""Figures of a model on one set: macro-F1 over the stances with its interval, and each label's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config.evaluate import EvaluateConfig
from pipeline.evaluation.bootstrap import resampled_confusions
from pipeline.models.contract import LabelSet
from pipeline.records import Example

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; no interval where there is a single document."""

    value: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}"

    def short(self) -> str:
        """The same with the interval to two decimals."""
        interval = "" if self.low is None or self.high is None else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.value:.3f}{interval}"


@dataclass(frozen=True)
class LabelScore:
    """One label's figures, 0 to 1, and how many examples have it."""

    precision: float
    recall: float
    f1: Estimate
    support: int


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
    """

    name: str
    n_sentences: int
    n_documents: int
    macro_f1: Estimate
    accuracy: float
    by_label: Mapping[str, LabelScore]
    confusion: Sequence[Sequence[int]]
    confidence: float


def measure(
    name: str,
    examples: Sequence[Example],
    probabilities: NDArray[np.float64],
    labels: LabelSet,
    *,
    config: EvaluateConfig,
    seed: int,
) -> Evaluation:
    """The figures of predictions, (n_sentences, n_labels), on labeled examples.

    Intervals come from a bootstrap over documents.
    """
    index = {label: place for place, label in enumerate(labels.all)}
    true = np.array([index[example.label] for example in examples])
    documents = [example.sentence.document for example in examples]
    by_document = _confusion_by_document(documents, true, probabilities.argmax(axis=1), len(index))
    confusion = by_document.sum(axis=0)
    draws = resampled_confusions(by_document, config.bootstrap_draws, seed)
    n_stances = len(labels.stances)
    f1_draws = f1(draws) if len(by_document) > 1 else np.empty((0, len(labels.all)))
    f1s = f1(confusion)
    macro = _estimate(f1s[:n_stances].mean(), f1_draws[:, :n_stances].mean(axis=1), config.confidence)
    precision, recall = _precision(confusion), _recall(confusion)
    by_label = {
        label: LabelScore(
            precision=float(precision[place]),
            recall=float(recall[place]),
            f1=_estimate(f1s[place], f1_draws[:, place], config.confidence),
            support=int(confusion[place].sum()),
        )
        for label, place in index.items()
    }
    return Evaluation(
        name=name,
        n_sentences=len(examples),
        n_documents=len(by_document),
        macro_f1=macro,
        accuracy=float(confusion.trace() / confusion.sum()),
        by_label=by_label,
        confusion=confusion.astype(int).tolist(),
        confidence=config.confidence,
    )


def f1(confusion: Counts) -> NDArray[np.float64]:
    """F1 a label, (…, n_labels), of counts, (…, n_labels, n_labels); 0 where a label is neither there nor predicted."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _ratio(2 * hits, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def _precision(confusion: Counts) -> NDArray[np.float64]:
    return _ratio(np.diagonal(confusion), confusion.sum(axis=0))


def _recall(confusion: Counts) -> NDArray[np.float64]:
    return _ratio(np.diagonal(confusion), confusion.sum(axis=1))


def _ratio(part: Counts, whole: Counts) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)


def _confusion_by_document(
    documents: Sequence[str], true: NDArray[Any], predicted: NDArray[Any], n_labels: int
) -> Counts:
    """Counts, (n_documents, n_labels, n_labels)."""
    numbers = {document: number for number, document in enumerate(dict.fromkeys(documents))}
    counts = np.zeros((len(numbers), n_labels, n_labels))
    np.add.at(counts, (np.array([numbers[document] for document in documents]), true, predicted), 1)
    return counts


def _estimate(value: Any, draws: NDArray[np.float64], confidence: float) -> Estimate:
    """The value with its percentile interval (Efron 1979)."""
    if len(draws) == 0:
        return Estimate(float(value), None, None)
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


def from_dict(fields: Mapping[str, Any]) -> Evaluation:
    """An evaluation as it was saved."""
    scores = {
        label: LabelScore(**{**score, "f1": Estimate(**score["f1"])}) for label, score in fields["by_label"].items()
    }
    return Evaluation(**{**fields, "macro_f1": Estimate(**fields["macro_f1"]), "by_label": scores})
