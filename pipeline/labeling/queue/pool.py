"""What is known of sentences that could be labeled next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.labeling.worklist import Item
from pipeline.split.grouped import document_groups
from pipeline.split.near_duplicates import near_duplicates

JACCARD = 0.6  # of word 3-grams, from which two sentences are near-duplicates, as in the split
MIN_WORDS = 6


@dataclass(frozen=True)
class Pool:
    """Sentences to choose from.

    Attributes:
        items: the sentences.
        labels: columns of the probabilities.
        proba: what a model says of each, (n_items, n_labels); None: none was asked.
        votes: by sentence id, each annotator's label and weight; empty where nobody voted.
        vectors: of each sentence, of length 1, like ones near, (n_items, n_dimensions); None: no way asks for them.
        known_vectors: of what is labeled already, (n_labeled, n_dimensions).
        groups: of near-duplicates, a number an item: of each group one sentence is chosen.
        known_groups: in which something is labeled already: of these none is chosen.
    """

    items: Sequence[Item]
    labels: tuple[str, ...] = ()
    proba: NDArray[np.float64] | None = None
    votes: Mapping[str, Sequence[tuple[str, str, float]]] = field(default_factory=dict)
    vectors: Any = None
    known_vectors: Any = None
    groups: Sequence[int] = ()
    known_groups: frozenset[int] = frozenset()


def alike(texts: Sequence[str]) -> list[int]:
    """A number a text, the same for near-duplicates."""
    groups: list[int] = document_groups(texts, near_duplicates(texts, JACCARD, MIN_WORDS)).tolist()
    return groups
