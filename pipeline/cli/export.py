"""`stance export`: a trained transformer to what answers fastest here, if it answers the same."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import interruptible, output, progress, say

if TYPE_CHECKING:
    from pipeline.export import Export, Form
    from pipeline.records import Example

REFUSED = 1
MEGABYTE = 1_000_000


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(export)


def export(
    model: Annotated[str, typer.Option(metavar="PATH_OR_URI", help="A transformer: runs/NAME/model, or models:/….")],
    to: Annotated[Path, typer.Option("--output", metavar="FOLDER", help="What to write.")],
    form: Annotated[
        str, typer.Option("--as", metavar="FORM", help="auto: the fastest of these that is accepted.")
    ] = "auto",
    validation: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Labeled sentences that judge; else the validation part of the model's run."),
    ] = None,
) -> None:
    """Export a trained transformer: it answers several times faster, and needs neither torch nor transformers.

    Forms: onnx-fp32, onnx-int8, openvino-fp32, openvino-bf16. One is accepted if at least 99 % of the labels of the
    validation part stay, macro-F1 falls by at most 0.005, and it is faster here. Refused: nothing is written, and the
    exit code is 1. Example: stance export --model runs/transformer/model --output runs/transformer/exported
    """
    from pipeline.export import export as make
    from pipeline.export import named
    from pipeline.predict import load_model

    console = progress()
    chosen = None if form == "auto" else named(form)
    with interruptible("nothing was written"):
        forms = _here(chosen, console)
        loaded = load_model(model, "cpu")
        examples = _examples(model, validation, loaded.labels.all)
        best, tried = make(loaded, forms, examples, to, lambda what: say(console, what))
    _show(tried, len(examples), output())
    if best is None:
        say(output(), "refused: nothing was written")
        raise typer.Exit(REFUSED)
    say(output(), f"{best.form.name} written: {to}")


def _here(chosen: "Form | None", console: Console) -> "list[Form]":
    """The forms that this machine can try; of those that it cannot it is told why."""
    from pipeline.export import FORMS
    from pipeline.records import StanceError

    forms = []
    for form in FORMS if chosen is None else (chosen,):
        why = form.why_not_here()
        if why is None:
            forms.append(form)
        elif chosen is not None:
            raise StanceError(f"--as {form.name}: {why}")
        else:
            say(console, f"{form.name} left out: {why}")
    return forms


def _examples(model: str, validation: Path | None, labels: tuple[str, ...]) -> "list[Example]":
    from pipeline.config.evaluate import EvaluationSet
    from pipeline.export import validation_of
    from pipeline.sets import read_set

    if validation is None:
        return validation_of(Path(model))
    return read_set(EvaluationSet(name="validation", path=str(validation)), labels)[0]


def _show(tried: "list[Export]", n_sentences: int, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=f"{n_sentences} sentences", title_justify="left")
    for name in ("form", "labels agree", "macro-F1", "sentences a second", "times faster", "MB", ""):
        table.add_column(name, justify="left" if name in {"form", ""} else "right")
    for one in tried:
        found = one.verdict
        table.add_row(
            one.form.name,
            f"{found.agreement:.2%}",
            f"{-found.loss:+.4f}",
            f"{found.speed:.0f}",
            f"{found.speedup:.1f}",
            f"{found.size / MEGABYTE:.0f}",
            "; ".join(found.objections) or "accepted",
        )
    console.print(table)
