"""The loss: weighted cross-entropy against one label or a distribution, under one view of a sentence or several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

from pipeline.models.contract import LabelSet
from pipeline.records import Example


@dataclass(frozen=True)
class Objective:
    """What training makes small.

    Attributes:
        weights: of the labels, (n_labels,); None: all alike.
        smoothing: share of each target that is spread over all labels (Szegedy et al. 2016).
        agreement: weight of the divergence between two views (R-Drop, Liang et al. 2021).
    """

    weights: Tensor | None = None
    smoothing: float = 0.0
    agreement: float = 0.0

    def __call__(self, logits: Tensor, targets: Tensor, n_sentences: Tensor | int) -> Tensor:
        """The loss of a batch, as its share of a step of `n_sentences`, however the step is cut into batches.

        Args:
            logits: (n_views, n_batch, n_labels), or (n_batch, n_labels) for a single view.
            targets: (n_batch, n_labels), rows that sum to 1.
            n_sentences: of the step.
        """
        views = log_softmax(logits.float().reshape(-1, *targets.shape), dim=-1)
        n_labels = targets.shape[1]
        weights = targets.new_ones(n_labels) if self.weights is None else self.weights.to(targets)
        smooth = targets * (1 - self.smoothing) + self.smoothing / n_labels
        total = -(views * weights * smooth).sum() / len(views)
        half = len(views) // 2
        if self.agreement and half:
            total = total + self.agreement * _divergence(views[:half], views[half:])
        return total / n_sentences


def _divergence(one: Tensor, other: Tensor) -> Tensor:
    """Half the Kullback-Leibler divergences both ways, summed over sentences, their mean over pairs of views."""
    there = kl_div(one, other, log_target=True, reduction="sum")
    back = kl_div(other, one, log_target=True, reduction="sum")
    return (there + back) / (4 * len(one))


def class_weights(train: Sequence[Example], labels: LabelSet) -> Tensor:
    """A weight a label, (n_labels,): n / (n_labels · n_label), so that their mean over the training part is 1.

    King and Zeng (2001), as scikit-learn's ``balanced``.
    """
    counts = Counter(example.label for example in train)
    return torch.tensor([len(train) / (len(labels.all) * counts[label]) for label in labels.all])


def targets(examples: Sequence[Example], labels: LabelSet, *, by_votes: bool = False) -> list[list[float]]:
    """What each example should be answered with, rows of (n_examples, n_labels) that sum to 1.

    That is the distribution that it carries, else its annotators' votes where they are asked for, else its label.
    """
    rows = []
    for example in examples:
        shares = example.shares or (_votes(example, labels) if by_votes else {example.label: 1.0})
        rows.append([shares.get(label, 0.0) for label in labels.all])
    return rows


def _votes(example: Example, labels: LabelSet) -> Mapping[str, float]:
    """Shares of the annotators' labels, the label that stands in the end being one vote more."""
    votes = [example.label, *(vote for vote in example.sentence.annotators.values() if vote in labels.all)]
    return {label: count / len(votes) for label, count in Counter(votes).items()}
