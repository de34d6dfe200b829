"""Votes of a table, put beside the sentences that they are on."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from pipeline.records import Sentence, StanceError, counted
from pipeline.votes import check_texts


def beside_people(sentences: Sequence[Sentence], votes: Any) -> list[Sentence]:
    """The sentences, with what each person said of them among their labels, where any did."""
    from pyarrow import compute

    people = votes.filter(compute.equal(votes["kind"], "person"))
    ids = {sentence.id for sentence in sentences}
    is_theirs = any(name in ids for name in people["sentence_id"].unique().to_pylist())
    return with_votes(sentences, people, ("person",)) if is_theirs else list(sentences)


def with_votes(sentences: Sequence[Sentence], votes: Any, kinds: Collection[str]) -> list[Sentence]:
    """The sentences, with each annotator's standing vote among its labels.

    Args:
        sentences: to put them to.
        votes: that stand, of the schema of `pipeline.votes`.
        kinds: of annotators to take.

    Raises:
        StanceError: no vote is on one of the sentences, or some are on other texts.
    """
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for name, annotator, kind, label in zip(
        *(votes[column].to_pylist() for column in ("sentence_id", "annotator", "kind", "label")), strict=True
    ):
        if kind in kinds:
            said[name][annotator] = label
    check_texts(votes, {sentence.id: sentence.text for sentence in sentences}, "the votes")
    if not any(sentence.id in said for sentence in sentences):
        raise StanceError(
            f"{counted(len(said), 'sentence')} with votes of {' or '.join(kinds)}, and none of them among "
            f"{counted(len(sentences), 'sentence')} that were read. Name the documents that were voted on"
        )
    return [replace(s, annotators={**s.annotators, **said.get(s.id, {})}) for s in sentences]
