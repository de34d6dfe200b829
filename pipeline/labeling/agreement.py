"""How far annotators agree who labeled the same sentences: Krippendorff's alpha, and Cohen's kappa of every pair."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from pipeline.records import Sentence, StanceError, did_you_mean, listing


@dataclass(frozen=True)
class PairAgreement:
    """Two annotators.

    Attributes:
        one: name of the first.
        other: name of the second.
        n_sentences: that both labeled.
        share: of them that got the same label from both.
        kappa: Cohen's (1960); None where one label is all that either gave, so that chance explains everything.
        by_label: kappa of each label against all others.
        confusion: sentences by the label of the first and the label of the second, (n_labels, n_labels).
    """

    one: str
    other: str
    n_sentences: int
    share: float
    kappa: float | None
    by_label: dict[str, float | None]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Agreement:
    """All annotators together.

    Attributes:
        labels: in the order of every matrix.
        n_sentences: that at least two annotators labeled.
        counts: sentences of each annotator.
        alpha: Krippendorff's (2019), for nominal data; None where only one label was given.
        pairs: of annotators with sentences in common.
        disputed: sentences with more than one label.
        shared: sentences with the labels of two or more, those of the compared alone.
    """

    labels: tuple[str, ...]
    n_sentences: int
    counts: dict[str, int]
    alpha: float | None
    pairs: list[PairAgreement]
    disputed: list[Sentence]
    shared: list[Sentence]


def measure_agreement(
    sentences: Sequence[Sentence], labels: Sequence[str], annotators: Sequence[str] = ()
) -> Agreement:
    """Agreement of those named, or of everybody who labeled any of the sentences.

    Args:
        sentences: with their annotators' labels.
        labels: that the codebook knows.
        annotators: whom to compare; none: all.

    Raises:
        StanceError: fewer than two annotators, no sentence in common, or a label that the codebook does not know.
    """
    counts = Counter(name for sentence in sentences for name in sentence.annotators)
    chosen = list(annotators) or list(counts)
    _check(sentences, labels, chosen, counts)
    votes = [[sentence.annotators.get(name) for name in chosen] for sentence in sentences]
    shared = [row for row in votes if sum(label is not None for label in row) > 1]
    if not shared:
        raise StanceError(f"no sentence was labeled by two of {', '.join(chosen)}. Give both the same sentences")
    disputed = [s for s, row in zip(sentences, votes, strict=True) if len({label for label in row if label}) > 1]
    columns = dict(zip(chosen, zip(*votes, strict=True), strict=True))
    pairs = [_pair(one, other, columns, labels) for one, other in combinations(chosen, 2)]
    return Agreement(
        labels=tuple(labels),
        n_sentences=len(shared),
        counts={name: counts[name] for name in chosen},
        alpha=_alpha(shared, labels),
        pairs=[pair for pair in pairs if pair is not None],
        disputed=disputed,
        shared=_shared(sentences, chosen),
    )


def _shared(sentences: Sequence[Sentence], chosen: Sequence[str]) -> list[Sentence]:
    theirs = [replace(s, annotators={name: s.annotators[name] for name in chosen if name in s.annotators})
              for s in sentences]  # fmt: skip
    return [sentence for sentence in theirs if len(sentence.annotators) > 1]


def _check(sentences: Sequence[Sentence], labels: Sequence[str], chosen: Sequence[str], counts: Counter[str]) -> None:
    unknown = [name for name in chosen if name not in counts]
    if unknown:
        hint = did_you_mean(unknown[0], list(counts))
        found = listing(list(counts)) if counts else "nobody: the column `annotators` is empty or not there"
        raise StanceError(f"annotator {unknown[0]}: labeled no sentence; found {found}.{hint}")
    if len(chosen) < 2:
        found = listing(chosen) if chosen else "nobody: the column `annotators` is empty or not there"
        raise StanceError(f"agreement takes two annotators; found {found}. Name tables with labels of two by name")
    for sentence in sentences:
        for name, label in sentence.annotators.items():
            if name in chosen and label not in labels:
                hint = did_you_mean(label, labels)
                raise StanceError(
                    f'{sentence.source}: label "{label}" of {name} is not one of {", ".join(labels)}.{hint}'
                )


def _alpha(votes: Sequence[Sequence[str | None]], labels: Sequence[str]) -> float | None:
    import krippendorff

    counts = np.array([[row.count(label) for label in labels] for row in votes])
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _pair(
    one: str, other: str, columns: dict[str, tuple[str | None, ...]], labels: Sequence[str]
) -> PairAgreement | None:
    from sklearn.metrics import confusion_matrix

    both = [(a, b) for a, b in zip(columns[one], columns[other], strict=True) if a is not None and b is not None]
    if not both:
        return None
    first, second = (np.array(column) for column in zip(*both, strict=True))
    matrix = confusion_matrix(first, second, labels=list(labels))
    return PairAgreement(
        one=one,
        other=other,
        n_sentences=len(both),
        share=float(np.mean(first == second)),
        kappa=_kappa(first, second),
        by_label={label: _kappa(first == label, second == label) for label in labels},
        confusion=tuple(tuple(row) for row in matrix.tolist()),
    )


def _kappa(first: np.ndarray, second: np.ndarray) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    if len(np.union1d(first, second)) < 2:
        return None
    return float(cohen_kappa_score(first, second))
