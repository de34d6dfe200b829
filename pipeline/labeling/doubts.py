"""Labels that may be wrong, the likeliest first: what a model of other documents, near-duplicates and a model say.

Of the first, confident learning (Northcutt, Jiang and Chuang 2021, https://doi.org/10.1613/jair.1.12125; cleanlab)
chooses: it knows that a model is not equally sure of every label.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.labeling.worklist import Item, in_context
from pipeline.models import LabelSet
from pipeline.records import Example

ALIKE = 0.5  # that one of two near-duplicates with different labels is wrong, if nothing else is known
SURE = 0.8  # probability from which a model's other opinion is a doubt


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to look at a label again.

    Attributes:
        strength: how likely the label is wrong, going by this reason alone, between 0 and 1.
        why: the reason.
    """

    strength: float
    why: str


def doubts(
    examples: Sequence[Example],
    labels: LabelSet,
    held_out: NDArray[np.float64],
    pairs: Sequence[tuple[int, int]],
    said: NDArray[np.float64] | None = None,
) -> list[Item]:
    """The examples whose label is in doubt, the likeliest wrong first, with every reason.

    Args:
        examples: labeled sentences.
        labels: columns of the probabilities, in the order of `labels.all`.
        held_out: what a model trained on other documents says, (n_examples, n_labels).
        pairs: of near-duplicates, by place.
        said: what a trained model says, (n_examples, n_labels); None: none was asked.
    """
    found: dict[int, list[Doubt]] = defaultdict(list)
    given = np.array([labels.all.index(example.label) for example in examples])
    for part in (_by_others(given, held_out, labels), _alike(examples, pairs), _sure(given, said, labels)):
        for place, doubt in part:
            found[place].append(doubt)
    items = in_context([example.sentence for example in examples])
    best = held_out.argmax(axis=1)
    ranked = sorted(found, key=lambda place: (-_together(found[place]), place))
    return [
        replace(
            items[place],
            suggestion=labels.all[best[place]],
            score=round(float(held_out[place, best[place]]), 4),
            why="; ".join([f"labeled {examples[place].label}", *(doubt.why for doubt in found[place])]),
        )
        for place in ranked
    ]


def _together(reasons: Sequence[Doubt]) -> float:
    """That the label is wrong, if the reasons knew nothing of each other."""
    return 1.0 - float(np.prod([1.0 - doubt.strength for doubt in reasons]))


def _by_others(given: NDArray[np.int64], held_out: NDArray[np.float64], labels: LabelSet) -> list[tuple[int, Doubt]]:
    from cleanlab.filter import find_label_issues

    rows = held_out / held_out.sum(axis=1, keepdims=True)
    places = find_label_issues(given, rows, return_indices_ranked_by="self_confidence", n_jobs=1)
    return [
        (
            place,
            Doubt(1.0 - rows[place, given[place]], f"a model of other documents says {_answer(rows[place], labels)}"),
        )
        for place in np.asarray(places).tolist()
    ]


def _alike(examples: Sequence[Example], pairs: Sequence[tuple[int, int]]) -> list[tuple[int, Doubt]]:
    found = []
    for pair in pairs:
        for one, other in (pair, pair[::-1]):
            if examples[one].label != examples[other].label:
                why = f"nearly the same as {examples[other].sentence.id}, which is labeled {examples[other].label}"
                found.append((one, Doubt(ALIKE, why)))
    return found


def _sure(given: NDArray[np.int64], said: NDArray[np.float64] | None, labels: LabelSet) -> list[tuple[int, Doubt]]:
    if said is None:
        return []
    best = said.argmax(axis=1)
    places = np.flatnonzero((best != given) & (said.max(axis=1) >= SURE)).tolist()
    return [(p, Doubt(float(said[p].max()), f"the model is sure of {_answer(said[p], labels)}")) for p in places]


def _answer(row: NDArray[np.float64], labels: LabelSet) -> str:
    return f"{labels.all[row.argmax()]} ({row.max():.2f})"
