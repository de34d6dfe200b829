"""What a table of votes does not hold yet: the same command, given again, adds nothing twice."""

from collections.abc import Sequence

from pipeline.votes.table import Standing
from pipeline.votes.vote import Vote


def new_votes(standing: Standing, votes: Sequence[Vote]) -> list[Vote]:
    """Those votes that do not stand already with the same label and weight, whenever they were given."""
    columns = ("sentence_id", "annotator", "kind", "label", "weight")
    rows = set(zip(*(standing.table[name].to_pylist() for name in columns), strict=True))
    return [vote for vote in votes if tuple(getattr(vote, name) for name in columns) not in rows]
