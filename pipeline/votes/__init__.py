"""One table of votes: who gave which sentence what label, when. Labeling adds rows to it, or reads it; none is changed.

`vote` is a row, `table` the folder that holds them, `check` what keeps strange votes out, `new` what stands not yet.
"""

from pipeline.votes.check import check_texts, check_votes
from pipeline.votes.new import new_votes, taken_back
from pipeline.votes.table import Standing, VoteTable, existing_votes
from pipeline.votes.vote import KINDS, WITHDRAWN, Kind, Vote, digest

__all__ = [
    "KINDS",
    "WITHDRAWN",
    "Kind",
    "Standing",
    "Vote",
    "VoteTable",
    "check_texts",
    "check_votes",
    "digest",
    "existing_votes",
    "new_votes",
    "taken_back",
]
