"""One writer of people's votes at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.records import StanceError
from pipeline.store.atomic import clear_of


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one that writes people's votes to the folder: a page would not know of another's.

    Raises:
        StanceError: one is there already, or the folder cannot be written to.
    """
    with clear_of(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".serve.lock", timeout=0)
    try:
        held = lock.acquire()
    except Timeout:
        raise StanceError(
            f"{folder}: a `stance label serve` or `import` writes there. Wait for its end, or name another folder"
        ) from None
    except OSError as error:
        raise StanceError(f"{folder}: cannot be written: {error.strerror}. Choose another place") from None
    with held:
        yield
