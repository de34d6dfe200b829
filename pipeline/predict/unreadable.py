"""What of an input could not be read, and why, in a file beside the output."""

import shutil
import tempfile
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
    with tempfile.TemporaryFile("w+", encoding="utf-8") as messages:
        yield lambda message: print(message, file=messages)
        if messages.tell() == 0:
            beside(output).unlink(missing_ok=True)  # of an earlier command
            return
        messages.seek(0)
        with atomic_file(beside(output)) as temporary, temporary.open("w", encoding="utf-8") as file:
            shutil.copyfileobj(messages, file)
