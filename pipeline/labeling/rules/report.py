"""How each rule did: coverage, overlaps, conflicts, and accuracy on gold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.labeling.rules.ruleset import RuleVote
from pipeline.records import Sentence


@dataclass(frozen=True)
class RuleReport:
    """How one rule did.

    Attributes:
        n_votes: sentences it voted on.
        n_overlaps: those of them that another rule voted on as well.
        n_conflicts: those of them that another rule gave another label.
        n_gold: those of them that people labeled.
        n_correct: those of them where both agree.
    """

    name: str
    label: str
    n_votes: int
    n_overlaps: int
    n_conflicts: int
    n_gold: int
    n_correct: int

    @property
    def accuracy(self) -> float | None:
        """Share of its votes that people agree with; None where people labeled none of them."""
        return self.n_correct / self.n_gold if self.n_gold else None


def rule_reports(
    sentences: Sequence[Sentence], votes: Sequence[Sequence[RuleVote]], codebook: Codebook
) -> list[RuleReport]:
    """How each rule of a codebook did, in its order."""
    counts: dict[str, Counter[str]] = {rule.name: Counter() for rule in codebook.rules}
    for sentence, cast in zip(sentences, votes, strict=True):
        for vote in cast:
            of_rule = counts[vote.rule]
            of_rule["votes"] += 1
            of_rule["overlaps"] += len(cast) > 1
            of_rule["conflicts"] += any(other.label != vote.label for other in cast)
            of_rule["gold"] += sentence.gold is not None
            of_rule["correct"] += sentence.gold == vote.label
    names = ("votes", "overlaps", "conflicts", "gold", "correct")
    return [RuleReport(rule.name, rule.label, *(counts[rule.name][name] for name in names)) for rule in codebook.rules]
