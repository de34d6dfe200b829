"""What a table of votes holds already, so that nothing counts twice."""

from datetime import datetime

from pipeline.votes import Vote, VoteTable

Key = tuple[str, str]  # sentence and annotator
Said = tuple[str, float]  # label and weight


class Held:
    """The votes of a table.

    Args:
        table: as it is now.
    """

    def __init__(self, table: VoteTable) -> None:
        self._at: dict[tuple[str, str, datetime], set[Said]] = {}
        self._ever: dict[Key, set[Said]] = {}
        for vote in (Vote(**row) for row in table.rows().to_pylist()):
            self._at.setdefault((*key_of(vote), vote.when), set()).add(said_in(vote))
            self._ever.setdefault(key_of(vote), set()).add(said_in(vote))
        standing = (Vote(**row) for row in table.standing().table.to_pylist())
        self._standing = {key_of(vote): vote for vote in standing}

    def differs_at(self, key: Key, when: datetime, said: Said) -> bool:
        """Whether the annotator said something else at that moment, and not this."""
        return said not in self._at.get((*key, when), {said})

    def has(self, vote: Vote) -> bool:
        """Whether the vote is there, given at the same moment."""
        return said_in(vote) in self._at.get((*key_of(vote), vote.when), ())

    def was_said(self, vote: Vote) -> bool:
        """Whether its annotator says the same now, or did once: then a file without times says nothing new."""
        return said_in(vote) in self._ever.get(key_of(vote), ())

    def is_late(self, vote: Vote) -> bool:
        """Whether its annotator has said something since."""
        standing = self._standing.get(key_of(vote))
        return standing is not None and standing.when > vote.when


def key_of(vote: Vote) -> Key:
    """What one vote counts for: a sentence and an annotator."""
    return vote.sentence_id, vote.annotator


def said_in(vote: Vote) -> Said:
    """What is said: a label and its weight."""
    return vote.label, vote.weight
