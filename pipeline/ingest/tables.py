"""Tables to rows, streamed: `.csv`, `.jsonl` and `.parquet`."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.ingest.bad_rows import BadRows
from pipeline.ingest.texts import first_wrong_byte, known_encoding
from pipeline.records import StanceError, did_you_mean

TABLE_SUFFIXES = (".csv", ".jsonl", ".parquet")
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
Row = tuple[str, dict[str, Any]]  # where it stands ("file:line"), and its columns

csv.field_size_limit(1 << 30)  # a document may be a field


def read_rows(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    """The rows of a table, each with its place.

    Raises:
        StanceError: the table has no such column, or cannot be read; or a row cannot, and the policy is to fail.
    """
    readers: dict[str, Callable[..., Iterator[Row]]] = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    encoding = known_encoding(encoding)
    try:
        yield from readers[path.suffix.lower()](path, text_column, encoding, bad_rows)
    except UnicodeError:
        raise first_wrong_byte(path, encoding) from None
    except OSError as error:
        raise StanceError(f"{path}: cannot be read: {error.strerror or error}") from None


def check_column(path: Path | str, columns: Sequence[str], text_column: str) -> None:
    """Make sure that a table has the column with the text, once.

    Raises:
        StanceError: it has not; the columns found are named.
    """
    if text_column not in columns:
        found = ", ".join(columns) or "none"
        if len(columns) == 1 and (parted := [mark for mark in OTHER_SEPARATORS if mark in columns[0]]):
            raise StanceError(f"{path}: columns are parted by {OTHER_SEPARATORS[parted[0]]}. Save it with commas")
        hint = did_you_mean(text_column, list(columns))
        raise StanceError(
            f'{path}: no column "{text_column}"; found {found}.{hint} Name the one with the text: --text-column '
            "(text_column)"
        )
    if columns.count(text_column) > 1:
        raise StanceError(f'{path}: more than one column is named "{text_column}". Rename all but one')


def _csv(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    header: list[str] = []
    with path.open(encoding=_without_mark(encoding), newline="") as file:
        reader = csv.reader(file, strict=True)
        while True:
            place = f"{path}:{reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if not header:
                    raise StanceError(f"{place}: the header is not a valid CSV row: {error}. Mend it") from None
                bad_rows.report(f"{place}: not a valid CSV row: {error}")
                continue
            if not header:
                header = cells
                check_column(path, header, text_column)
            elif len(cells) == len(header):
                yield place, dict(zip(header, cells, strict=True))
            elif cells:  # none: an empty line
                bad_rows.report(f"{place}: the row's number of cells is {len(cells)}, the header's {len(header)}")


def _jsonl(path: Path, text_column: str, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    checked = False
    with path.open(encoding=_without_mark(encoding), newline="\n") as file:
        for number, line in enumerate(file, start=1):
            row = _json_object(line, f"{path}:{number}", bad_rows) if line.strip() else None
            if row is None:
                continue
            if not checked:
                check_column(path, list(row), text_column)
                checked = True
            yield f"{path}:{number}", row


def _without_mark(encoding: str) -> str:
    """The encoding that leaves out a byte order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _json_object(line: str, place: str, bad_rows: BadRows) -> dict[str, Any] | None:
    try:
        row = json.loads(line.rstrip())
        if "\\u" in line:
            json.dumps(row, ensure_ascii=False).encode()  # no file can hold half of a surrogate pair
    except UnicodeEncodeError as error:
        bad_rows.report(f"{place}: \\u{ord(error.object[error.start]):04x} is half of a character")
        return None
    except json.JSONDecodeError as error:
        bad_rows.report(f"{place}: not valid JSON: {error.msg.removesuffix(' at')} at column {error.colno}")
        return None
    except (ValueError, RecursionError) as error:
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
        with parquet.ParquetFile(path) as file:
            check_column(path, file.schema_arrow.names, text_column)
            number = 0
            for batch in file.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}:{number}", row
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0].rstrip(".")
        raise StanceError(f"{path}: not a whole Parquet file: {first}. Fetch or write it again") from None
