"""Files as they are, and files packed by gzip: `name.csv.gz` is a `.csv`."""

import gzip
import zlib
from pathlib import Path
from typing import IO, cast

from pipeline.records import StanceError

PACKED = ".gz"
BROKEN = (EOFError, gzip.BadGzipFile, zlib.error)  # what a file that is cut off or damaged raises when it is read


def suffix_of(path: Path) -> str:
    """The file's kind in lower case, with the packing: ``.csv`` or ``.csv.gz``."""
    last = path.suffix.lower()
    return path.with_suffix("").suffix.lower() + last if last == PACKED else last


def open_bytes(path: Path) -> IO[bytes]:
    """A file's bytes, unpacked."""
    if path.suffix.lower() == PACKED:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def open_text(path: Path, encoding: str, newline: str) -> IO[str]:
    """A file's text, unpacked."""
    if path.suffix.lower() == PACKED:
        return gzip.open(path, "rt", encoding=encoding, newline=newline)
    return path.open(encoding=encoding, newline=newline)


def cut_off(path: Path, error: BaseException) -> StanceError:
    """The error for a packed file that is not whole."""
    why = "it ends before its end" if isinstance(error, EOFError) else str(error)
    return StanceError(f"{path}: not a whole gzip file: {why}. Fetch or write it again")
