"""A sheet as CSV, which spreadsheets open: UTF-8 with a mark, and nothing in it that they would compute."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.codebook import Codebook
from pipeline.exchange.contract import Mark, Task
from pipeline.exchange.fields import text_of
from pipeline.exchange.rows import COLUMNS, check_header, marks_of, rows_of
from pipeline.records import StanceError, counted
from pipeline.store.atomic import atomic_file

SEPARATORS = (",", ";", "\t")  # spreadsheets write the second where a comma is the decimal mark
_COMPUTED = re.compile(r"'*[=+\-@\t\r]")  # with quotes before it, so that each text can be told from a guarded one


def write(path: Path, tasks: Sequence[Task], codebook: Codebook) -> None:
    """Write a row a vote; a text that a spreadsheet would take for a formula begins with a quote.

    Raises:
        StanceError: the file cannot be written to.
    """
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for task in tasks:
            writer.writerows([_guarded(value) for value in row] for row in rows_of(task))


def read(path: Path) -> Iterator[Mark]:
    """What people filled in.

    Raises:
        StanceError: a column is missing, or a row cannot be read.
    """
    return marks_of(_rows(path))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    header: list[str] = []
    for number, cells in enumerate(_cells(path), start=1):  # as a spreadsheet counts: a row may go over several lines
        place = f"{path}: row {number}"
        if not header:
            header = [cell.strip() for cell in cells]
            check_header(path, header)
        elif len(cells) == len(header):
            yield place, dict(zip(header, map(_bare, cells), strict=True))
        elif cells:
            raise StanceError(f"{place} has {counted(len(cells), 'cell')}, the header {len(header)}. Mend it")


def _cells(path: Path) -> Iterator[list[str]]:
    separator = max(SEPARATORS, key=_first_line(path).count)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True, delimiter=separator)
        try:
            yield from reader
        except csv.Error as error:
            raise StanceError(f"{path}:{reader.line_num}: not valid CSV: {error}. Mend it") from None


def _first_line(path: Path) -> str:
    return next(iter(text_of(path).splitlines()), "")


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _COMPUTED.match(value) else value


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _COMPUTED.match(cell) else cell
