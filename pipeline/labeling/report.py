"""What the labeling stage says of itself: coverage, conflicts, and each rule's accuracy against gold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.labeling.rules import Vote
from pipeline.records import Sentence


@dataclass(frozen=True)
class RuleReport:
    """How one rule did.

    Attributes:
        n_votes: sentences it voted on.
        n_gold: those of them that people labeled.
        n_correct: those of them where both agree.
    """

    name: str
    label: str
    n_votes: int
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
    votes: Sequence[Sequence[Vote]],
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
        rules=_rules(sentences, votes, codebook),
    )


def _conflicts(votes: Sequence[Sequence[Vote]]) -> dict[str, int]:
    kinds = ("+".join(sorted({vote.label for vote in cast})) for cast in votes)
    return dict(Counter(kind for kind in kinds if "+" in kind).most_common())


def _rules(sentences: Sequence[Sentence], votes: Sequence[Sequence[Vote]], codebook: Codebook) -> list[RuleReport]:
    cast_votes, on_gold, correct = Counter[str](), Counter[str](), Counter[str]()
    for sentence, cast in zip(sentences, votes, strict=True):
        for vote in cast:
            cast_votes[vote.rule] += 1
            on_gold[vote.rule] += sentence.gold is not None
            correct[vote.rule] += sentence.gold == vote.label
    return [
        RuleReport(rule.name, rule.label, cast_votes[rule.name], on_gold[rule.name], correct[rule.name])
        for rule in codebook.rules
    ]
