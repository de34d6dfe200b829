"""A sheet for Excel: the labels to choose from a list, the header in view, and nothing in it that would be computed."""

import re
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from pipeline.codebook import Codebook
from pipeline.exchange.contract import Mark, Task
from pipeline.exchange.rows import COLUMNS, check_header, marks_of, rows_of
from pipeline.records import StanceError
from pipeline.store.atomic import atomic_file

SENTENCES, LABELS = "sentences", "labels"
WIDTHS = {"doc_id": 22, "position": 9, "text": 80, "before": 40, "after": 40, "why": 30, "annotator": 20, "when": 34}
NUMBERS = ("position", "score", "weight")
WIDTH = 13  # of the other columns, in characters
LONGEST = 32_767  # characters a cell holds
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no XML holds them
_LOST = "\N{REPLACEMENT CHARACTER}"
# what openpyxl ends in where a file is cut off, or is of something else; it reads rows only when they are asked for
BROKEN = (BadZipFile, KeyError, ValueError, SyntaxError, AttributeError, IndexError, EOFError, zlib.error)


def write(path: Path, tasks: Sequence[Task], codebook: Codebook) -> None:
    """Write a sheet with a row a vote, and one with what the labels mean.

    Raises:
        StanceError: a text is longer than a cell can be, or the file cannot be written to.
    """
    import openpyxl

    rows = [[_shown(value) for value in row] for task in tasks for row in rows_of(task)]  # before anything is begun
    meanings = [[_shown(text) for text in (label, entry.definition)] for label, entry in codebook.labels.items()]
    book = openpyxl.Workbook(write_only=True)
    sheet, further = book.create_sheet(SENTENCES), book.create_sheet(LABELS)
    _lay_out(sheet, len(meanings))
    _append(sheet, COLUMNS, rows)
    further.column_dimensions["A"].width, further.column_dimensions["B"].width = 20, 120
    _append(further, ("label", "definition"), meanings)
    with atomic_file(path) as temporary:
        book.save(temporary)


def _lay_out(sheet: Any, n_labels: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letters = {name: get_column_letter(number) for number, name in enumerate(COLUMNS, start=1)}
    for name, letter in letters.items():
        sheet.column_dimensions[letter].width = WIDTHS.get(name, WIDTH)
    sheet.freeze_panes = "A2"
    choice = DataValidation(
        "list", formula1=f"{LABELS}!$A$2:$A${n_labels + 1}", allow_blank=True, showErrorMessage=True
    )
    choice.errorTitle, choice.error = "No such label", f"Choose one of the list; the sheet {LABELS} explains them."
    choice.add(f"{letters['label']}2:{letters['label']}1048576")  # the last row that Excel has
    sheet.data_validations.append(choice)


def _append(sheet: Any, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a header and rows; a cell is filled anew for each row, as it costs more to make than to write."""
    from openpyxl.styles import Font

    cells = [_cell(sheet, is_text=True) for _ in header]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(_filled(cells, header))
    cells = [_cell(sheet, is_text=name not in NUMBERS) for name in header]
    for row in rows:
        sheet.append(_filled(cells, row))


def _cell(sheet: Any, *, is_text: bool) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    cell = WriteOnlyCell(sheet)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_text:
        cell.number_format, cell.quotePrefix = "@", True  # stays text when a person edits it
    return cell


def _filled(cells: list[Any], values: Sequence[Any]) -> list[Any]:
    for cell, value in zip(cells, values, strict=True):
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # and not a formula, however it begins
    return cells


def _shown(value: Any) -> Any:
    """What a cell can hold of a value."""
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST:
        raise StanceError(f'"{value[:40]}…" is longer than a cell of Excel, {LONGEST:,} characters. Export as .csv')
    return _UNPRINTABLE.sub(_LOST, value)


def read(path: Path) -> Iterator[Mark]:
    """What people filled in.

    Raises:
        StanceError: the file is not of Excel, or a column is missing.
    """
    return marks_of(_rows(path))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    import openpyxl

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl does not read, such as Excel's own kinds of lists
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            with closing(book):
                sheet = book[SENTENCES] if SENTENCES in book.sheetnames else book.worksheets[0]
                sheet.reset_dimensions()  # other programs write them wrong
                rows = [list(cells) for cells in sheet.iter_rows(values_only=True)]
        except BROKEN:
            raise StanceError(f"{path}: not a workbook of Excel, or a broken one. Save it as .xlsx") from None
    yield from _of_rows(path, rows)


def _of_rows(path: Path, rows: list[list[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    header = ["" if name is None else str(name).strip() for name in (rows[0] if rows else [])]
    check_header(path, header)
    for number, cells in enumerate(rows[1:], start=2):
        padded = [*cells, *[None] * (len(header) - len(cells))]
        yield f"{path}: row {number}", dict(zip(header, padded[: len(header)], strict=True))
