"""`stance label`: the stage, and what goes with labeling."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipeline.cli.console import output, progress, say
from pipeline.cli.options import ConfigFiles, Overrides
from pipeline.cli.run import do_runs

DEFAULT = "run"


class MethodName(StrEnum):
    """How votes are put together."""

    majority = "majority"
    dawid_skene = "dawid_skene"
    mace = "mace"


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
    help="Label sentences (`stance label CONFIG`), see what rules and votes say, and how far annotators agree.\n\n"
    "Example: stance label configs/baseline.yaml",
)


@app.command()
def run(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Sentences to labeled examples; shows coverage, conflicts, and each rule's accuracy against gold.

    Example: stance label run configs/baseline.yaml --set label.policy=rules
    """
    from pipeline.cli.rules import say_where_from, show_rules

    for recipe in do_runs(configs, overrides, "label"):
        report = recipe.label.value.report
        show_rules(report.rules, str(recipe.config.codebook), output())
        say_where_from(report, recipe.label.folder / "report.json", output())


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


@app.command()
def rules(  # noqa: PLR0917 (typer calls it by name)
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="FILES", help="Tables of sentences; a column `label` is gold.", show_default=False),
    ],
    codebook: Annotated[Path, typer.Option(metavar="FILE", help="Where labels and rules are defined.")] = Path(
        "data/codebook.yaml"
    ),
    votes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Add what each rule says to this table of votes.")
    ] = None,
    wrong: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the sentences on which a rule and gold differ, as CSV.")
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column with the sentence.")] = "text",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave unreadable rows out.")] = False,
) -> None:
    """What the codebook's rules say of sentences: coverage, overlaps, conflicts, and accuracy on gold.

    Example: stance label rules data/corpus/*.jsonl --wrong wrong.csv
    """
    from pipeline.cli.rules import say_how_well, show_rules
    from pipeline.codebook import load_codebook
    from pipeline.config.ingest import LabeledReadConfig
    from pipeline.ingest import read_all
    from pipeline.labeling.ruling import Ruling, write_votes, write_wrong

    book = load_codebook(codebook)
    config = LabeledReadConfig(read_as="sentences", text_column=text_column, on_bad_row="skip" if skip_bad else "fail")
    ruling = Ruling(read_all(inputs, config).sentences, book)
    show_rules(ruling.report(), str(codebook), output())
    say_how_well(ruling.figures(), output())
    if votes is not None:
        say(progress(), f"{write_votes(ruling, votes)} votes added to {votes}")
    if wrong is not None:
        write_wrong(ruling, wrong)
        say(progress(), f"written: {wrong}")


@app.command()
def votes(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The table of votes.", show_default=False)],
    gold: Annotated[
        list[str] | None,
        typer.Option(metavar="FILES", help="Tables with a column `label`: how right is each way? May be repeated."),
    ] = None,
    method: Annotated[MethodName, typer.Option(help="How votes are put together for --output.")] = MethodName.majority,
    labels: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write each sentence's label and probabilities, as CSV."),
    ] = None,
    codebook: Annotated[Path, typer.Option(metavar="FILE", help="Where the labels are defined.")] = Path(
        "data/codebook.yaml"
    ),
) -> None:
    """Who voted how often, and what the votes come to: by majority, Dawid and Skene's model, or MACE.

    Example: stance label votes runs/votes --gold data/corpus/news.jsonl --method dawid_skene --output labels.csv
    """
    from pipeline.cli.votes import show_annotators, show_methods
    from pipeline.codebook import load_codebook
    from pipeline.config.ingest import LabeledReadConfig
    from pipeline.ingest import read_all
    from pipeline.labeling.aggregate import aggregate, judged, write_labels
    from pipeline.votes import VoteTable

    book = load_codebook(codebook)
    standing = VoteTable(folder).standing()
    show_annotators(standing, str(folder), output())
    if gold:
        known = read_all(gold, LabeledReadConfig(read_as="sentences")).sentences
        show_methods(judged(standing.table, known, book), output())
    if labels is not None:
        write_labels(aggregate(standing.table, book.order, method.value), labels)
        say(progress(), f"written: {labels}")
