"""How large an input is, for progress: rows of tables, and files of text."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.ingest.find import Source
from pipeline.ingest.packed import BROKEN, PACKED, open_bytes, suffix_of

CHUNK_BYTES = 1 << 20


class Extent:
    """Units of work in some sources, and how many lie behind a place in them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._before: dict[str, int] = {}
        self.total = 0
        for source in sources:
            self._before[str(source)] = self.total
            self.total += _units(source)

    def done(self, place: str) -> int:
        """Units behind a sentence's source: a file, or a file and a line."""
        if place in self._before:
            return self._before[place] + 1
        name, _, line = place.rpartition(":")
        return self._before.get(name, 0) + (int(line) if line.isdigit() else 0)


def _units(source: Source) -> int:
    """Rows of a table, by its lines; 1 for anything else."""
    if not isinstance(source, Path) or not source.is_file():
        return 1
    if source.suffix.lower() == ".parquet":
        return _parquet_rows(source)
    if suffix_of(source).removesuffix(PACKED) not in {".csv", ".jsonl"}:
        return 1
    with open_bytes(source) as file, suppress(*BROKEN):  # reading it will say what is wrong
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK_BYTES), b"")) or 1
    return 1


def _parquet_rows(path: Path) -> int:
    import pyarrow
    from pyarrow import parquet

    try:
        return int(parquet.read_metadata(path).num_rows)
    except (pyarrow.ArrowInvalid, OSError):
        return 1  # reading it will say what is wrong
