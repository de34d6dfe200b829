"""Agreement of annotators, shown: a line for all, a table of pairs, and how each pair parts."""

from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import printable, say
from pipeline.labeling.agreement import Agreement, PairAgreement


def show_agreement(found: Agreement, console: Console) -> None:
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


def _confusion(pair: PairAgreement, labels: tuple[str, ...]) -> Table:
    title = f"{printable(pair.one)} (rows) and {printable(pair.other)} (columns)"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("")
    for label in labels:
        table.add_column(printable(label), justify="right")
    for label, row in zip(labels, pair.confusion, strict=True):
        table.add_row(printable(label), *[str(n) for n in row])
    return table


def _names(pair: PairAgreement) -> str:
    return printable(f"{pair.one}, {pair.other}")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
