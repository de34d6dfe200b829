"""Predictions beside the true labels, as CSV: all of them, and the errors alone."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Example


def write_predictions(
    path: Path, examples: Sequence[Example], probabilities: NDArray[np.float64], labels: Sequence[str]
) -> None:
    """Write every sentence with both labels and the probabilities, (n_sentences, n_labels), in order."""
    _write(path, range(len(examples)), examples, probabilities, labels)


def write_errors(
    path: Path, examples: Sequence[Example], probabilities: NDArray[np.float64], labels: Sequence[str]
) -> None:
    """Write the sentences that got another label than theirs, the surest error first."""
    predicted = probabilities.argmax(axis=1)
    wrong = [place for place, example in enumerate(examples) if labels[predicted[place]] != example.label]
    wrong.sort(key=lambda place: -probabilities[place].max())
    _write(path, wrong, examples, probabilities, labels)


def _write(
    path: Path,
    places: Iterable[int],
    examples: Sequence[Example],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
) -> None:
    columns = ["document", "position", "text", "label", "predicted", "score", *(f"p_{label}" for label in labels)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)  # else a bare \r is not quoted
        writer.writerow(columns)
        writer.writerows(_row(examples[place], probabilities[place], labels) for place in places)


def _row(example: Example, row: NDArray[np.float64], labels: Sequence[str]) -> list[Any]:
    sentence = example.sentence
    figures = [f"{probability:.6f}" for probability in row]
    best = int(row.argmax())
    return [sentence.document, sentence.position, sentence.text, example.label, labels[best], figures[best], *figures]
