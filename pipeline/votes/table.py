"""Votes in a folder of Parquet files. A file is written whole or not at all, and never changed.

Many small files may be put together into one, which names those that it stands for: they are not read beside it, so
that whoever is stopped before they are gone counts no vote twice.
"""

import json
import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout
from pyarrow import compute, parquet

from pipeline.records import StanceError
from pipeline.store.atomic import atomic_file, clear_of
from pipeline.votes.vote import WITHDRAWN, Vote

SCHEMA = pa.schema([
    ("sentence_id", pa.string()), ("annotator", pa.string()), ("kind", pa.string()), ("label", pa.string()),
    ("weight", pa.float64()), ("when", pa.timestamp("us", tz="UTC")), ("text_digest", pa.string()),
])  # fmt: skip
SUFFIX = ".parquet"
STANDS_FOR = b"stands_for"  # names of files, in a file's own metadata
TRIES = 3  # at reading files that another process is putting together


@dataclass(frozen=True)
class Standing:
    """The votes that count.

    Attributes:
        table: of `SCHEMA`, one row an annotator and sentence, in the order in which they were given.
        n_repeated: rows that say the same vote once more.
        n_changed: votes that their annotator has changed or taken back since.
    """

    table: pa.Table
    n_repeated: int
    n_changed: int

    def now(self) -> datetime:
        """This moment; where a clock that goes ahead has dated a vote later, the moment after that, which counts."""
        last = compute.max(self.table["when"]).as_py()
        now = datetime.now(UTC)
        return now if last is None or last < now else last + timedelta(microseconds=1)


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
        self._add(pa.table(rows, SCHEMA), datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f"))

    def rows(self) -> pa.Table:
        """Every row that was ever added, of `SCHEMA`, in the order in which they were.

        Raises:
            StanceError: a file cannot be read, or holds something else.
        """
        return _together(self._files())

    def compact(self) -> int:
        """Put all files together into one; what counts, and its order, stay as they are. How many files are gone.

        Where another process is at it, nothing is done.

        Raises:
            StanceError: a file cannot be read, or the folder cannot be written to.
        """
        if not self.folder.is_dir():
            return 0
        lock = FileLock(self.folder / ".compact.lock", timeout=0)
        try:
            held = lock.acquire()
        except Timeout:
            return 0
        except OSError as error:
            raise StanceError(f"{self.folder}: cannot be written: {error.strerror}. Choose another place") from None
        with held:
            return self._put_together()

    def standing(self) -> Standing:
        """The votes that count: of each annotator for each sentence the last one, unless that takes it back.

        One that stands twice counts once.
        """
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
        table = table.filter(compute.not_equal(table["label"], WITHDRAWN))
        return Standing(table, len(rows) - len(distinct), len(distinct) - len(table))

    def _put_together(self) -> int:
        files = self._files()
        old = [file.path for file in files]
        if sum(file.counts for file in files) > 1:
            self._add(_standing_for(_together(files), old), old[0].stem.split("-")[0])
        else:
            old = [file.path for file in files if not file.counts]
        with clear_of(self.folder):
            for path in old:
                path.unlink(missing_ok=True)
        return len(old)

    def _add(self, table: pa.Table, moment: str) -> None:
        """Write a file whose name sorts by the moment, so that it lasts."""
        with atomic_file(self.folder / f"{moment}-{uuid.uuid4().hex[:8]}{SUFFIX}") as temporary:
            try:
                _write(table, temporary)
            except OSError as error:
                raise StanceError(
                    f"{self.folder}: the votes cannot be written: {error.strerror}. Make room, and vote again"
                ) from None
        _sync(self.folder)

    def _files(self) -> list["_File"]:
        """Every file in order, read anew where another process has put some of them together meanwhile."""
        for _ in range(TRIES):
            paths = sorted(self.folder.glob(f"*{SUFFIX}"))
            with suppress(FileNotFoundError):
                read = [(path, *_read(path)) for path in paths]
                replaced = {name for _, _, names in read for name in names}
                return [_File(path, table, path.name not in replaced) for path, table, _ in read]
        raise StanceError(f"{self.folder}: files in it come and go. End what else writes there, and try again")


@dataclass(frozen=True)
class _File:
    """A file of votes; it does not count where another stands for it."""

    path: Path
    table: pa.Table
    counts: bool


def existing_votes(folder: Path) -> VoteTable:
    """The table in a folder that should be there.

    Raises:
        StanceError: there is no such folder: a name with a slip in it is no empty table.
    """
    if not folder.is_dir():
        raise StanceError(f"{folder}: no such folder. Name the one with the votes, or leave --votes out")
    return VoteTable(folder)


def _together(files: Sequence[_File]) -> pa.Table:
    return pa.concat_tables([SCHEMA.empty_table(), *(file.table for file in files if file.counts)])


def _standing_for(table: pa.Table, paths: Sequence[Path]) -> pa.Table:
    return table.replace_schema_metadata({STANDS_FOR: json.dumps([path.name for path in paths])})


def _write(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        parquet.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """See to it that the names of new files last too; some systems do not let folders be opened."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read(path: Path) -> tuple[pa.Table, list[str]]:
    """The votes of a file, and the names of those that it stands for."""
    try:
        with path.open("rb") as opened:
            file = parquet.ParquetFile(opened)  # `read_table` takes three times as long for a small one
            names = json.loads((file.schema_arrow.metadata or {}).get(STANDS_FOR, b"[]"))
            table = file.read()
            if "text_digest" not in table.column_names:  # of votes from before it was kept
                table = table.append_column("text_digest", pa.array([""] * len(table), pa.string()))
            return table.select(SCHEMA.names).cast(SCHEMA), names
    except FileNotFoundError:
        raise
    except (OSError, KeyError, ValueError) as error:  # pyarrow's own errors derive from these
        first = str(error).splitlines()[0]
        raise StanceError(f"{path}: not a file of votes: {first}. Take it out of the folder") from None
