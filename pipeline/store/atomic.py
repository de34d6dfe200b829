"""Outputs that appear whole or not at all."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.records import StanceError


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` when the block ends well and vanishes when it does not.

    Raises:
        StanceError: the folder cannot be made or written to.
    """
    with clear_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise StanceError(f"{path}: is a folder. Name a file to write")
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which replaces `path` when the block ends well and vanishes when it does not.

    Raises:
        StanceError: the folder cannot be made or written to.
    """
    with clear_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            raise StanceError(f"{path}: is a file. Name a folder to write")
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
        temporary.chmod(0o777 & ~_umask())
    retired = temporary.with_suffix(".old")
    try:
        yield temporary
        if path.exists():
            path.replace(retired)
        temporary.replace(path)
    finally:
        if retired.exists() and not path.exists():
            retired.replace(path)
        for leftover in (temporary, retired):
            shutil.rmtree(leftover, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file, whole or not at all."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sweep(folder: Path) -> None:
    """Remove what a killed run left half-written directly in a folder."""
    for leftover in [*folder.glob(".*.tmp"), *folder.glob(".*.old")]:
        with suppress(OSError):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


@contextmanager
def clear_of(path: Path) -> Iterator[None]:
    """Say of what keeps an output from being written where it is, and what to do.

    Raises:
        StanceError: something does.
    """
    try:
        yield
    except OSError as error:
        is_in_a_file = isinstance(error, FileExistsError)  # `mkdir` found one where a folder should be
        reason = os.strerror(errno.ENOTDIR) if is_in_a_file else error.strerror
        raise StanceError(f"{path}: cannot be written: {reason}. Choose another place") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
