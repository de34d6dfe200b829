"""Sentences a window at a time: what is sorted and computed together, and what an engine answers."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.config.predict import PredictConfig
from pipeline.ingest import BadRows
from pipeline.models.contract import StanceModel
from pipeline.records import Prediction, Sentence

Window = list[Sentence]
Answered = tuple[Window, list[Prediction]]
Answers = Callable[[int], Generator[Answered, None, None]]  # what comes after so many sentences, in order


@dataclass(frozen=True)
class Inputs:
    """What is to be answered.

    Attributes:
        config: names the files, and says how they are read.
        bad_rows: told what cannot be read.
        sentences: of the files.
    """

    config: PredictConfig
    bad_rows: BadRows
    sentences: Iterator[Sentence]


def windows_of(sentences: Iterator[Sentence], model: StanceModel, batch_size: int) -> Iterator[Window]:
    """The sentences in windows; how they are cut hangs on the model and the batch size, not on what computes them."""
    return in_windows(sentences, batch_size * model.window_batches)


def in_windows(sentences: Iterator[Sentence], size: int) -> Iterator[Window]:
    """The sentences in windows of so many."""
    return iter(lambda: list(islice(sentences, size)), [])


def after(sentences: Iterator[Sentence], n: int) -> Iterator[Sentence]:
    """What comes after so many sentences."""
    return islice(sentences, n, None)
