"""Votes in a folder of Parquet files. A file is written whole or not at all, and never changed."""

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from pipeline.records import StanceError
from pipeline.store.atomic import atomic_file
from pipeline.votes.vote import Vote

SCHEMA = pa.schema([
    ("sentence_id", pa.string()), ("annotator", pa.string()), ("kind", pa.string()), ("label", pa.string()),
    ("weight", pa.float64()), ("when", pa.timestamp("us", tz="UTC")),
])  # fmt: skip
SUFFIX = ".parquet"


@dataclass(frozen=True)
class Standing:
    """The votes that count.

    Attributes:
        table: of `SCHEMA`, one row an annotator and sentence, in the order in which they were given.
        n_repeated: rows that say the same vote once more.
        n_changed: votes that their annotator has changed since.
    """

    table: pa.Table
    n_repeated: int
    n_changed: int


class VoteTable:
    """A folder of votes.

    Args:
        folder: that holds them; made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_there(self) -> bool:
        """Whether there is any vote."""
        return any(self.folder.glob(f"*{SUFFIX}"))

    def append(self, votes: Sequence[Vote]) -> None:
        """Add votes, all or none of them; they are on the disk when this returns.

        Raises:
            StanceError: the folder cannot be written to, or is full.
        """
        if not votes:
            return
        rows = {name: [getattr(vote, name) for vote in votes] for name in SCHEMA.names}
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        with atomic_file(self.folder / f"{now}-{uuid.uuid4().hex[:8]}{SUFFIX}") as temporary:
            try:
                _write(pa.table(rows, SCHEMA), temporary)
            except OSError as error:
                raise StanceError(
                    f"{self.folder}: the votes cannot be written: {error.strerror}. Make room, and vote again"
                ) from None

    def rows(self) -> pa.Table:
        """Every row that was ever added, of `SCHEMA`, in the order in which they were.

        Raises:
            StanceError: a file cannot be read, or holds something else.
        """
        parts = [_read(path) for path in sorted(self.folder.glob(f"*{SUFFIX}"))]
        return pa.concat_tables(parts) if parts else SCHEMA.empty_table()

    def standing(self) -> Standing:
        """The votes that count: of each annotator for each sentence the last one; one that stands twice counts once."""
        rows = self.rows()
        order = pa.array(range(len(rows)), pa.int64())
        rows = rows.append_column("row", order)
        once = rows.group_by(["sentence_id", "annotator", "label", "when"], use_threads=False).aggregate(
            [("row", "min")]
        )
        distinct = rows.take(once["row_min"]).sort_by([("when", "ascending"), ("row", "ascending")])
        distinct = distinct.set_column(distinct.schema.get_field_index("row"), "row", pa.array(range(len(distinct))))
        last = distinct.group_by(["sentence_id", "annotator"], use_threads=False).aggregate([("row", "max")])
        table = distinct.take(last["row_max"]).sort_by("row").select(SCHEMA.names)
        return Standing(table, len(rows) - len(distinct), len(distinct) - len(table))


def _write(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        parquet.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Any:
    try:
        return parquet.read_table(path).select(SCHEMA.names).cast(SCHEMA)
    except (OSError, KeyError, ValueError) as error:  # pyarrow's own errors derive from these
        first = str(error).splitlines()[0]
        raise StanceError(f"{path}: not a file of votes: {first}. Take it out of the folder") from None
