"""What the labeling stage says of itself: coverage, conflicts, each rule's accuracy, and how right each way is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.labeling.decide import Decision
from pipeline.labeling.methods import Compared, Judged
from pipeline.labeling.rules import RuleReport, RuleVote, rule_reports
from pipeline.records import Sentence


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
        used: the way in which votes are put together; None where no vote is asked.
        methods: that way and others, on gold; none where there is no gold, or no vote is asked.
        note: why a way is not among them.
    """

    n_sentences: int
    by_origin: Mapping[str, int]
    by_label: Mapping[str, int]
    n_covered: int
    conflicts: Mapping[str, int]
    rules: Sequence[RuleReport]
    used: str | None = None
    methods: Sequence[Judged] = ()
    note: str = ""

    @property
    def better(self) -> list[Judged]:
        """The ways with a higher macro-F1 than the one that is used, the best first."""
        ours = next((judged.macro_f1 for judged in self.methods if judged.method == self.used), None)
        found = [] if ours is None else [judged for judged in self.methods if judged.macro_f1 > ours]
        return sorted(found, key=lambda judged: -judged.macro_f1)

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
    cast: Sequence[Sequence[RuleVote]],
    decided: Sequence[Decision],
    codebook: Codebook,
    compared: Compared,
) -> LabelReport:
    """The report on sentences, the rules' votes on each, what each was labeled by, and how right other ways are."""
    labels = [decision.label for decision in decided]
    return LabelReport(
        n_sentences=len(sentences),
        by_origin=dict(Counter(decision.origin.partition(":")[0] for decision in decided)),
        by_label={label: labels.count(label) for label in codebook.order},
        n_covered=sum(bool(some) for some in cast),
        conflicts=_conflicts(cast),
        rules=rule_reports(sentences, cast, codebook),
        used=compared.used,
        methods=compared.methods,
        note=compared.note,
    )


def _conflicts(votes: Sequence[Sequence[RuleVote]]) -> dict[str, int]:
    kinds = ("+".join(sorted({vote.label for vote in cast})) for cast in votes)
    return dict(Counter(kind for kind in kinds if "+" in kind).most_common())
