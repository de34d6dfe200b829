"""Tables to rows, streamed: `.csv`, `.jsonl` and `.parquet`."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.ingest.bad_rows import BadRows
from pipeline.ingest.texts import first_wrong_byte, known_encoding, wrong_encoding
from pipeline.records import StanceError, did_you_mean

TABLE_SUFFIXES = (".csv", ".jsonl", ".parquet")
Row = tuple[str, dict[str, Any]]  # where it stands ("file:line"), and its columns

csv.field_size_limit(1 << 30)  # a document may be a field


def read_rows(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    """The rows of a table, each with its place.

    Raises:
        StanceError: the table has no such column, or cannot be read; or a row cannot, and the policy is to fail.
    """
    readers: dict[str, Callable[..., Iterator[Row]]] = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    try:
        yield from readers[path.suffix](path, text_column, known_encoding(encoding), bad_rows)
    except OSError as error:
        raise StanceError(f"{path}: cannot be read: {error.strerror or error}") from None


def check_column(path: Path | str, columns: Sequence[str], text_column: str) -> None:
    """Make sure that a table has the column with the text.

    Raises:
        StanceError: it has not; the columns found are named.
    """
    if text_column not in columns:
        hint = did_you_mean(text_column, list(columns)) or " Name the one with the text: --text-column (text_column)."
        raise StanceError(f'{path}: no column "{text_column}"; found {", ".join(columns) or "none"}.{hint}')


def _csv(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            check_column(path, list(reader.fieldnames or []), text_column)
            while True:
                line = reader.line_num + 1
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    bad_rows.report(f"{path}:{line}: not a valid CSV row: {error}")
                    continue
                if None in row or None in row.values():
                    bad_rows.report(f"{path}:{line}: the row has {_n_cells(row)} cells, the header {_n_named(row)}")
                    continue
                yield f"{path}:{line}", row
        except UnicodeDecodeError:
            raise first_wrong_byte(path, encoding) from None


def _n_cells(row: dict[Any, Any]) -> int:
    return sum(len(cell) if isinstance(cell, list) else 1 for cell in row.values() if cell is not None)


def _n_named(row: dict[Any, Any]) -> int:
    return sum(name is not None for name in row)


def _jsonl(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    n_bytes, checked = 0, False
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                text = raw.decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError as error:
                raise wrong_encoding(path, n_bytes + error.start, raw[error.start], encoding) from None
            n_bytes += len(raw)
            row = _json_object(text, f"{path}:{number}", bad_rows) if text.strip() else None
            if row is None:
                continue
            if not checked:
                check_column(path, list(row), text_column)
                checked = True
            yield f"{path}:{number}", row


def _json_object(text: str, place: str, bad_rows: BadRows) -> dict[str, Any] | None:
    try:
        row = json.loads(text)
    except ValueError as error:
        bad_rows.report(f"{place}: not valid JSON: {error}")
        return None
    if not isinstance(row, dict):
        bad_rows.report(f"{place}: expected a JSON object, found {type(row).__name__}")
        return None
    return row


def _parquet(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise StanceError(f"{path}: not a Parquet file: {str(error).splitlines()[0]}") from None
    with file:
        check_column(path, file.schema_arrow.names, text_column)
        number = 0
        for batch in file.iter_batches(batch_size=1024):
            for row in batch.to_pylist():
                number += 1
                yield f"{path}:{number}", row
