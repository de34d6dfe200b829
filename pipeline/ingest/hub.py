"""Data sets of the `datasets` library: by name from the hub, or from a folder that it saved."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.ingest.tables import Columns, Row, check_columns
from pipeline.records import StanceError

PREFIX = "dataset:"
_NAME = re.compile(r"dataset:(?P<name>[^@:]+)(?:@(?P<revision>[^:]+))?(?::(?P<split>\w+))?")


def is_saved(folder: Path) -> bool:
    """Whether `datasets` saved this folder with ``save_to_disk``."""
    return (folder / "dataset_info.json").is_file() or (folder / "dataset_dict.json").is_file()


def read_saved(folder: Path, columns: Columns) -> Iterator[Row]:
    """The rows of a saved data set, every split of it.

    Raises:
        StanceError: the folder cannot be loaded, or a split has no such column.
    """
    import datasets

    try:
        loaded = datasets.load_from_disk(str(folder))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise StanceError(
            f"{folder}: not a whole saved data set: {str(error).rstrip('.')}. Save it again with `save_to_disk`"
        ) from None
    splits = loaded.items() if isinstance(loaded, datasets.DatasetDict) else [("", loaded)]
    for split, rows in splits:
        yield from _rows(f"{folder}/{split}" if split else str(folder), rows, columns)


def read_named(reference: str, columns: Columns) -> Iterator[Row]:
    """The rows of ``dataset:NAME[@REVISION][:SPLIT]``; without a split, of its `train` split.

    Raises:
        StanceError: the name is not of that form, or the hub does not give the data set.
    """
    import datasets

    match = _NAME.fullmatch(reference)
    if match is None:
        raise StanceError(f"{reference}: expected dataset:NAME[@REVISION][:SPLIT], as in dataset:owner/name:train")
    split = match["split"] or "train"
    try:
        rows = datasets.load_dataset(match["name"], revision=match["revision"], split=split)
    except (OSError, ValueError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise StanceError(
            f"{reference}: the data set cannot be loaded: {first}. Check the name and the network, or save it with "
            "`save_to_disk` and name the folder"
        ) from None
    yield from _rows(reference, rows, columns)


def _rows(place: str, rows: Any, columns: Columns) -> Iterator[Row]:
    check_columns(place, rows.column_names, columns)
    rows = rows.select_columns(columns.of(rows.column_names))
    names = {name: feature.names for name, feature in rows.features.items() if type(feature).__name__ == "ClassLabel"}
    for number, row in enumerate(rows, start=1):
        labels = {name: _name(known, row[name]) for name, known in names.items()}
        yield f"{place}:{number}", {**row, **labels}


def _name(names: Sequence[str], number: int | None) -> str | None:
    return None if number is None or number < 0 else names[number]  # -1: hidden, as in many a test part


def suggestion(path: str) -> str:
    """A hint for a path that does not exist but looks like a data set's name."""
    return f" For a data set of the hub write dataset:{path}." if re.fullmatch(r"[\w-]+/[\w.-]+", path) else ""
