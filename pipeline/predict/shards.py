"""Finished pieces of an output that is not whole yet, beside it: a killed command goes on after the last of them."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipeline.config.predict import Format
from pipeline.predict.predicted import Predicted, Sampled
from pipeline.predict.writers import Writer, merge, open_writer
from pipeline.records import StanceError
from pipeline.store.atomic import atomic_file, clear_of, sweep, write_text

JOB_FILE = "job.json"
LOCK_FILE = "lock"


class Shards:
    """The pieces of one output, in order; each is there whole, with its figures, or not at all.

    Attributes:
        pieces: their files.
        done: the figures of all of them so far.
    """

    def __init__(self, folder: Path, output: Path, form: Format, labels: Sequence[str]) -> None:
        self._folder, self._form, self._labels = folder, form, labels
        self.pieces: list[Path] = []
        self.done = Predicted(output, by_label=dict.fromkeys(labels, 0))
        while (figures := folder / f"{len(self.pieces):06}.json").is_file():
            self.done = _with_sample(json.loads(figures.read_text(encoding="utf-8")), output)
            self.pieces.append(figures.with_suffix(""))
        self.done.n_before = self.done.n_sentences

    @contextmanager
    def one_more(self) -> Iterator[Writer]:
        """A writer of the next piece, which counts among them when the block ends well."""
        piece = self._folder / f"{len(self.pieces):06}"
        with (
            atomic_file(piece) as temporary,
            open_writer(temporary, self._form, self._labels, in_pieces=True) as writer,
        ):
            yield writer
        write_text(piece.with_suffix(".json"), json.dumps({**asdict(self.done), "output": ""}, ensure_ascii=False))
        self.pieces.append(piece)

    def merge(self) -> None:
        """Write the output from the pieces, whole or not at all."""
        with atomic_file(self.done.output) as temporary:
            merge(self.pieces, temporary, self._form, self._labels)


@contextmanager
def open_shards(output: Path, form: Format, labels: Sequence[str], job: str | None) -> Iterator[Shards]:
    """The pieces of an output; those that an interrupted command with the same job left are there already.

    They go when the block ends well, or in an error that the user has to mend; a killed command leaves them.

    Args:
        output: the file that they become.
        form: its format.
        labels: of the model.
        job: says what is predicted from what; None: nothing is gone on with.

    Raises:
        StanceError: another command is writing the same output, or the folder cannot be written.
    """
    folder = output.with_name(f".{output.name}.parts")
    if output.is_dir():
        raise StanceError(f"{output}: is a folder. Name a file to write")
    with _locked(folder, output):
        if job is None or not _is_of(folder, job):
            _empty(folder)
            write_text(folder / JOB_FILE, json.dumps({"job": job}))
        sweep(folder)
        shards = Shards(folder, output, form, labels)
        try:
            yield shards
        except BaseException as error:
            if isinstance(error, StanceError) or not shards.pieces:
                _empty(folder)
            raise
        _empty(folder)


@contextmanager
def _locked(folder: Path, output: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK_FILE, timeout=0)
    with clear_of(output):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire()
    except Timeout:
        raise StanceError(f"{folder}: another command is writing this output. Wait for it, or name another") from None
    try:
        yield
    finally:
        lock.release()
        if not _others(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_of(folder: Path, job: str) -> bool:
    path = folder / JOB_FILE
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["job"] == job)
    except (OSError, ValueError, KeyError):
        return False


def _empty(folder: Path) -> None:
    for path in _others(folder):
        path.unlink()


def _others(folder: Path) -> list[Path]:
    """What is in the folder beside the lock."""
    return [path for path in folder.iterdir() if path.name != LOCK_FILE]


def _with_sample(fields: dict[str, Any], output: Path) -> Predicted:
    return Predicted(**{**fields, "output": output, "sample": [Sampled(**row) for row in fields["sample"]]})
