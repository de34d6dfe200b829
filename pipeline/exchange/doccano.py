"""doccano: JSON Lines of a text classification, out and in.

doccano knows no annotator of a label but the one whose file it is, and takes any label that comes in for one of whoever
loads it. So none goes out: votes and the suggestion go along as further columns, which doccano keeps and gives back.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.codebook import Codebook
from pipeline.exchange.contract import Mark, Task
from pipeline.exchange.fields import sentence_mark, task_fields, vote_fields, vote_mark, word
from pipeline.records import StanceError, listing
from pipeline.store.jsonl import placed_rows, write_rows

LABEL_COLUMNS = ("label", "cats", "labels")  # the second in projects that label spans too, the third in older versions


def write(path: Path, tasks: Sequence[Task], codebook: Codebook) -> None:
    """Write a line a sentence, without a label.

    Raises:
        StanceError: the file cannot be written to.
    """
    write_rows(path, (_row(task) for task in tasks))


def _row(task: Task) -> dict[str, Any]:
    return {**task_fields(task), "label": [], "votes": [vote_fields(vote) for vote in task.votes]}


def read(path: Path) -> Iterator[Mark]:
    """What stands in an export: labels of the file's annotator, and votes that went along.

    Raises:
        StanceError: a line is not JSON, has no labels, or is of a sentence that was not sent from here.
    """
    for place, row in placed_rows(path):
        if not isinstance(row, dict):
            raise StanceError(f"{place}: is {type(row).__name__}, not an object. Export as JSONL")
        meta = row.get("meta")
        fields = {**meta, **row} if isinstance(meta, dict) else row  # older versions part the two
        sentence = sentence_mark(fields, place)
        label, sent = _label(fields, place), fields.get("votes")
        marks = [vote_mark(sentence, vote) for vote in sent if isinstance(vote, dict)] if isinstance(sent, list) else []
        if label is not None or not marks:
            marks.append(replace(sentence, label=label))
        yield from marks


def _label(fields: dict[str, Any], place: str) -> str | None:
    column = next((name for name in LABEL_COLUMNS if name in fields), None)
    if column is None:
        raise StanceError(
            f"{place}: no column {' or '.join(LABEL_COLUMNS)}; found {listing(list(fields), most=8)}. Export a project "
            "of text classification, as JSONL"
        )
    labels = fields[column]
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        found = json.dumps(labels, ensure_ascii=False)
        raise StanceError(
            f"{place}: {column} is {found}, not a list of labels. Export a project of text classification, as JSONL"
        )
    if len(labels) > 1:
        raise StanceError(f"{place}: has the labels {listing(labels)}; a sentence takes one. Leave one in doccano")
    return word(labels[0]) if labels else None
