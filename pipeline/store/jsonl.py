"""Sentences and examples to JSON Lines and back."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.records import Example, Sentence, StanceError
from pipeline.store.atomic import atomic_file


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object a line, UTF-8; the file is whole or not there."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file that `write_rows` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def placed_rows(path: Path) -> Iterator[tuple[str, Any]]:
    """What stands in a file that a person wrote, a value a line, with its place; empty lines are passed over.

    Raises:
        StanceError: the file cannot be read, or a line is not JSON.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise StanceError(f"{path}: not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8") from None
    except OSError as error:
        raise StanceError(f"{path}: {error.strerror}. Check the path") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield f"{path}:{number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise StanceError(f"{path}:{number}: not JSON: {error.msg}. Give one object a line") from None


def write_sentences(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences, one a line."""
    write_rows(path, (asdict(sentence) for sentence in sentences))


def read_sentences(path: Path) -> list[Sentence]:
    """The sentences of a file, in order."""
    return [Sentence(**row) for row in read_rows(path)]


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write labeled sentences, one a line."""
    write_rows(path, map(_row, examples))


def read_examples(path: Path) -> list[Example]:
    """The labeled sentences of a file, in order."""
    return [_example(row) for row in read_rows(path)]


def _row(example: Example) -> dict[str, Any]:
    row = {**asdict(example.sentence), "label": example.label, "origin": example.origin}
    return row if example.shares is None else {**row, "shares": dict(example.shares)}


def _example(row: dict[str, Any]) -> Example:
    label, origin, shares = row.pop("label"), row.pop("origin"), row.pop("shares", None)
    return Example(Sentence(**row), label, origin, shares)
