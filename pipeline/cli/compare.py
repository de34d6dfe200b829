"""`stance compare`: is one run's model better than another's?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import output, printable, say

if TYPE_CHECKING:
    from pipeline.evaluation.significance import Answers, Comparison

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of an evaluated run.", show_default=False)]
SHOWN = 3  # sentences that flipped, each way


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(compare)


def compare(  # noqa: PLR0917 (typer calls it by name)
    one: Run,
    other: Run,
    sets: Annotated[
        list[str] | None, typer.Option("--on", metavar="SET", help="Only this set; may be given again and again.")
    ] = None,
    flips: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every sentence that they label differently, as CSV.")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Resamplings of the documents.")] = 2000,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="Coverage of the intervals.")] = 0.95,
    seed: Annotated[int, typer.Option(min=0, help="Of the resampling.")] = 13,
) -> None:
    """Tell whether the second run's model is better than the first's, or the test set cannot tell.

    Example: stance compare runs/baseline runs/transformer --flips flips.csv
    """
    from pipeline.evaluation.answers import common_sets, read_answers
    from pipeline.evaluation.significance import compare as measure

    console, changed = output(), []
    names = _names(one, other)
    for name in sets or common_sets(one, other):
        answers, rows = read_answers(one, other, name)
        found = measure(answers, n_draws=draws, confidence=confidence, seed=seed)
        _show(found, name, names, console)
        changed += _flipped(answers, rows, name)
        _show_flips(changed, name, names, console)
    if flips is not None:
        _write(flips, changed)
        say(console, f"written: {flips}")


def _names(one: Path, other: Path) -> tuple[str, str]:
    return (one.name, other.name) if one.name != other.name else (str(one), str(other))


def _show(found: "Comparison", name: str, names: tuple[str, str], console: Console) -> None:
    say(console, f"{name}: {found.n_sentences} sentences, {found.n_documents} documents", style="bold")
    say(console, found.verdict(*names))
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("", *names, "difference"):
        table.add_column(printable(column), justify="left" if column == "" else "right")
    table.add_row(
        "macro-F1",
        *[figure.short().replace("[", r"\[") for figure in (found.one, found.other)],
        str(found.difference).replace("[", r"\["),
    )
    for label, gap in found.by_label.items():
        of_both = [f"{value:.3f}" for value in found.f1[label]]
        table.add_row(printable(f"F1 {label}"), *of_both, str(gap).replace("[", r"\["))
    console.print(table)
    if 1 in found.n_trainings:
        single = " and ".join(name for name, n in zip(names, found.n_trainings, strict=True) if n == 1)
        say(
            console,
            f"{single}: trained once; with another seed it may come out otherwise (train.seeds)",
            style="yellow",
        )
    say(
        console,
        f"only {names[0]} right: {found.n_only_one} sentences; only {names[1]}: {found.n_only_other} "
        f"(McNemar p = {found.mcnemar:.2g}, which takes sentences as independent)",
    )


def _flipped(answers: "Answers", rows: Sequence[Mapping[str, str]], name: str) -> list[dict[str, str]]:
    from pipeline.evaluation.significance import flips

    labels = answers.labels.all
    found = []
    for place in flips(answers):
        row = rows[place]
        said = (labels[answers.one[0][place]], labels[answers.other[0][place]])
        right = "first" if said[0] == row["label"] else "second" if said[1] == row["label"] else "neither"
        found.append(
            {
                "set": name,
                **{key: row[key] for key in ("document", "position", "text", "label")},
                "first": said[0],
                "second": said[1],
                "right": right,
            }
        )
    return found


def _show_flips(changed: Sequence[Mapping[str, str]], name: str, names: tuple[str, str], console: Console) -> None:
    for side, model in zip(("second", "first"), (names[1], names[0]), strict=True):
        some = [row for row in changed if row["set"] == name and row["right"] == side]
        if some:
            say(console, f"right with {model} only, for example:")
        for row in some[:SHOWN]:
            say(console, f"  {row['label']}, and not {row['first' if side == 'second' else 'second']}: {row['text']}")


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    import csv

    from pipeline.store.atomic import atomic_file

    columns = ["set", "document", "position", "text", "label", "first", "second", "right"]
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
