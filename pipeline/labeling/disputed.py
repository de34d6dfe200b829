"""Sentences that annotators label differently, as a table to decide them in."""

import csv
from collections.abc import Sequence
from pathlib import Path

from pipeline.records import Sentence
from pipeline.store.atomic import atomic_file


def write_disputed(path: Path, sentences: Sequence[Sentence], annotators: Sequence[str]) -> None:
    """A row a sentence: document, position, text, the adjudicated label if there is one, a column an annotator."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document", "position", "text", "label", *annotators])
        for s in sentences:
            votes = [s.annotators.get(name, "") for name in annotators]
            writer.writerow([s.document, s.position, s.text, s.gold or "", *votes])
