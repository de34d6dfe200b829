"""Votes that cannot be: named before any is written."""

from collections.abc import Collection, Sequence

from pipeline.records import StanceError, counted, did_you_mean
from pipeline.votes.vote import KINDS, Vote


def check_votes(votes: Sequence[Vote], labels: Sequence[str], sentence_ids: Collection[str], place: str) -> None:
    """Make sure that each vote is for a sentence and a label that are known.

    Args:
        votes: to look at.
        labels: of the codebook.
        sentence_ids: of all sentences that may be voted on.
        place: where the votes come from, for the message.

    Raises:
        StanceError: one is not; the first is named, and how many there are.
    """
    for vote in votes:
        if not vote.annotator.strip():
            raise StanceError(f'{place}: a vote for "{vote.sentence_id}" names no annotator. Say whose it is')
        if vote.kind not in KINDS:
            raise StanceError(f'{place}: kind "{vote.kind}" of {vote.annotator} is not one of {", ".join(KINDS)}')
        if not 0 < vote.weight <= 1:
            raise StanceError(
                f'{place}: weight {vote.weight} of {vote.annotator} for "{vote.sentence_id}" is not above 0 and at '
                "most 1"
            )
    strange = [vote for vote in votes if vote.label not in labels]
    if strange:
        first = strange[0]
        hint = did_you_mean(first.label, list(labels)) or " Mend it, or define it in the codebook."
        raise StanceError(
            f'{place}: label "{first.label}" of {first.annotator} for "{first.sentence_id}" is not one of '
            f"{', '.join(labels)} ({counted(len(strange), 'vote')}).{hint}"
        )
    unknown = [vote for vote in votes if vote.sentence_id not in sentence_ids]
    if unknown:
        raise StanceError(
            f'{place}: no sentence "{unknown[0].sentence_id}", which {unknown[0].annotator} votes on '
            f"({counted(len(unknown), 'vote')}). Are these votes of other documents? Name the documents they are of"
        )
