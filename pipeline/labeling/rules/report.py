"""What the labeling stage says of itself: coverage, conflicts, and each rule's accuracy against gold."""

from collections import Counter
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class LabelReport:
    """Where the labels came from.

    Attributes:
        n_sentences: sentences that went in.
        by_origin: how many were labeled by gold, by rule, by nothing.
        by_label: how many examples each label has.
        n_covered: sentences that at least one rule voted on.
        conflicts: sentences that rules of different labels voted on, by the labels, as ``grievance+warning``.
        rules: each rule, in the codebook's order.
    """

    n_sentences: int
    by_origin: Mapping[str, int]
    by_label: Mapping[str, int]
    n_covered: int
    conflicts: Mapping[str, int]
    rules: Sequence[RuleReport]

    @property
    def n_conflicts(self) -> int:
        """Sentences that rules of different labels voted on."""
        return sum(self.conflicts.values())

    @property
    def rule_accuracy(self) -> float | None:
        """Share of all votes on gold sentences that are right."""
        n_gold = sum(rule.n_gold for rule in self.rules)
        return sum(rule.n_correct for rule in self.rules) / n_gold if n_gold else None


def make_report(
    sentences: Sequence[Sentence],
    votes: Sequence[Sequence[RuleVote]],
    origins: Sequence[str],
    labels: Sequence[str | None],
    codebook: Codebook,
) -> LabelReport:
    """The report on sentences, the rules' votes on each, and what each was labeled by and with."""
    return LabelReport(
        n_sentences=len(sentences),
        by_origin=dict(Counter(origin.partition(":")[0] for origin in origins)),
        by_label={label: labels.count(label) for label in codebook.order},
        n_covered=sum(bool(cast) for cast in votes),
        conflicts=_conflicts(votes),
        rules=rule_reports(sentences, votes, codebook),
    )


def _conflicts(votes: Sequence[Sequence[RuleVote]]) -> dict[str, int]:
    kinds = ("+".join(sorted({vote.label for vote in cast})) for cast in votes)
    return dict(Counter(kind for kind in kinds if "+" in kind).most_common())


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
