"""`stance label run`: the stage: where labels come from, and how right that is."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from pipeline.cli.console import output, say
from pipeline.cli.label.rules import show_rules
from pipeline.cli.label.votes import show_methods
from pipeline.cli.options import ConfigFiles, Overrides
from pipeline.cli.run import do_runs

if TYPE_CHECKING:
    from pipeline.labeling.report import LabelReport


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(run)


def run(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Sentences to labeled examples; shows coverage, conflicts, and each rule's and way's accuracy against gold.

    Example: stance label run configs/baseline.yaml --set label.policy=rules
    """
    for recipe in do_runs(configs, overrides, "label"):
        report = recipe.label.value.report
        show_rules(report.rules, str(recipe.config.codebook), output())
        if report.methods or report.note:
            show_methods(report, output())
        say_where_from(report, recipe.label.folder / "report.json", output())


def say_where_from(report: "LabelReport", place: Path, console: Console) -> None:
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
    if report.better:
        others = ", ".join(f"{judged.method} {judged.macro_f1:.3f}" for judged in report.better)
        ours = next(judged for judged in report.methods if judged.method == report.used)
        say(
            console,
            f"on gold {ours.method}, which is used, has macro-F1 {ours.macro_f1:.3f}; better: {others}",
            style="yellow",
        )
