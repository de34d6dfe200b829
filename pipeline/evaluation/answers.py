"""Two evaluated runs to the answers of both on one set, as their folders keep them."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import numbered
from pipeline.evaluation.significance import Answers
from pipeline.evaluation.tables import PREDICTIONS_FILE, SEEDS_FILE
from pipeline.models.contract import LabelSet
from pipeline.records import StanceError, listing

METRICS_FILE = "metrics.json"
Rows = Sequence[Mapping[str, str]]


def common_sets(one: Path, other: Path) -> list[str]:
    """Names of the sets that both runs were measured on, the test part first.

    Raises:
        StanceError: a folder holds no evaluated run, or they have no set in common.
    """
    theirs = _sets(other)
    found = [name for name in _sets(one) if name in theirs]
    if not found:
        raise StanceError(
            f"{one} was measured on {listing(_sets(one))}, {other} on {listing(theirs)}: no set in common. "
            "Evaluate both on the same"
        )
    return found


def read_answers(one: Path, other: Path, name: str) -> tuple[Answers, Rows]:
    """The labels that two runs gave to the sentences of a set, and those sentences as rows.

    Raises:
        StanceError: a run was not measured on that set, or the two on other sentences, or with other labels.
    """
    labels = _labels(one)
    if _labels(other) != labels:
        raise StanceError(
            f"{one} knows the labels {', '.join(labels.all)}, {other} knows {', '.join(_labels(other).all)}. Compare "
            "runs with the same labels"
        )
    rows, theirs = _rows(one, name), _rows(other, name)
    _check_same(one, other, name, rows, theirs)
    place = {label: number for number, label in enumerate(labels.all)}
    answers = Answers(
        labels=labels,
        true=np.array([place[row["label"]] for row in rows], dtype=np.intp),
        documents=numbered([row["document"] for row in rows]),
        one=np.array([[place[label] for label in column] for column in _predicted(one, name, rows)], dtype=np.intp),
        other=np.array(
            [[place[label] for label in column] for column in _predicted(other, name, theirs)], dtype=np.intp
        ),
    )
    return answers, rows


def _predicted(run: Path, name: str, rows: Rows) -> list[list[str]]:
    """The labels given, a list a training: the model kept first."""
    path = _folder(run) / name / SEEDS_FILE
    if not path.is_file():
        return [[row["predicted"] for row in rows]]
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    return [[line[column] for line in lines] for column in range(len(header))]


def _check_same(one: Path, other: Path, name: str, rows: Rows, theirs: Rows) -> None:
    if len(rows) != len(theirs):
        raise StanceError(
            f"set {name}: {one} was measured on {len(rows)} sentences, {other} on {len(theirs)}. Run both with the "
            "same data, split and seed"
        )
    keys = ("document", "position", "text", "label")
    differ = [a for a, b in zip(rows, theirs, strict=True) if any(a[key] != b[key] for key in keys)]
    if differ:
        first = f"{differ[0]['document']}#{differ[0]['position']}"
        raise StanceError(
            f"set {name}: {one} and {other} were measured on different sentences or labels: {len(differ)} of "
            f"{len(rows)}, the first at {first}. Run both with the same data, split and seed"
        )


def _rows(run: Path, name: str) -> Rows:
    path = _folder(run) / name / PREDICTIONS_FILE
    if not path.is_file():
        raise StanceError(
            f"{run}: was not measured on a set {name}; it was on {listing(_sets(run))}. Name one of these"
        )
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sets(run: Path) -> list[str]:
    return list(read_metrics(run)["sets"])


def _labels(run: Path) -> LabelSet:
    found = read_metrics(run)
    return LabelSet(tuple(found["stances"]), found["background"])


def read_metrics(run: Path) -> dict[str, Any]:
    """The figures that a run's folder keeps.

    Raises:
        StanceError: it holds no evaluated run.
    """
    path = _folder(run) / METRICS_FILE
    if not path.is_file():
        raise StanceError(f"{run}: no evaluated run: {path} is missing. Name a folder such as runs/transformer")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _folder(run: Path) -> Path:
    return run / "evaluation"
