"""Groups of documents to parts, with like shares of every label in each."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.config.split import SplitConfig

FINEST = 20  # folds: shares are met to a twentieth
PART_NAMES = ("train", "validation", "test")


def document_groups(documents: Sequence[str], pairs: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
    """The group of each sentence, (n_sentences,): documents that a pair of sentences connects are one group."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names = {name: number for number, name in enumerate(dict.fromkeys(documents))}
    number = np.array([names[document] for document in documents])
    rows, columns = number[[i for i, _ in pairs]], number[[j for _, j in pairs]]
    graph = coo_array((np.ones(len(pairs)), (rows, columns)), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=False)
    groups: NDArray[np.intp] = component[number]
    return groups


def deal(labels: Sequence[str], groups: NDArray[np.intp], config: SplitConfig, seed: int) -> NDArray[np.str_]:
    """The part of each sentence, (n_sentences,), groups whole; at least three groups are needed."""
    from sklearn.model_selection import StratifiedGroupKFold

    most_common = max(labels.count(label) for label in set(labels))
    n_folds = min(FINEST, len(np.unique(groups)), most_common)
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    n_test, n_validation = _n_folds(n_folds, config)
    order = np.random.default_rng(seed).permutation(n_folds)  # unshuffled, the longest documents are always in fold 0
    parts = np.full(len(labels), "train", dtype="<U10")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # rare labels are counted after the split, part by part
        for number, (_, held_out) in zip(order, folds.split(labels, labels, groups), strict=True):
            if number < n_test + n_validation:
                parts[held_out] = "test" if number < n_test else "validation"
    return parts


def deal_one_by_one(
    labels: Sequence[str], groups: NDArray[np.intp], config: SplitConfig, seed: int
) -> NDArray[np.str_]:
    """The part of each sentence, (n_sentences,): shuffled groups fill the test part, then validation, then train."""
    _, number, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    before = np.empty(len(sizes))
    before[order] = (np.cumsum(sizes[order]) - sizes[order]) / len(labels)
    filled = [before < config.test, before < config.test + config.validation]
    parts: NDArray[np.str_] = np.select(filled, ["test", "validation"], "train")[number]
    return parts


def _n_folds(n_folds: int, config: SplitConfig) -> tuple[int, int]:
    """Folds for test and validation: the nearest number to each share, at least one, and one left to train."""
    n_test = min(max(1, round(config.test * n_folds)), n_folds - 2)
    n_validation = min(max(1, round(config.validation * n_folds)), n_folds - n_test - 1)
    return n_test, n_validation
