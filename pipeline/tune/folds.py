"""Documents to folds: each is held out once, and the test part is in none."""

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from pipeline.records import Parts, StanceError
from pipeline.split.grouped import document_groups


def make_folds(parts: Parts, pairs: Sequence[tuple[str, str]], n_folds: int, share: float, seed: int) -> list[Parts]:
    """The training and validation examples as so many splits, each document held out once; no test part.

    Args:
        parts: of the run.
        pairs: near-duplicate sentences by id, whose documents stay together.
        n_folds: of them.
        share: of the documents that are used.
        seed: of the shuffling.

    Raises:
        StanceError: there are too few documents.
    """
    examples = [*parts.train, *parts.validation]
    place = {example.sentence.id: i for i, example in enumerate(examples)}
    bound = [(place[one], place[other]) for one, other in pairs if one in place and other in place]
    groups = document_groups([example.sentence.document for example in examples], bound)
    rng = np.random.default_rng(seed)
    names = np.unique(groups)
    kept = rng.permutation(names)[: max(1, round(share * len(names)))]
    if len(kept) < n_folds:
        raise StanceError(
            f"tune.folds: {n_folds} folds of {len(kept)} documents that have nothing in common. Take fewer folds, a "
            "larger share, or more documents"
        )
    chosen = np.flatnonzero(np.isin(groups, kept)).tolist()
    examples, groups = [examples[i] for i in chosen], groups[chosen]
    labels = [example.label for example in examples]
    rarest = min(labels.count(label) for label in set(labels))
    if rarest < n_folds:
        raise StanceError(
            f"tune.folds: {n_folds} folds, and only {rarest} examples of a label. Take fewer folds or a larger share"
        )
    cut = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return [
        Parts([examples[i] for i in train.tolist()], [examples[i] for i in held_out.tolist()], [])
        for train, held_out in cut.split(labels, labels, groups)
    ]
