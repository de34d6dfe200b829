"""A table of votes, shown: who voted, and how right each way of putting votes together is."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import printable, say
from pipeline.labeling.aggregate import Judged
from pipeline.records import counted
from pipeline.votes import Standing


def show_annotators(standing: Standing, place: str, console: Console) -> None:
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


def show_methods(found: Sequence[Judged], console: Console) -> None:
    """A row a way."""
    table = _table("On gold (no vote: wrong)", ("way",), ("sentences", "accuracy", "macro-F1"))
    for judged in found:
        table.add_row(judged.method, str(judged.n_gold), f"{judged.accuracy:.3f}", f"{judged.macro_f1:.3f}")
    console.print(table)


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right")
    return table
