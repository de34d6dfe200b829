"""Predictions to CSV, JSON Lines, Parquet or a page of HTML, a window at a time."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TextIO

from pipeline.config.predict import Format
from pipeline.predict.page import open_page
from pipeline.records import Prediction, Sentence, StanceError, did_you_mean

FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet", "html")
DECIMALS = 6


class Writer(Protocol):
    """Takes windows of sentences with their predictions."""

    def write(self, sentences: Sequence[Sentence], predictions: Sequence[Prediction]) -> None:
        """Write some rows."""


def format_of(path: Path) -> Format:
    """The format that a file's name asks for.

    Raises:
        StanceError: it asks for none that is known.
    """
    suffix = path.suffix.lstrip(".").lower()
    for name in FORMATS:
        if suffix == name:
            return name
    hint = did_you_mean(suffix, FORMATS)
    raise StanceError(f"{path}: cannot write this kind of file; it writes .csv .jsonl .parquet .html.{hint}")


def open_writer(
    path: Path, form: Format, labels: Sequence[str], *, in_pieces: bool = False
) -> AbstractContextManager[Writer]:
    """A writer of one format; in pieces: what it writes is for `merge`."""
    if form == "csv":
        return _csv(path, labels, has_header=not in_pieces)
    openers: dict[str, Callable[[Path, Sequence[str]], AbstractContextManager[Writer]]] = {
        "jsonl": _jsonl,
        "parquet": _parquet,
        "html": open_page,
    }
    return openers[form](path, labels)


def comes_in_pieces(form: Format) -> bool:
    """Whether a format can be written in pieces; a page cannot, its documents reach over them."""
    return form != "html"


def merge(pieces: Sequence[Path], path: Path, form: Format, labels: Sequence[str]) -> None:
    """Write one file of pieces, which `open_writer` wrote."""
    if form == "parquet":
        _merge_parquet(pieces, path, labels)
        return
    with path.open("wb") as file:
        if form == "csv":
            head = io.StringIO()
            _csv_writer(head).writerow(columns(labels))
            file.write(head.getvalue().encode())
        for piece in pieces:
            with piece.open("rb") as part:
                shutil.copyfileobj(part, file)


def columns(labels: Sequence[str]) -> list[str]:
    """Names of the columns, in order."""
    return [
        "document",
        "position",
        "start",
        "end",
        "text",
        "label",
        "score",
        "abstain",
        *(f"p_{label}" for label in labels),
    ]


def row(sentence: Sentence, prediction: Prediction) -> list[Any]:
    """One row, as `columns` names it; probabilities to six decimals."""
    return [
        sentence.document,
        sentence.position,
        sentence.start,
        sentence.end,
        sentence.text,
        prediction.label,
        round(prediction.score, DECIMALS),
        prediction.abstain,
        *(round(probability, DECIMALS) for probability in prediction.probabilities.values()),
    ]


class _Rows:
    """A writer that hands on rows."""

    def __init__(self, write_rows: Callable[[list[list[Any]]], None]) -> None:
        self._write_rows = write_rows

    def write(self, sentences: Sequence[Sentence], predictions: Sequence[Prediction]) -> None:
        self._write_rows([row(*pair) for pair in zip(sentences, predictions, strict=True)])


@contextmanager
def _csv(path: Path, labels: Sequence[str], *, has_header: bool) -> Iterator[Writer]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = _csv_writer(file)
        if has_header:
            writer.writerow(columns(labels))
        yield _Rows(writer.writerows)


def _csv_writer(file: TextIO) -> Any:
    return csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)  # else a bare \r is not quoted


@contextmanager
def _jsonl(path: Path, labels: Sequence[str]) -> Iterator[Writer]:
    names = columns(labels)
    with path.open("w", encoding="utf-8") as file:

        def write_rows(rows: list[list[Any]]) -> None:
            lines = (json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False) for cells in rows)
            file.writelines(f"{line}\n" for line in lines)

        yield _Rows(write_rows)


@contextmanager
def _parquet(path: Path, labels: Sequence[str]) -> Iterator[Writer]:
    import pyarrow
    from pyarrow import parquet

    schema = _schema(labels)
    with parquet.ParquetWriter(path, schema) as file:

        def write_rows(rows: list[list[Any]]) -> None:
            by_column = [list(values) for values in zip(*rows, strict=True)]
            file.write_table(pyarrow.table(by_column, schema=schema))

        yield _Rows(write_rows)


def _merge_parquet(pieces: Sequence[Path], path: Path, labels: Sequence[str]) -> None:
    from pyarrow import parquet

    with parquet.ParquetWriter(path, _schema(labels)) as file:
        for piece in pieces:
            with parquet.ParquetFile(piece) as part:
                for number in range(part.num_row_groups):  # one at a time, and the same ones as without pieces
                    file.write_table(part.read_row_group(number))


def _schema(labels: Sequence[str]) -> Any:
    import pyarrow

    text, whole, real = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    kinds = [text, *[whole] * 3, text, text, real, pyarrow.bool_(), *[real] * len(labels)]
    return pyarrow.schema(list(zip(columns(labels), kinds, strict=True)))
