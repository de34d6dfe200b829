"""What a model says of sentences that it did not learn from: each document is held out once."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.config.train import BaselineTraining, TrainConfig
from pipeline.models import LabelSet, make_model
from pipeline.records import Example, StanceError, counted
from pipeline.split.grouped import document_groups

N_FOLDS = 5
QUICK = BaselineTraining(kind="baseline", C=(1.0, 4.0))  # seconds for thousands of sentences


def held_out_proba(
    examples: Sequence[Example],
    labels: LabelSet,
    training: TrainConfig = QUICK,
    *,
    pairs: Sequence[tuple[int, int]] = (),
    seed: int = 0,
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> NDArray[np.float64]:
    """Probabilities of each example's labels by a model trained on other documents, (n_examples, n_labels).

    Of five folds one is answered, the next one chooses among settings, and the others are learned from.

    Args:
        examples: to learn from and to answer.
        labels: columns, in the order of `labels.all`.
        training: kind of model and its settings.
        pairs: of near-duplicates, by place, whose documents stay together if five others are left.
        seed: of folds and training.
        device: where the model runs.
        progress: told folds done, and how many there are.

    Raises:
        StanceError: there are fewer documents, or examples of a label, than folds.
    """
    folds = _folds(examples, labels, pairs, seed)
    answers = np.zeros((len(examples), len(labels.all)))
    for number in range(N_FOLDS):
        answered, choosing = folds == number, folds == (number + 1) % N_FOLDS
        model = make_model(training, labels, seed=seed, device=device)
        model.fit(_where(examples, ~answered & ~choosing), _where(examples, choosing))
        answers[answered] = model.raw_proba([example.text for example in _where(examples, answered)])
        progress(number + 1, N_FOLDS)
    return answers


def _folds(
    examples: Sequence[Example], labels: LabelSet, pairs: Sequence[tuple[int, int]], seed: int
) -> NDArray[np.int64]:
    """A fold an example, (n_examples,)."""
    from sklearn.model_selection import StratifiedGroupKFold

    names, documents = [example.label for example in examples], [example.sentence.document for example in examples]
    if (n := len(set(documents))) < N_FOLDS:
        raise StanceError(
            f"{counted(n, 'document')}: {N_FOLDS} are held out in turn. Give more documents, or name their column"
        )
    groups = document_groups(documents, pairs)
    if len(np.unique(groups)) < N_FOLDS:  # a set phrase binds nearly all of them: better a few phrases seen than none
        groups = document_groups(documents, [])
    rare = [(label, names.count(label)) for label in labels.all if names.count(label) < N_FOLDS]
    if rare:
        found = ", ".join(f'"{label}" has {counted(n, "sentence")}' for label, n in rare)
        raise StanceError(f"label {found}; {N_FOLDS} are the least, since documents are held out in turn. Label more")
    folds = np.zeros(len(examples), dtype=np.int64)
    cut = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(cut.split(names, names, groups)):
        folds[held_out] = number
    return folds


def _where(examples: Sequence[Example], chosen: NDArray[np.bool_]) -> list[Example]:
    return [examples[place] for place in np.flatnonzero(chosen).tolist()]
