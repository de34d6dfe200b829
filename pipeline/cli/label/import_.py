"""`stance label import`: what people labeled in another tool, to a table of votes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipeline.cli.console import output, say
from pipeline.cli.label.export import FormatOption
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SkipBad, TextColumn
from pipeline.records import counted, listing

if TYPE_CHECKING:
    from pipeline.exchange.receive import Received


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command("import")(import_votes)


def import_votes(  # noqa: PLR0917 (typer calls it by name)
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="What tools exported.", show_default=False)],
    votes: Annotated[Path, typer.Option(metavar="FOLDER", help="The table of votes.", show_default=False)],
    sentences: Annotated[
        list[str],
        typer.Option(metavar="FILES", help="What was exported to them; may be repeated, or a glob in quotes."),
    ],
    annotators: Annotated[
        list[str] | None,
        typer.Option(
            "--annotator",
            metavar="NAME",
            help="Whose labels are that name nobody; FOUND=NAME is who a name there stands for. May be repeated.",
        ),
    ] = None,
    file_format: FormatOption = None,
    codebook: CodebookFile = CODEBOOK,
    text_column: TextColumn = "text",
    read_as: ReadAs = As.sentences,
    skip_bad: SkipBad = False,
) -> None:
    """Labels that people gave in Label Studio, doccano or a spreadsheet to a table of votes: all, or none at an error.

    Example: stance label import sheet.xlsx --votes runs/votes --sentences list.jsonl --annotator Ada
    """
    from pipeline.codebook import load_codebook
    from pipeline.exchange import format_of
    from pipeline.exchange.names import Names
    from pipeline.exchange.receive import receive
    from pipeline.ingest import read_all
    from pipeline.votes.alone import alone

    known = read_all(sentences, reading(text_column, read_as, skip_bad=skip_bad)).sentences
    exports = [(path, format_of(path, file_format)) for path in files]
    book, names = load_codebook(codebook), Names.of(annotators or ())
    with alone(votes):
        found = receive(exports, votes, known, book, names)
    show_received(found, output())


def show_received(found: "Received", console: Console) -> None:
    """Whose votes came, and what became of them."""
    n_votes = found.n_new + found.n_known
    who = ", ".join(f"{name} {n}" for name, n in sorted(found.by_annotator.items()))
    say(
        console,
        f"{counted(n_votes, 'vote')}{f' ({who})' if who else ''}: {found.n_new} new, {found.n_known} already there; "
        f"{found.n_unlabeled} without a label left out",
    )
    if found.n_late:
        say(console, f"{found.n_late} of the new do not count: their annotators' votes in the table are younger")
    if found.overruled:
        say(
            console,
            f"{counted(len(found.overruled), 'label')} changed by the same annotator later in the files; the last "
            f"counts: {listing(found.overruled)}",
        )
