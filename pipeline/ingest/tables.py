"""Tables to rows, streamed: `.csv`, `.jsonl` and `.parquet`, the first two packed by gzip or not."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.ingest.bad_rows import BadRows
from pipeline.ingest.packed import BROKEN, PACKED, cut_off, open_text, suffix_of
from pipeline.ingest.texts import first_wrong_byte, known_encoding
from pipeline.records import StanceError, did_you_mean

TABLE_SUFFIXES = (".csv", ".jsonl", ".parquet", ".csv.gz", ".jsonl.gz")
SEPARATORS = (",", ";", "\t")  # spreadsheets write the second where a comma is the decimal mark
Row = tuple[str, dict[str, Any]]  # where it stands ("file:line"), and its columns


@dataclass(frozen=True)
class Columns:
    """What is read of a table.

    Attributes:
        text: column with the text; it has to be there.
        document: column that names a row's document, if somebody named it; then it has to be there too.
        others: columns that are read where they are there; any further one is left alone, whatever it holds.
    """

    text: str
    document: str | None = None
    others: tuple[str, ...] = ()

    def of(self, found: Sequence[str]) -> list[str]:
        """Those of the columns found that are read, in the order found."""
        return [name for name in found if name in {self.text, self.document, *self.others}]


csv.field_size_limit(1 << 30)  # a document may be a field


def read_rows(path: Path, columns: Columns, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    """The rows of a table, each with its place.

    Raises:
        StanceError: the table has no such column, or cannot be read; or a row cannot, and the policy is to fail.
    """
    readers: dict[str, Callable[..., Iterator[Row]]] = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    encoding = known_encoding(encoding)
    try:
        yield from readers[suffix_of(path).removesuffix(PACKED)](path, columns, encoding, bad_rows)
    except BROKEN as error:
        _end_early(cut_off(path, error), bad_rows)
    except UnicodeError:
        raise first_wrong_byte(path, encoding) from None
    except OSError as error:
        raise StanceError(f"{path}: cannot be read: {error.strerror or error}") from None


def _end_early(problem: StanceError, bad_rows: BadRows) -> None:
    """A file that is not whole: the rows before stand, where bad rows are left out."""
    if bad_rows.policy == "fail":
        raise problem
    bad_rows.report(str(problem))


def check_columns(path: Path | str, found: Sequence[str], columns: Columns) -> None:
    """Make sure that a table has the column with the text, once, and the one that names documents if it has to.

    Raises:
        StanceError: it has not; the columns found are named.
    """
    listed = ", ".join(found) or "none"
    if columns.text not in found:
        hint = did_you_mean(columns.text, list(found))
        raise StanceError(
            f'{path}: no column "{columns.text}"; found {listed}.{hint} Name the one with the text: --text-column '
            "(text_column)"
        )
    if found.count(columns.text) > 1:
        raise StanceError(f'{path}: more than one column is named "{columns.text}". Rename all but one')
    if columns.document is not None and columns.document not in found:
        hint = did_you_mean(columns.document, list(found)) or " Name another: --document-column (document_column)"
        raise StanceError(f'{path}: no column "{columns.document}" for documents; found {listed}.{hint}')


def _csv(path: Path, columns: Columns, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    header: list[str] = []
    with open_text(path, _without_mark(encoding), "") as file:
        reader = csv.reader(file, strict=True, delimiter=_separator(path, encoding, columns.text))
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if not header:
                    raise StanceError(f"{path}:{line}: the header is not a valid CSV row: {error}. Mend it") from None
                bad_rows.report(f"{path}:{line}: not a valid CSV row: {_where_to(error, line, reader.line_num)}")
                continue
            if not header:
                header = cells
                check_columns(path, header, columns)
            elif len(cells) == len(header):
                yield f"{path}:{line}", dict(zip(header, cells, strict=True))
            elif cells:  # none: an empty line
                bad_rows.report(f"{path}:{line}: the row's number of cells is {len(cells)}, the header's {len(header)}")


def _separator(path: Path, encoding: str, text_column: str) -> str:
    """What parts the header in such a way that the column with the text is in it; else in most columns."""
    headers: dict[str, list[str]] = {}
    for mark in SEPARATORS:
        with open_text(path, _without_mark(encoding), "") as file, suppress(csv.Error):
            headers[mark] = next(csv.reader(file, strict=True, delimiter=mark), [])
    fitting = [mark for mark, header in headers.items() if text_column in header]
    several = {mark: len(header) for mark, header in headers.items() if len(header) > 1}
    return next(iter(fitting), max(several, key=lambda mark: several[mark], default=SEPARATORS[0]))


def _where_to(error: csv.Error, first: int, last: int) -> str:
    """What is wrong with a row, and how far it reaches: a quote that is not closed swallows the rows that follow."""
    return f"{error}; the row reaches to line {last}" if last > first else str(error)


def _jsonl(path: Path, columns: Columns, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    checked = False
    with open_text(path, _without_mark(encoding), "\n") as file:
        for number, line in enumerate(file, start=1):
            row = _json_object(line, f"{path}:{number}", bad_rows) if line.strip() else None
            if row is None:
                continue
            if not checked:
                check_columns(path, list(row), columns)
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


def _parquet(path: Path, columns: Columns, encoding: str, bad_rows: BadRows) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            check_columns(path, file.schema_arrow.names, columns)
            names = columns.of(file.schema_arrow.names)
            number = 0
            for batch in file.iter_batches(batch_size=1024, columns=names):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}:{number}", row
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0].rstrip(".")
        _end_early(StanceError(f"{path}: not a whole Parquet file: {first}. Fetch or write it again"), bad_rows)
    except (ValueError, OverflowError) as error:  # a date after the year 9999, an unknown time zone
        raise StanceError(
            f"{path}: one of the columns {', '.join(names)} holds what Python cannot: {error}. Write it as text"
        ) from None
