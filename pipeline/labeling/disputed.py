"""Sentences that annotators label differently, to decide them: as a table, or as a list for the page and the queue."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.labeling.worklist import in_context, write_items
from pipeline.records import Sentence, StanceError
from pipeline.store.atomic import atomic_file


def write_disputed(
    path: Path, disputed: Sequence[Sentence], annotators: Sequence[str], context: Sequence[Sentence]
) -> None:
    """Write a list (.jsonl), or a row a sentence: its place, text, adjudicated label if any, a column an annotator.

    Args:
        path: to write.
        disputed: the sentences.
        annotators: whose labels are shown.
        context: all sentences that were read, for the neighbors.

    Raises:
        StanceError: the file is to be of another kind.
    """
    if path.suffix.lower() == ".jsonl":
        wanted = {sentence.id for sentence in disputed}
        items = (item for item in in_context(context) if item.sentence.id in wanted)
        write_items(path, (replace(item, why=_who(item.sentence, annotators)) for item in items))
    elif path.suffix.lower() == ".csv":
        _write_table(path, disputed, annotators)
    else:
        raise StanceError(f"{path}: sentences in dispute are written as .csv or .jsonl. Name one of these")


def _who(sentence: Sentence, annotators: Sequence[str]) -> str:
    said = [f"{name} {label}" for name, label in sentence.annotators.items() if name in annotators]
    return f"annotators differ: {', '.join(said)}"


def _write_table(path: Path, sentences: Sequence[Sentence], annotators: Sequence[str]) -> None:
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document", "position", "text", "label", *annotators])
        for s in sentences:
            votes = [s.annotators.get(name, "") for name in annotators]
            writer.writerow([s.document, s.position, s.text, s.gold or "", *votes])
