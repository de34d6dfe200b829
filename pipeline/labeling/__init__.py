"""Sentences to examples: by people (`gold`), by the codebook's patterns (`rules`), by votes, or by several.

`decide` says who is asked in which order, `aggregate` puts votes together, `methods` says how right each way is,
`report` where the labels came from.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.codebook import Codebook
from pipeline.config.label import LabelConfig
from pipeline.labeling.attach import beside_people
from pipeline.labeling.decide import decide
from pipeline.labeling.gold import check_gold, gold_examples
from pipeline.labeling.methods import Judged, compare
from pipeline.labeling.report import LabelReport, make_report
from pipeline.labeling.rules import RuleReport, RuleSet
from pipeline.records import Example, Sentence, StanceError
from pipeline.store.atomic import write_text
from pipeline.store.jsonl import read_examples, write_examples
from pipeline.store.run_folder import Stage
from pipeline.votes import VoteTable

__all__ = ["STAGE", "LabelReport", "Labeled", "RuleSet", "gold_examples", "label"]


@dataclass(frozen=True)
class Labeled:
    """What the stage gives: the examples, and where their labels came from."""

    examples: list[Example]
    report: LabelReport

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        report = self.report
        accuracy = report.rule_accuracy
        return {
            "examples": len(self.examples),
            **{f"by {origin}": n for origin, n in report.by_origin.items()},
            "rule coverage": f"{report.n_covered / report.n_sentences:.0%}",
            "rule conflicts": report.n_conflicts,
            **({"rule accuracy on gold": f"{accuracy:.0%}"} if accuracy is not None else {}),
        }


def label(sentences: Sequence[Sentence], codebook: Codebook, config: LabelConfig) -> Labeled:
    """A label for each sentence, by the configured policy; and how that went.

    Raises:
        StanceError: a gold label is not in the codebook; the table of votes is of other sentences; or no sentence gets
            a label.
    """
    check_gold(sentences, tuple(codebook.labels))
    if config.asks_gold and not config.asks_votes and all(sentence.gold is None for sentence in sentences):
        raise StanceError(_no_gold(len(sentences), config))
    rules = RuleSet(codebook)
    cast = [rules.votes(sentence.text) for sentence in sentences]
    votes = None
    if config.votes is not None:
        votes = VoteTable(config.votes).standing().table
        sentences = beside_people(sentences, votes)
    decided = decide(sentences, cast, votes, codebook, config)
    examples = [Example(s, d.label, d.origin, d.shares) for s, d in zip(sentences, decided, strict=True) if d.label]
    if not examples:
        raise StanceError(_nothing_labeled(len(sentences), config))
    compared = compare(sentences, cast, votes, codebook, config)
    return Labeled(examples, make_report(sentences, cast, decided, codebook, compared))


def _no_gold(n_sentences: int, config: LabelConfig) -> str:
    return (
        f'label: policy is "{config.policy}", and none of {n_sentences} sentences has a label that people gave. Name '
        "the column with the labels (ingest.label_column, with ingest.read_as: sentences), or let the codebook's rules "
        "label all (label.policy: rules)"
    )


def _nothing_labeled(n_sentences: int, config: LabelConfig) -> str:
    return (
        f'label: none of {n_sentences} sentences got a label by policy "{config.policy}". Add rules to the codebook '
        "that match these texts, or give the rest the background label (label.abstained: background)"
    )


def _save(result: Labeled, folder: Path) -> None:
    write_examples(folder / "examples.jsonl", result.examples)
    fields = asdict(result.report)
    for row, rule in zip(fields["rules"], result.report.rules, strict=True):
        row["accuracy"] = rule.accuracy
    write_text(folder / "report.json", json.dumps(fields, indent=2, ensure_ascii=False) + "\n")


def _load(folder: Path) -> Labeled:
    fields = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    for row in fields["rules"]:
        del row["accuracy"]
    rules = [RuleReport(**row) for row in fields["rules"]]
    methods = [Judged(**row) for row in fields["methods"]]
    report = LabelReport(**{**fields, "rules": rules, "methods": methods})
    return Labeled(read_examples(folder / "examples.jsonl"), report)


STAGE = Stage(
    name="label",
    folder="label",
    save=_save,
    load=_load,
    code=("labeling", "votes", "codebook", "records.py", "store/jsonl.py"),
    summarize=Labeled.summary,
)
