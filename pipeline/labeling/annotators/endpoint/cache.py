"""Answers that were paid for: a line each, on the disk before the next question is asked."""

import errno
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipeline.labeling.annotators.answers import Answer
from pipeline.labeling.annotators.endpoint.prompt import Question
from pipeline.records import StanceError
from pipeline.store.atomic import clear_of

SUFFIX = ".jsonl"


class AnswerCache:
    """Answers by question, in a file that only grows.

    Args:
        path: of the file; no other process may write to it meanwhile.

    Raises:
        StanceError: the file cannot be read, or a line of it is no answer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[str, Answer] = {}
        with clear_of(path):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            content = path.read_bytes()
        self._size = content.rfind(b"\n") + 1
        os.truncate(self._file, self._size)  # a process that was killed may have left half a line
        for number, line in enumerate(content[: self._size].splitlines(), start=1):
            self._answers.update([_read(line, f"{path}:{number}")])

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: str) -> Answer | None:
        """The answer to a question, if it was ever answered."""
        return self._answers.get(key)

    def lacking(self, questions: Sequence[Question]) -> list[Question]:
        """Those of the questions that were never answered, each once."""
        return list({q.key: q for q in questions if q.key not in self._answers}.values())

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; it is on the disk when this returns.

        Raises:
            StanceError: it cannot be written.
        """
        self._answers[key] = answer
        row = {"key": key, "label": answer.label, "weight": answer.weight}
        line = f"{json.dumps(row, ensure_ascii=False)}\n".encode()
        try:
            self._append(line)
        except OSError as error:
            os.truncate(self._file, self._size)
            raise StanceError(f"{self.path}: an answer cannot be written: {error.strerror}. Make room") from None
        self._size += len(line)

    def _append(self, line: bytes) -> None:
        if os.write(self._file, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self._file)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


@contextmanager
def open_cache(folder: Path, model: str) -> Iterator[AnswerCache]:
    """The answers of a model, locked against other processes until the block ends.

    Raises:
        StanceError: another process asks the same model, or the folder cannot be written to.
    """
    name = re.sub(r"[^\w.-]+", "-", model).strip(".-")[:80] or "model"
    path = folder / f"{name}{SUFFIX}"
    with clear_of(path):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f".{name}.lock").touch()
    lock = FileLock(folder / f".{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StanceError(
            f"{path}: another process is asking this model. Wait for it to end, or choose another --cache"
        ) from None
    try:
        cache = AnswerCache(path)
        try:
            yield cache
        finally:
            cache.close()
    finally:
        lock.release()


def _read(line: bytes, place: str) -> tuple[str, Answer]:
    try:
        row: Any = json.loads(line)
        key, answer = row["key"], Answer(row["label"], row["weight"])
        if not (isinstance(key, str) and isinstance(answer.label, str) and 0 < answer.weight <= 1):
            raise ValueError  # noqa: TRY301 (told below, like the others)
    except (ValueError, KeyError, TypeError):
        raise StanceError(f"{place}: not an answer. Take the line out; what it was for is asked again") from None
    return key, answer
