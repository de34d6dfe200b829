"""What of an input could not be read, and why, in a file beside the output."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.store.atomic import atomic_file


def beside(output: Path) -> Path:
    """The file's path."""
    return output.with_name(f"{output.name}.unreadable.txt")


@contextmanager
def listed_beside(output: Path) -> Iterator[Callable[[str], None]]:
    """Takes a message a row, which stand in the file when the block ends well; without any there is no file."""
    path = beside(output)
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yield lambda message: print(message, file=file)
    if path.stat().st_size == 0:
        path.unlink()
