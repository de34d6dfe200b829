"""`stance label export`: sentences to the tool in which people label."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import progress, say
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SkipBad, TextColumn
from pipeline.records import counted


class FormatName(StrEnum):
    """Whose files they are."""

    label_studio = "label-studio"
    doccano = "doccano"
    csv = "csv"
    excel = "excel"


FormatOption = Annotated[
    FormatName | None,
    typer.Option("--format", help="By default the one that the file's name tells: .json, .jsonl, .csv, .xlsx."),
]


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(export)


def export(  # noqa: PLR0917 (typer calls it by name)
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FILES", help="Lists, tables or documents; labels in them stay behind.", show_default=False
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="What to write.", show_default=False)],
    file_format: FormatOption = None,
    votes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Send people's standing votes of this table along.")
    ] = None,
    codebook: CodebookFile = CODEBOOK,
    text_column: TextColumn = "text",
    read_as: ReadAs = As.sentences,
    skip_bad: SkipBad = False,
) -> None:
    """Sentences to a file for Label Studio, doccano or a spreadsheet; `stance label import` reads what it makes of it.

    Example: stance label export list.jsonl --to sheet.xlsx
    """
    from pipeline.codebook import load_codebook
    from pipeline.exchange import format_of
    from pipeline.exchange.send import send, votes_of_people
    from pipeline.labeling.worklist import read_items

    book, form = load_codebook(codebook), format_of(to, file_format)
    given = votes_of_people(votes) if votes is not None else []
    sent = send(to, read_items(inputs, reading(text_column, read_as, skip_bad=skip_bad)), book, form, given)
    line = f"written: {to}: {counted(sent.n_sentences, 'sentence')}"
    if votes is not None:
        line += f", {counted(sent.n_votes, 'vote')}"
        line += f"; {counted(sent.n_elsewhere, 'vote')} on other sentences left out" if sent.n_elsewhere else ""
    say(progress(), line)
    if form.name == FormatName.label_studio:
        say(progress(), f"written: {to.with_suffix('.xml')}: the labeling config, to paste into the project's settings")
