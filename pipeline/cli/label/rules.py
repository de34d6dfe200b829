"""`stance label rules`: what a codebook's rules did: coverage, overlaps, conflicts, and how often each is right."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import output, printable, progress, say
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SentenceFiles, SkipBad, TextColumn

if TYPE_CHECKING:
    from pipeline.labeling.rules import RuleReport

COLUMNS = ("votes", "overlap", "conflict", "on gold", "right", "accuracy")


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(rules)


def rules(  # noqa: PLR0917 (typer calls it by name)
    inputs: SentenceFiles,
    codebook: CodebookFile = CODEBOOK,
    votes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Add what each rule says to this table of votes.")
    ] = None,
    wrong: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the sentences on which a rule and gold differ, as CSV.")
    ] = None,
    read_as: ReadAs = As.sentences,
    text_column: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """What the codebook's rules say of sentences: coverage, overlaps, conflicts, and accuracy on gold.

    Example: stance label rules data/corpus/*.jsonl --wrong wrong.csv
    """
    from pipeline.codebook import load_codebook
    from pipeline.ingest import read_all
    from pipeline.labeling.rules.ruling import Ruling, write_votes, write_wrong

    book = load_codebook(codebook)
    ruling = Ruling(read_all(inputs, reading(text_column, read_as, skip_bad=skip_bad)).sentences, book)
    show_rules(ruling.report(), str(codebook), output())
    say_how_well(ruling.figures(), output())
    if votes is not None:
        n_new, n_gone = write_votes(ruling, votes)
        say(progress(), f"{n_new} votes added to {votes}{f', {n_gone} taken back' if n_gone else ''}")
    if wrong is not None:
        write_wrong(ruling, wrong)
        say(progress(), f"written: {wrong}")


def show_rules(rules: "Sequence[RuleReport]", codebook: str, console: Console) -> None:
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
