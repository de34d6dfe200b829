"""Sentences with what each rule says of them, for those who write rules: figures, votes, and what they got wrong."""

import csv
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.labeling.gold import check_gold
from pipeline.labeling.labels import label_set
from pipeline.labeling.rules.report import RuleReport, rule_reports
from pipeline.labeling.rules.ruleset import RuleSet, RuleVote
from pipeline.records import Sentence
from pipeline.store.atomic import atomic_file
from pipeline.votes import Vote, VoteTable, check_texts, digest, new_votes, taken_back


class Ruling:
    """A codebook's rules, applied to sentences.

    Args:
        sentences: to label; gold is compared with where it is there.
        codebook: with the rules.

    Raises:
        StanceError: a gold label is not in the codebook.
    """

    def __init__(self, sentences: Sequence[Sentence], codebook: Codebook) -> None:
        check_gold(sentences, tuple(codebook.labels))
        self.sentences = sentences
        self.codebook = codebook
        self._rules = RuleSet(codebook)

    @cached_property
    def votes(self) -> list[list[RuleVote]]:
        """Of each sentence, every rule that does not abstain."""
        return [self._rules.votes(sentence.text) for sentence in self.sentences]

    def report(self) -> list[RuleReport]:
        """How each rule did."""
        return rule_reports(self.sentences, self.votes, self.codebook)

    def said(self) -> list[str]:
        """The label that the rules give each sentence; the background where all abstain."""
        winners = map(self._rules.winner, self.votes)
        return [winner.label if winner is not None else self.codebook.background for winner in winners]

    def figures(self) -> dict[str, float | int | None]:
        """Of all rules together; `macro_f1` and `accuracy` None without gold."""
        n_covered = sum(bool(cast) for cast in self.votes)
        conflicts = sum(len({vote.label for vote in cast}) > 1 for cast in self.votes)
        pairs = [(s.gold, said) for s, said in zip(self.sentences, self.said(), strict=True) if s.gold is not None]
        on_gold = sum(report.n_gold for report in self.report())
        return {
            "sentences": len(self.sentences),
            "covered": n_covered,
            "coverage": n_covered / max(1, len(self.sentences)),
            "conflicts": conflicts,
            "gold": len(pairs),
            "macro_f1": self._macro_f1(pairs) if pairs else None,
            "accuracy": sum(report.n_correct for report in self.report()) / on_gold if on_gold else None,
        }

    def _macro_f1(self, pairs: Sequence[tuple[str, str]]) -> float:
        from pipeline.models.selection import macro_f1

        true, said = ([pair[which] for pair in pairs] for which in (0, 1))
        return macro_f1(true, said, label_set(self.codebook))


def write_votes(ruling: Ruling, folder: Path) -> tuple[int, int]:
    """Put what each rule says into a table of votes; how many votes are new, and how many were taken back.

    What stands already is not added again; where a rule that was changed abstains now, its vote is taken back.

    Raises:
        StanceError: the folder cannot be written to, or what is in it read.
    """
    table = VoteTable(folder)
    standing = table.standing()
    check_texts(standing.table, {sentence.id: sentence.text for sentence in ruling.sentences}, str(folder))
    now = standing.now()
    votes = [
        Vote(sentence.id, f"rule:{vote.rule}", "rule", vote.label, now, text_digest=digest(sentence.text))
        for sentence, cast in zip(ruling.sentences, ruling.votes, strict=True)
        for vote in cast
    ]
    new = new_votes(standing, votes)
    gone = taken_back(standing, votes, "rule", {sentence.id for sentence in ruling.sentences}, now)
    table.append([*new, *gone])
    return len(new), len(gone)


def write_wrong(ruling: Ruling, path: Path) -> None:
    """A row a rule and sentence on which the rule and people differ, rule by rule."""
    rows = [
        (vote.rule, vote.label, sentence.gold, sentence.document, sentence.position, sentence.text)
        for sentence, cast in zip(ruling.sentences, ruling.votes, strict=True)
        for vote in cast
        if sentence.gold is not None and sentence.gold != vote.label
    ]
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rule", "label", "gold", "document", "position", "text"])
        writer.writerows(sorted(rows))
