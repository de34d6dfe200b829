"""What a table of votes does not hold yet: the same command, given again, adds nothing twice."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.votes.table import Standing
from pipeline.votes.vote import WITHDRAWN, Kind, Vote


def new_votes(standing: Standing, votes: Sequence[Vote]) -> list[Vote]:
    """Those votes that do not stand already with the same label and weight, whenever they were given."""
    columns = ("sentence_id", "annotator", "kind", "label", "weight")
    rows = set(zip(*(standing.table[name].to_pylist() for name in columns), strict=True))
    return [vote for vote in votes if tuple(getattr(vote, name) for name in columns) not in rows]


def taken_back(
    standing: Standing, votes: Sequence[Vote], kind: Kind, sentence_ids: Collection[str], when: datetime
) -> list[Vote]:
    """What takes back each standing vote of a kind on some sentences, where its annotator does not vote any more.

    Args:
        standing: votes of the table.
        votes: all that annotators of this kind say of these sentences now.
        kind: of annotators.
        sentence_ids: of the sentences that they looked at.
        when: they did.
    """
    said = {(vote.sentence_id, vote.annotator) for vote in votes}
    rows = (Vote(**row) for row in standing.table.to_pylist() if row["kind"] == kind)
    return [
        replace(vote, label=WITHDRAWN, when=when)
        for vote in rows
        if vote.sentence_id in sentence_ids and (vote.sentence_id, vote.annotator) not in said
    ]
