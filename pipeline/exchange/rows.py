"""Rows of a sheet, for people who label in one: a row a vote, or a row without a label where there is none yet."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.exchange.contract import Mark, Task
from pipeline.exchange.fields import sentence_mark, task_fields, vote_fields, vote_mark
from pipeline.records import StanceError, did_you_mean, listing

COLUMNS = (
    "doc_id", "position", "text", "before", "after", "suggestion", "score", "why",
    "label", "annotator", "weight", "when",
)  # fmt: skip
NEEDED = ("doc_id", "position", "text", "label")


def rows_of(task: Task) -> list[list[Any]]:
    """A task's rows, a value a column of `COLUMNS`; None where there is nothing."""
    known = task_fields(task)
    votes: list[dict[str, Any]] = [vote_fields(vote) for vote in task.votes] or [{}]
    return [[(known | vote).get(name) for name in COLUMNS] for vote in votes]


def check_header(path: Path, header: Sequence[str]) -> None:
    """Make sure that a sheet has the columns that are needed, each once.

    Raises:
        StanceError: it has not; the columns found are named.
    """
    for name in NEEDED:
        if name not in header:
            found = listing([each for each in header if each], most=12) or "none"
            hint = did_you_mean(name, [each for each in header if each not in COLUMNS])
            raise StanceError(
                f'{path}: no column "{name}"; found {found}.{hint} Keep the names in the first row as they came'
            )
    for name in COLUMNS:
        if header.count(name) > 1:
            raise StanceError(f'{path}: more than one column is named "{name}". Rename all but one')


def marks_of(rows: Iterator[tuple[str, Mapping[str, Any]]]) -> Iterator[Mark]:
    """What people filled in, row by row; rows with nothing in them are passed over.

    Raises:
        StanceError: a row does not say which sentence it is of, or its time or weight cannot be read.
    """
    for place, row in rows:
        if any(value is not None and value != "" for value in row.values()):
            text = row["text"]
            sentence = sentence_mark({**row, "text": "" if text is None else str(text)}, place)
            yield vote_mark(sentence, row)
