"""Further labeled files to measure on: read, and looked over."""

import glob
from collections.abc import Sequence

from pipeline import ingest, labeling
from pipeline.config.evaluate import EvaluationSet
from pipeline.ingest import BadRows
from pipeline.records import Example, Sentence, StanceError


def is_left_out(entry: EvaluationSet) -> bool:
    """Whether a set is optional, and not there."""
    return entry.optional and not glob.glob(entry.path) and not entry.path.startswith("dataset:")  # noqa: PTH207


def fingerprint_set(entry: EvaluationSet) -> str:
    """Hash of what a set holds.

    Raises:
        StanceError: it is not there.
    """
    return ingest.fingerprint_sources(ingest.find_sources([entry.path], entry.read_as))


def read_set(entry: EvaluationSet, labels: Sequence[str]) -> tuple[list[Example], BadRows]:
    """The examples of a set, and what of it was skipped.

    Raises:
        StanceError: it is not there; a sentence has no label, or one that is not of `labels`; all are of one document.
    """
    read = ingest.read_all([entry.path], entry)
    if not read.sentences:
        raise StanceError(f"{entry.path}: no sentence in it that can be read. Name another file, or take the set out")
    _check_labeled(entry, read.sentences)
    examples = labeling.gold_examples(read.sentences, labels)
    documents = {example.sentence.document for example in examples}
    if len(documents) == 1:
        raise StanceError(
            f"{entry.path}: all sentences are of one document ({documents.pop()}), so that nobody can tell how "
            "figures vary with documents. Give it two or more; which rows belong together says document_column "
            f"({entry.document_column})"
        )
    return examples, read.bad_rows


def n_seen(examples: Sequence[Example], train: Sequence[Example]) -> int:
    """How many sentences stand in the training part, too, but for case and spaces."""
    known = {_plain(example.text) for example in train}
    return sum(_plain(example.text) in known for example in examples)


def _check_labeled(entry: EvaluationSet, sentences: Sequence[Sentence]) -> None:
    bare = [sentence.source for sentence in sentences if sentence.gold is None]
    if not bare:
        return
    what = "label every sentence of a set to measure on, or take the row out"
    if len(bare) == len(sentences):
        what = f"the labels should be in label_column ({entry.label_column})"
    raise StanceError(f"{bare[0]}: no label (so in {len(bare)} of {len(sentences)} rows): {what}")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
