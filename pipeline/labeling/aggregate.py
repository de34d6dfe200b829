"""Votes to labels: for each sentence how far each label holds, by what its annotators said and how far each is right.

By crowd-kit (Ustalov et al. 2024, https://doi.org/10.21105/joss.06227): Dawid and Skene (1979) learn each annotator's
confusions, MACE (Hovy et al. 2013) who of them guesses. A majority needs nobody's skill; in it votes have their
weights.
"""

import csv
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config.label import Method
from pipeline.records import StanceError, counted, did_you_mean
from pipeline.store.atomic import atomic_file


@dataclass(frozen=True)
class Aggregated:
    """What votes come to.

    Attributes:
        sentence_ids: of the sentences with a vote, in the order of their first one.
        labels: in the order of the columns.
        proba: how far each label holds, (n_sentences, n_labels); each row sums to 1.
    """

    sentence_ids: list[str]
    labels: tuple[str, ...]
    proba: NDArray[np.float64]

    def winners(self) -> dict[str, str]:
        """The label of each sentence that holds the most; of equal ones the first."""
        places = self.proba.argmax(axis=1).tolist()
        return {name: self.labels[place] for name, place in zip(self.sentence_ids, places, strict=True)}


def aggregate(votes: Any, labels: Sequence[str], method: Method, *, seed: int = 0) -> Aggregated:
    """How far each label holds of each sentence.

    Args:
        votes: that stand, a table of Arrow with `sentence_id`, `annotator`, `label` and `weight`.
        labels: of the codebook; of equal ones the first wins.
        method: of putting votes together.
        seed: of MACE, which begins at chance.

    Raises:
        StanceError: there is no vote, or one is for another label.
    """
    if len(votes) == 0:
        raise StanceError("no vote in the table: nothing to put together. Add some, as by `stance label rules --votes`")
    check_labels(votes, labels, "the votes")
    table = votes.select(["sentence_id", "annotator", "label", "weight"]).to_pandas()
    table.columns = ["task", "worker", "label", "weight"]
    names = list(dict.fromkeys(table["task"]))
    by: dict[Method, Callable[[Any, int], Any]] = {"majority": _majority, "dawid_skene": _dawid_skene, "mace": _mace}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # crowd-kit 1.4 calls pandas 3.1 in ways that its next version drops
        found = by[method](table, seed)
    found = found.reindex(index=names, columns=list(labels), fill_value=0.0)
    proba = found.fillna(0.0).to_numpy(np.float64)
    return Aggregated(names, tuple(labels), proba / proba.sum(axis=1, keepdims=True))


def check_labels(votes: Any, labels: Sequence[str], place: str) -> None:
    """Make sure that votes are for labels of the codebook.

    Raises:
        StanceError: one is not; how many there are is said.
    """
    strange = [label for label in votes["label"].unique().to_pylist() if label not in labels]
    if strange:
        n = votes["label"].to_pylist().count(strange[0])
        hint = did_you_mean(strange[0], labels) or " Vote again, or define it in the codebook."
        raise StanceError(
            f'{place}: label "{strange[0]}" is not one of {", ".join(labels)} ({counted(n, "vote")}).{hint}'
        )


def _majority(table: Any, seed: int) -> Any:
    return table.pivot_table(index="task", columns="label", values="weight", aggfunc="sum", fill_value=0.0)


def _dawid_skene(table: Any, seed: int) -> Any:
    from crowdkit.aggregation import DawidSkene

    return DawidSkene(n_iter=100).fit_predict_proba(table[["task", "worker", "label"]])


def _mace(table: Any, seed: int) -> Any:
    from crowdkit.aggregation import MACE

    return MACE(random_state=seed).fit_predict_proba(table[["task", "worker", "label"]])


def write_labels(found: Aggregated, path: Path) -> None:
    """A row a sentence: its id, its label and how far each label holds."""
    winners = found.winners()
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sentence_id", "label", *(f"p_{label}" for label in found.labels)])
        for name, row in zip(found.sentence_ids, found.proba.tolist(), strict=True):
            writer.writerow([name, winners[name], *(round(share, 6) for share in row)])
