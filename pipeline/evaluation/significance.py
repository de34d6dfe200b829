"""Is one model better than another, or only luckier? Both on the same sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.bootstrap import Estimate, Places, estimate, over_seeds, resampled
from pipeline.evaluation.confusion import confusion_by_document, f1
from pipeline.models.contract import LabelSet
from pipeline.records import percent

POWER = 0.8  # chance of seeing the smallest difference that a set is said to show


@dataclass(frozen=True)
class Drawn:
    """A figure's mean over trainings, and its draws, (n_draws,)."""

    value: float
    draws: NDArray[np.float64]

    def __sub__(self, other: "Drawn") -> "Drawn":
        return Drawn(self.value - other.value, self.draws - other.draws)


@dataclass(frozen=True)
class Answers:
    """Two models on the same sentences.

    Attributes:
        labels: of both.
        true: place of each sentence's label among all labels, (n_sentences,).
        documents: number of each sentence's document from 0, (n_sentences,).
        one: places of the labels that the first model gives, (n_seeds, n_sentences), a row a training.
        other: and the second; it may have been trained with fewer or more seeds.
    """

    labels: LabelSet
    true: Places
    documents: Places
    one: Places
    other: Places

    @property
    def both(self) -> tuple[Places, Places]:
        """The first model's labels, then the second's."""
        return self.one, self.other


@dataclass(frozen=True)
class Comparison:
    """How two models differ on one set.

    Attributes:
        n_sentences: of the set.
        n_documents: of the set.
        one: macro-F1 of the first model.
        other: macro-F1 of the second.
        difference: other - one, with the interval of a paired bootstrap over documents.
        f1: F1 of each label, of the first model and of the second, by label.
        by_label: their difference, as that of macro-F1.
        n_only_one: sentences that only the first labels rightly.
        n_only_other: sentences that only the second labels rightly.
        mcnemar: probability of counts as uneven as these two, if each were as likely (McNemar 1947). It takes
            sentences as independent, which those of one document are not.
        smallest: least true difference in macro-F1 that this set would show four times in five.
        confidence: coverage of the intervals.
        n_trainings: of the first and of the second; a single one has no variance of seeds.
    """

    n_sentences: int
    n_documents: int
    one: Estimate
    other: Estimate
    difference: Estimate
    f1: dict[str, tuple[float, float]]
    by_label: dict[str, Estimate]
    n_only_one: int
    n_only_other: int
    mcnemar: float
    smallest: float | None
    confidence: float
    n_trainings: tuple[int, int]

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval of the difference leaves 0 out."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)

    def verdict(self, one: str, other: str) -> str:
        """The finding in one sentence, with the models' names."""
        low, high, value = self.difference.low, self.difference.high, self.difference.value
        if low is None or high is None or self.smallest is None:
            return f"{one} and {other} cannot be compared by this test set: it has a single document."
        interval = f"{percent(self.confidence)} interval of the difference"
        if self.n_only_one == self.n_only_other == 0 and value == low == high == 0:
            return f"{one} and {other} are right and wrong on the same sentences of this test set."
        if not self.is_told_apart:
            return (
                f"This test set cannot tell {one} and {other} apart ({interval} {_points(low)} to {_points(high)} "
                f"points of macro-F1); it would show one of {_points(self.smallest)} points four times in five."
            )
        better, worse = (other, one) if value > 0 else (one, other)
        bounds = sorted((abs(low), abs(high)))
        return (
            f"{better} is better than {worse} by {_points(abs(value))} points of macro-F1, {interval} "
            f"{_points(bounds[0])} to {_points(bounds[1])}."
        )


def compare(answers: Answers, *, n_draws: int, confidence: float, seed: int) -> Comparison:
    """The comparison of two models on one set.

    Args:
        answers: of both.
        n_draws: of the documents; each draw is the same for both models, and of the seeds.
        confidence: coverage of the intervals.
        seed: of the draws.
    """
    labels, n_stances = answers.labels.all, len(answers.labels.stances)
    n_documents = len(set(answers.documents.tolist()))
    found = [_f1(answers, predicted, n_draws, seed) for predicted in answers.both]
    one, other = (
        _mean(values[:, :n_stances].mean(axis=1), draws[..., :n_stances].mean(axis=2), [seed, place])
        for place, (values, draws) in enumerate(found)
    )
    by_label = [
        [_mean(values[:, k], draws[..., k], [seed, place, k]) for k in range(len(labels))]
        for place, (values, draws) in enumerate(found)
    ]
    interval = partial(_interval, confidence=confidence, n_documents=n_documents)
    difference = interval(other - one)
    n_only_one, n_only_other = _discordant(answers)
    return Comparison(
        n_sentences=len(answers.true),
        n_documents=n_documents,
        one=interval(one),
        other=interval(other),
        difference=difference,
        f1={label: (a.value, b.value) for label, a, b in zip(labels, *by_label, strict=True)},
        by_label={label: interval(b - a) for label, a, b in zip(labels, *by_label, strict=True)},
        n_only_one=n_only_one,
        n_only_other=n_only_other,
        mcnemar=_mcnemar(n_only_one, n_only_other),
        smallest=_smallest(difference, confidence),
        n_trainings=(len(answers.one), len(answers.other)),
        confidence=confidence,
    )


def flips(answers: Answers) -> Sequence[int]:
    """Places of the sentences that the models, each as it is kept, label differently, in order."""
    found: list[int] = np.flatnonzero(answers.one[0] != answers.other[0]).tolist()
    return found


def _f1(
    answers: Answers, predicted: Places, n_draws: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """F1 of each training and label, (n_seeds, n_labels), and its draws, (n_draws, n_seeds, n_labels)."""
    n_labels = len(answers.labels.all)
    counts = [confusion_by_document(answers.documents, answers.true, row, n_labels) for row in predicted]
    by_document = np.stack(counts, axis=1)
    return f1(by_document.sum(axis=0)), f1(resampled(by_document, n_draws, seed))


def _mean(values: NDArray[np.float64], draws: NDArray[np.float64], seed: Sequence[int]) -> Drawn:
    return Drawn(float(values.mean()), over_seeds(values, draws, seed))


def _interval(found: Drawn, confidence: float, n_documents: int) -> Estimate:
    return estimate(found.value, found.draws, confidence, n_documents)


def _discordant(answers: Answers) -> tuple[int, int]:
    """How many sentences only the first model labels rightly, and only the other, each as it is kept."""
    one, other = (predicted[0] == answers.true for predicted in answers.both)
    return int((one & ~other).sum()), int((other & ~one).sum())


def _mcnemar(n_only_one: int, n_only_other: int) -> float:
    from statsmodels.stats.contingency_tables import mcnemar

    return float(mcnemar([[0, n_only_one], [n_only_other, 0]], exact=True).pvalue)


def _smallest(difference: Estimate, confidence: float) -> float | None:
    """What lies past half the interval by as much as its own variation asks for, as if it were normal (Cohen 1988)."""
    from scipy.special import ndtri

    if difference.low is None or difference.high is None:
        return None
    return float((difference.high - difference.low) / 2 * (1 + ndtri(POWER) / ndtri((1 + confidence) / 2)))


def _points(value: float) -> str:
    return f"{100 * value:.1f}"
