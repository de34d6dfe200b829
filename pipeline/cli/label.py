"""`stance label`: the stage, and what goes with labeling."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipeline.cli.console import output, progress, say
from pipeline.cli.options import ConfigFiles, Overrides
from pipeline.cli.run import do_runs

DEFAULT = "run"


class OrTheStage(TyperGroup):
    """`stance label CONFIG` is short for `stance label run CONFIG`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in that was left out."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=OrTheStage,
    no_args_is_help=True,
    help="Label sentences (`stance label CONFIG`), and see how far annotators agree.\n\n"
    "Example: stance label configs/baseline.yaml",
)


@app.command()
def run(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Sentences to labeled examples; shows coverage, conflicts, and each rule's accuracy against gold.

    Example: stance label run configs/baseline.yaml --set label.policy=rules
    """
    from pipeline.cli.result import show_labeling

    for recipe in do_runs(configs, overrides, "label"):
        show_labeling(recipe, output())


@app.command()
def agreement(
    inputs: Annotated[
        list[str], typer.Argument(metavar="FILES", help="Tables with a column `annotators`.", show_default=False)
    ],
    annotators: Annotated[
        list[str] | None,
        typer.Option("--annotator", metavar="NAME", help="Compare only these; may be given again and again."),
    ] = None,
    codebook: Annotated[Path, typer.Option(metavar="FILE", help="Where the labels are defined.")] = Path(
        "data/codebook.yaml"
    ),
    disputed: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the sentences that they label differently, as CSV.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave unreadable rows out.")] = False,
) -> None:
    """Krippendorff's alpha, and for every pair of annotators Cohen's kappa, over all labels and for each.

    Example: stance label agreement data/corpus/*.jsonl --disputed disputed.csv
    """
    from pipeline.cli.agreement import show_agreement
    from pipeline.codebook import load_codebook
    from pipeline.config.ingest import LabeledReadConfig
    from pipeline.ingest import read_all
    from pipeline.labeling.agreement import measure_agreement
    from pipeline.labeling.disputed import write_disputed

    labels = load_codebook(codebook).order
    config = LabeledReadConfig(read_as="sentences", on_bad_row="skip" if skip_bad else "fail")
    found = measure_agreement(read_all(inputs, config).sentences, labels, annotators or ())
    show_agreement(found, output())
    if disputed is not None:
        write_disputed(disputed, found.disputed, list(found.counts))
        say(progress(), f"written: {disputed}")
