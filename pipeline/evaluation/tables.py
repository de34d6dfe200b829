"""Predictions beside the true labels, as CSV: all of them, and the errors alone."""

import csv
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.evaluation.predictions import Predictions
from pipeline.records import Example

PREDICTIONS_FILE = "predictions.csv"
ERRORS_FILE = "errors.csv"
SEEDS_FILE = "seeds.csv"


def write_predictions(path: Path, found: Predictions) -> None:
    """Write every sentence with both labels and the probabilities, in order."""
    _write(path, found, range(len(found.examples)))


def write_errors(path: Path, found: Predictions) -> None:
    """Write the sentences that got another label than theirs, the surest error first."""
    wrong = np.flatnonzero(found.predicted != found.true)
    surest = np.argsort(-found.probabilities[wrong].max(axis=1), kind="stable")
    _write(path, found, wrong[surest].tolist())


def surest_errors(folder: Path, examples: Sequence[Example], most: int) -> list[tuple[Example, str, float]]:
    """The first errors of a set's table, with the label that each got and its probability."""
    by_id = {(e.sentence.document, str(e.sentence.position)): e for e in examples}
    with (folder / ERRORS_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.DictReader(file), most))
    return [(by_id[row["document"], row["position"]], row["predicted"], float(row["score"])) for row in rows]


def write_seeds(path: Path, found: Predictions) -> None:
    """Write the label that each training gives to every sentence, a column a seed; that of the model kept first."""
    columns = {found.seed: found.predicted, **found.repeats}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(columns)
        names = np.array(found.labels.all)
        writer.writerows(zip(*(names[places].tolist() for places in columns.values()), strict=True))


def _write(path: Path, found: Predictions, places: Iterable[int]) -> None:
    names = [f"p_{label}" for label in found.labels.all]
    columns = ["document", "position", "text", "label", "predicted", "score", "abstain", *names]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)  # else a bare \r is not quoted
        writer.writerow(columns)
        writer.writerows(_row(found, place) for place in places)


def _row(found: Predictions, place: int) -> list[Any]:
    example, best = found.examples[place], int(found.predicted[place])
    figures = [round(float(probability), 6) for probability in found.probabilities[place]]
    what = [example.sentence.document, example.sentence.position, example.text, example.label]
    return [*what, found.labels.all[best], figures[best], bool(found.abstains[place]), *figures]
