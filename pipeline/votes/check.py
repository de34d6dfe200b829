"""Votes that cannot be: named before any is written."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pipeline.records import StanceError, counted, did_you_mean
from pipeline.votes.vote import KINDS, Vote, digest

SHOWN = 60  # characters of a text in a message


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


def check_texts(votes: Any, texts: Mapping[str, str], place: str) -> None:
    """Make sure that votes are on the texts that their sentences have now.

    Args:
        votes: that stand, a table of Arrow.
        texts: by sentence id; votes on other sentences are not looked at.
        place: where the votes are, for the message.

    Raises:
        StanceError: some are on other texts.
    """
    now = {name: digest(text) for name, text in texts.items()}
    columns = (votes[name].to_pylist() for name in ("sentence_id", "annotator", "text_digest"))
    rows = zip(*columns, strict=True)
    others = [(name, annotator) for name, annotator, then in rows if then and now.get(name, then) != then]
    if others:
        name, annotator = others[0]
        raise StanceError(
            f'{place}: {annotator} voted on "{name}" when it was another sentence than now, “{shortened(texts[name])}” '
            f"({counted(len(others), 'vote')}). The documents were changed since, or are read in another way (as "
            "sentences or documents, in which language). Give those that were voted on, read as they were then"
        )


def shortened(text: str) -> str:
    """A text as messages show it."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
