"""Sentences that wait for a label, in the order in which people should see them.

The queue and the doubts write such a list, a table of sentences like any other; the page and the exports read it.
"""

import contextlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import ingest
from pipeline.config.ingest import LabeledReadConfig
from pipeline.records import Sentence
from pipeline.store.jsonl import write_rows

FURTHER = ("before", "after", "suggestion", "score", "why")


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence of the list.

    Attributes:
        sentence: to label.
        before: the sentence before it in its document; empty where it is not known.
        after: the one after it.
        suggestion: the label that a model would give; None where none was asked.
        score: the probability that the model gives it, between 0 and 1.
        why: it is on the list.
    """

    sentence: Sentence
    before: str = ""
    after: str = ""
    suggestion: str | None = None
    score: float | None = None
    why: str = ""

    def row(self) -> dict[str, Any]:
        """As a row of a table: with what is not known left out."""
        sentence = self.sentence
        row = {
            "doc_id": sentence.document,
            "position": sentence.position,
            "text": sentence.text,
            "label": sentence.gold,
            "annotators": dict(sentence.annotators) or None,
            **{name: getattr(self, name) for name in FURTHER},
        }
        return {name: value for name, value in row.items() if value is not None and value != ""}


def in_context(sentences: Sequence[Sentence]) -> list[Item]:
    """An item a sentence, with its neighbors in its document."""
    texts = {(sentence.document, sentence.position): sentence.text for sentence in sentences}
    return [
        Item(s, texts.get((s.document, s.position - 1), ""), texts.get((s.document, s.position + 1), ""))
        for s in sentences
    ]


def read_items(inputs: Sequence[str], config: LabeledReadConfig) -> list[Item]:
    """The items of written lists; of other tables and documents every sentence, with its neighbors.

    Raises:
        StanceError: an input cannot be read.
    """
    kept = config.model_copy(update={"attribute_columns": (*config.attribute_columns, *FURTHER)})
    return [_item(item) for item in in_context(ingest.read_all(inputs, kept).sentences)]


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write a list, a JSON object a line; the file is whole or not there."""
    write_rows(path, (item.row() for item in items))


def _item(item: Item) -> Item:
    known = item.sentence.attributes
    score = None
    with contextlib.suppress(ValueError):  # a column that happens to be named so
        score = float(known["score"]) if "score" in known else None
    if score is not None and not math.isfinite(score):
        score = None
    return Item(
        item.sentence,
        known.get("before", item.before),
        known.get("after", item.after),
        known.get("suggestion"),
        score,
        known.get("why", ""),
    )
