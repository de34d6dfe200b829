"""The same figures on parts of a set: by what is known of sentences and documents, by length, by how hard it is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.config.evaluate import EvaluateConfig, SlicesConfig
from pipeline.evaluation.bootstrap import Estimate, estimate, resampled
from pipeline.evaluation.confusion import Counts, confusion_by_document, f1, ratio
from pipeline.evaluation.predictions import Predictions
from pipeline.records import Example, StanceError, did_you_mean
from pipeline.store.jsonl import placed_rows

MOST_VALUES = 12  # of one column, the commonest; the rest goes together
OTHERS = "all others"
LENGTHS = ((10, "up to 10 words"), (20, "11 to 20"), (35, "21 to 35"), (10**9, "36 and more"))
Values = Sequence[str | None]


@dataclass(frozen=True)
class Slice:
    """A part of a set.

    Attributes:
        by: what it is cut by, such as ``region``.
        value: what its sentences have in common.
        macro_f1: over the stances that a sentence here has, or is given.
        is_small: too small to say much.
    """

    by: str
    value: str
    n_sentences: int
    n_documents: int
    macro_f1: Estimate
    accuracy: float
    is_small: bool


def slices(found: Predictions, config: EvaluateConfig, seed: int) -> list[Slice]:
    """Every slice of a set that has at least two of its kind.

    Raises:
        StanceError: the table of documents cannot be read.
    """
    kept = []
    for by, values in _cuts(found.examples, config.slices):
        common = [value for value, _ in Counter(v for v in values if v is not None).most_common()]
        if len(common) < 2:
            continue
        named = common[:MOST_VALUES]
        groups = {value: np.array([v == value for v in values]) for value in _in_order(named)}
        if common[MOST_VALUES:]:
            groups[OTHERS] = np.array([v is not None and v not in named for v in values])
        kept += [_slice((by, value), found, chosen, config, seed) for value, chosen in groups.items()]
    return kept


def _slice(
    name: tuple[str, str], found: Predictions, chosen: NDArray[np.bool_], config: EvaluateConfig, seed: int
) -> Slice:
    n_stances, n_labels = len(found.labels.stances), len(found.labels.all)
    _, documents = np.unique(found.documents[chosen], return_inverse=True)
    by_document = confusion_by_document(documents, found.true[chosen], found.predicted[chosen], n_labels)
    whole = by_document.sum(axis=0)
    draws = _macro_f1(resampled(by_document, config.bootstrap_draws, seed), n_stances)
    n_sentences, supports = int(chosen.sum()), whole.sum(axis=1)[:n_stances]
    return Slice(
        by=name[0],
        value=name[1],
        n_sentences=n_sentences,
        n_documents=len(by_document),
        macro_f1=estimate(float(_macro_f1(whole, n_stances)), draws, config.confidence, len(by_document)),
        accuracy=float(whole.trace() / whole.sum()),
        is_small=bool(n_sentences < config.slices.min_sentences or supports.min() < config.slices.min_per_label),
    )


def _in_order(values: list[str]) -> list[str]:
    """Lengths and numbers from the least up, other values as they are."""
    lengths = [name for _, name in LENGTHS]
    if set(values) <= set(lengths):
        return sorted(values, key=lengths.index)
    return sorted(values, key=int) if all(value.isdecimal() for value in values) else values


def _macro_f1(confusion: Counts, n_stances: int) -> NDArray[np.float64]:
    """Mean F1, (…), of the stances that are there or predicted; 0 where none is."""
    scores = f1(confusion)[..., :n_stances]
    is_there = (confusion.sum(axis=-1) + confusion.sum(axis=-2))[..., :n_stances] > 0
    return ratio((scores * is_there).sum(axis=-1), is_there.sum(axis=-1).astype(np.float64))


def _cuts(examples: Sequence[Example], config: SlicesConfig) -> Iterator[tuple[str, Values]]:
    """What to cut by, with each sentence's value; None: not known."""
    sentences = [example.sentence for example in examples]
    for column in dict.fromkeys(name for sentence in sentences for name in sentence.attributes):
        yield column, [_plain(sentence.attributes.get(column)) for sentence in sentences]
    known = read_documents(config.documents) if config.documents is not None else {}
    for column in config.columns if known else ():
        yield column, [known.get(sentence.document, {}).get(column) for sentence in sentences]
    yield "file", [_file(sentence.source) for sentence in sentences]
    yield "length", [_length(sentence.text) for sentence in sentences]
    yield "annotators", [_agreement(sentence.annotators) for sentence in sentences]


def read_documents(path: Path) -> dict[str, dict[str, str]]:
    """What is known of each document, by its id, from JSON Lines with a column `doc_id`.

    Raises:
        StanceError: there is no such file, or a row is not an object with an id.
    """
    known = {}
    for place, row in placed_rows(path):
        if not isinstance(row, dict) or "doc_id" not in row:
            raise StanceError(f"{place}: not an object with a doc_id. Give one a line, as data/documents.jsonl does")
        known[str(row["doc_id"])] = {name: str(value) for name, value in row.items() if isinstance(value, str | int)}
    return known


def check_columns(path: Path, columns: Sequence[str]) -> None:
    """Make sure that a table of documents has these columns.

    Raises:
        StanceError: one is missing, or the table cannot be read.
    """
    there = list(dict.fromkeys(name for row in read_documents(path).values() for name in row))
    for column in columns:
        if column not in there:
            hint = did_you_mean(column, there)
            raise StanceError(
                f"evaluate.slices.columns: {column}: {path} has no such column; it has {', '.join(there)}.{hint}"
            )


def _plain(value: str | None) -> str | None:
    return {"true": "yes", "false": "no"}.get((value or "").lower(), value)


def _file(source: str) -> str:
    return Path(source.rpartition(":")[0] or source).stem


def _length(text: str) -> str:
    n_words = len(text.split())
    return next(name for most, name in LENGTHS if n_words <= most)


def _agreement(annotators: Mapping[str, str]) -> str | None:
    if len(annotators) < 2:
        return None
    return "agree" if len(set(annotators.values())) == 1 else "differ"
