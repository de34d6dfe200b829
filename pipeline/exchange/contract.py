"""What every format gives and takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.labeling.worklist import Item
from pipeline.votes import Vote


@dataclass(frozen=True, slots=True)
class Task:
    """What goes out: a sentence to label.

    Attributes:
        item: the sentence, with what is known of it.
        votes: that people have given it already.
    """

    item: Item
    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What comes back: a sentence, with the label that one annotator gave it.

    Attributes:
        place: where it stands: the file, and the line or task.
        sentence_id: of the sentence, as ``news-01#3``.
        text: of the sentence, as the tool knows it.
        label: None where nobody gave one.
        annotator: None where the file does not say.
        when: it was given, in UTC; None where the file does not say.
        weight: above 0, at most 1.
    """

    place: str
    sentence_id: str
    text: str
    label: str | None = None
    annotator: str | None = None
    when: datetime | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Format:
    """How a tool's files are written and read.

    Attributes:
        name: by which users ask for it.
        suffix: of its files.
        read: gives what stands in a file, or raises a StanceError.
        write: writes tasks to a file, whole or not at all.
        is_named_after_annotator: whether the tool writes a file an annotator, and names it so.
    """

    name: str
    suffix: str
    read: Callable[[Path], Iterator[Mark]]
    write: Callable[[Path, Sequence[Task], Codebook], None]
    is_named_after_annotator: bool = False
