"""`stance label agreement`: how far annotators agree: a line for all, a table of pairs, and how each pair parts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import output, printable, progress, say
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SkipBad

if TYPE_CHECKING:
    from pipeline.ceiling import Ceiling
    from pipeline.labeling.agreement import Agreement, PairAgreement


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(agreement)


def agreement(  # noqa: PLR0917 (typer calls it by name)
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="FILES", help="Tables with a column `annotators`, or with --votes.", show_default=False),
    ],
    votes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Take the labels of people in this table of votes, too.")
    ] = None,
    annotators: Annotated[
        list[str] | None,
        typer.Option("--annotator", metavar="NAME", help="Compare only these; may be given again and again."),
    ] = None,
    codebook: CodebookFile = CODEBOOK,
    disputed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the sentences that they label differently: .csv, or .jsonl for the page."
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw what the pairs take for what, as .png or .svg.")
    ] = None,
    read_as: ReadAs = As.sentences,
    skip_bad: SkipBad = False,
) -> None:
    """Krippendorff's alpha, every pair's Cohen's kappa, over all labels and for each, and each one against the rest.

    Example: stance label agreement data/corpus/*.jsonl --disputed disputed.csv --picture agreement.png
    """
    from pipeline.ceiling import human_ceiling
    from pipeline.codebook import load_codebook
    from pipeline.ingest import read_all
    from pipeline.labeling.agreement import measure_agreement
    from pipeline.labeling.attach import with_votes
    from pipeline.labeling.confusion_picture import draw_agreement
    from pipeline.labeling.disputed import write_disputed
    from pipeline.labeling.labels import label_set
    from pipeline.votes import existing_votes

    book = load_codebook(codebook)
    sentences = read_all(inputs, reading(read_as=read_as, skip_bad=skip_bad)).sentences
    if votes is not None:
        kinds = ("person", "rule", "model") if annotators else ("person",)
        sentences = with_votes(sentences, existing_votes(votes).standing().table, kinds)
    found = measure_agreement(sentences, book.order, annotators or ())
    show_agreement(found, output())
    _say_ceiling(human_ceiling(found.shared, label_set(book)), output())
    if disputed is not None:
        write_disputed(disputed, found.disputed, list(found.counts), sentences)
        say(progress(), f"written: {disputed}")
    if picture is not None:
        draw_agreement(found, picture)
        say(progress(), f"written: {picture}")


def _say_ceiling(found: "Ceiling | None", console: Console) -> None:
    if found is not None:
        each = ", ".join(f"{name} {score:.3f}" for name, score in found.by_annotator.items())
        say(console, f"one annotator against the rest: macro-F1 of the stances {found.macro_f1:.3f} ({each})")


def show_agreement(found: "Agreement", console: Console) -> None:
    """All of it."""
    who = ", ".join(f"{name} {n}" for name, n in found.counts.items())
    alpha = "cannot be told: all labels are one" if found.alpha is None else f"{found.alpha:.3f}"
    for line in (
        f"Krippendorff's alpha: {alpha}",
        f"{found.n_sentences} sentences with two labels or more ({who}); {len(found.disputed)} with different ones",
    ):
        say(console, line)
    table = Table(
        title="Cohen's kappa", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("annotators")
    for name in ("sentences", "same", "kappa", *found.labels):
        table.add_column(printable(name), justify="right")
    for pair in found.pairs:
        kappas = [_figure(pair.by_label[label]) for label in found.labels]
        row = [_names(pair), str(pair.n_sentences), f"{pair.share:.1%}", _figure(pair.kappa), *kappas]
        table.add_row(*row)
    console.print(table)
    for pair in found.pairs:
        console.print(_confusion(pair, found.labels))


def _confusion(pair: "PairAgreement", labels: tuple[str, ...]) -> Table:
    title = f"{printable(pair.one)} (rows) and {printable(pair.other)} (columns)"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("")
    for label in labels:
        table.add_column(printable(label), justify="right")
    for label, row in zip(labels, pair.confusion, strict=True):
        table.add_row(printable(label), *[str(n) for n in row])
    return table


def _names(pair: "PairAgreement") -> str:
    return printable(f"{pair.one}, {pair.other}")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
