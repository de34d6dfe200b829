"""`stance label votes`: who voted, and how right each way of putting votes together is."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import output, printable, progress, say
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, CodebookFile
from pipeline.records import counted

if TYPE_CHECKING:
    from pipeline.labeling.methods import Compared
    from pipeline.labeling.report import LabelReport
    from pipeline.votes import Standing


class MethodName(StrEnum):
    """How votes are put together."""

    majority = "majority"
    dawid_skene = "dawid_skene"
    mace = "mace"


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(votes)


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
    codebook: CodebookFile = CODEBOOK,
) -> None:
    """Who voted how often, and what the votes come to: by majority, Dawid and Skene's model, or MACE.

    Example: stance label votes runs/votes --gold data/corpus/news.jsonl --method dawid_skene --output labels.csv
    """
    from pipeline.codebook import load_codebook
    from pipeline.ingest import read_all
    from pipeline.labeling.aggregate import aggregate, write_labels
    from pipeline.labeling.methods import judge
    from pipeline.votes import existing_votes

    book = load_codebook(codebook)
    standing = existing_votes(folder).standing()
    show_annotators(standing, str(folder), output())
    if gold:
        known = read_all(gold, reading()).sentences
        show_methods(judge(standing.table, known, book), output())
    if labels is not None:
        write_labels(aggregate(standing.table, book.order, method.value), labels)
        say(progress(), f"written: {labels}")


def show_annotators(standing: "Standing", place: str, console: Console) -> None:
    """A row an annotator, and what became of votes that do not count."""
    table = _table(f"Votes in {place}", ("annotator", "kind"), ("sentences",))
    columns = (standing.table[name].to_pylist() for name in ("annotator", "kind"))
    counts: dict[tuple[str, str], int] = {}
    for annotator in zip(*columns, strict=True):
        counts[annotator] = counts.get(annotator, 0) + 1
    for (name, kind), n in sorted(counts.items(), key=lambda item: (item[0][1], item[0][0])):
        table.add_row(printable(name), kind, str(n))
    console.print(table)
    n_sentences = len(standing.table["sentence_id"].unique())
    line = f"{counted(len(standing.table), 'vote')} on {counted(n_sentences, 'sentence')}"
    if standing.n_repeated or standing.n_changed:
        line += f"; beside them {standing.n_repeated} that stand twice and {standing.n_changed} since changed"
    say(console, line)


def show_methods(found: "Compared | LabelReport", console: Console) -> None:
    """A row a way."""
    table = _table("On gold (no vote: wrong)", ("way",), ("sentences", "accuracy", "macro-F1"))
    for judged in found.methods:
        name = f"{judged.method} (used)" if judged.method == found.used else judged.method
        table.add_row(name, str(judged.n_gold), f"{judged.accuracy:.3f}", f"{judged.macro_f1:.3f}")
    if found.methods:
        console.print(table)
    if found.note:
        say(console, found.note)


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right")
    return table
