"""What a codebook's rules did, shown: coverage, overlaps, conflicts, and how often each is right."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import printable, say
from pipeline.labeling.report import LabelReport, RuleReport

COLUMNS = ("votes", "overlap", "conflict", "on gold", "right", "accuracy")


def show_rules(rules: Sequence[RuleReport], codebook: str, console: Console) -> None:
    """A row a rule. Overlap: another rule voted too; conflict: it gave another label."""
    caption = "overlap: sentences that another rule voted on too; conflict: that it gave another label"
    table = Table(
        title=f"Rules of {codebook}", caption=caption, title_justify="left", caption_justify="left",
        title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for name in ("rule", "label"):
        table.add_column(name, no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for rule in rules:
        accuracy = "–" if rule.accuracy is None else f"{rule.accuracy:.2f}"
        counts = (rule.n_votes, rule.n_overlaps, rule.n_conflicts, rule.n_gold, rule.n_correct)
        table.add_row(rule.name, printable(rule.label), *map(str, counts), accuracy)
    console.print(table)


def say_how_well(found: dict[str, float | int | None], console: Console) -> None:
    """Figures of all rules together."""
    say(
        console,
        f"{found['sentences']} sentences, {found['covered']} with a vote ({found['coverage']:.1%}), "
        f"{found['conflicts']} with votes for different labels",
    )
    if found["gold"]:
        say(
            console,
            f"on {found['gold']} that people labeled: macro-F1 of the stances {found['macro_f1']:.3f}, abstentions "
            f"counted as the background; right where they vote: {found['accuracy']:.1%}",
        )


def say_where_from(report: LabelReport, place: Path, console: Console) -> None:
    """What the labels of a run come from, and where its report lies."""
    origins = ", ".join(f"{n} by {origin}" for origin, n in report.by_origin.items())
    labels = ", ".join(f"{n} {label}" for label, n in report.by_label.items())
    conflicts = ", ".join(f"{n} {kind}" for kind, n in report.conflicts.items()) or "none"
    for line in (
        f"{report.n_sentences} sentences: {origins}; {labels}",
        f"rules vote on {report.n_covered} ({report.n_covered / report.n_sentences:.0%}); conflicts: {conflicts}",
        f"everything: {place}",
    ):
        say(console, line)
