"""What a run comes to, shown: figures, where the models lie, a sample of predictions."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.cli.console import printable, say
from pipeline.evaluation.metrics import FEW_DOCUMENTS
from pipeline.evaluation.report import REPORT_FILE
from pipeline.recipe import Recipe
from pipeline.records import counted

WIDE = 110  # columns of a terminal that has room for everything
HUES = ("green", "yellow", "red", "magenta", "blue", "cyan")  # a stance's color; the background's is dim


def show(recipes: Sequence[Recipe], console: Console) -> None:
    """Everything that `stance run` ends with."""
    show_figures(recipes, console)
    _show_places(recipes, console)
    _show_sample(recipes[-1], console)


def show_figures(recipes: Sequence[Recipe], console: Console) -> None:
    """A table, a row for each model and set; and what to bear in mind when reading it."""
    labels = list(dict.fromkeys(label for recipe in recipes for label in recipe.config.all_labels))
    is_wide = console.width >= WIDE
    interval = f"{recipes[0].config.evaluate.confidence:.0%}"
    caption = f"macro-F1: mean F1 of the stances, with its {interval} interval; then F1 a label"
    table = Table(title="How well", caption=caption, title_justify="left", caption_justify="left", title_style="bold")
    if not is_wide:
        table.box, table.padding, table.pad_edge = box.SIMPLE_HEAD, (0, 1, 0, 0), False
    for name in ("model", "set", "macro-F1"):
        table.add_column(name, no_wrap=name != "model")
    for label in labels:
        table.add_column(label, justify="right")
    for name in ("sentences", "train s") if is_wide else ():
        table.add_column(name, justify="right")
    for recipe in recipes:
        seconds = recipe.train.manifest.seconds
        for name, found in recipe.evaluate.value.sets.items():
            scores = [f"{found.by_label[label].f1.value:.3f}" if label in found.by_label else "–" for label in labels]
            more = [str(found.n_sentences), f"{seconds:.1f}"] if is_wide else []
            figure = str(found.headline) if is_wide else found.headline.short()
            table.add_row(recipe.config.name, name, escape(figure), *scores, *more)
    console.print()
    console.print(table)
    for caution in dict.fromkeys(caution for recipe in recipes for caution in _cautions(recipe)):
        say(console, caution, style="yellow")


def _cautions(recipe: Recipe) -> Iterator[str]:
    """What the figures do not say by themselves."""
    name, evaluated = recipe.config.name, recipe.evaluate.value
    if evaluated.n_ruled:
        n_test = evaluated.sets["test"].n_sentences
        yield (
            f"{name}: {evaluated.n_ruled} of {n_test} labels of the test part come from rules or models: there, the "
            "figures measure agreement with those, not with people"
        )
    for set_name, found in evaluated.sets.items():
        if found.seeds is not None:
            each = ", ".join(f"{value:.3f}" for value in found.seeds.macro_f1.values())
            yield (
                f"{name}: macro-F1 on {set_name} is the mean of {len(found.seeds.macro_f1)} trainings ({each}; "
                f"standard deviation {found.seeds.spread:.3f}); the other figures are of the model kept"
            )
        if found.n_documents < FEW_DOCUMENTS:
            yield f"{name}: set {set_name} has only {counted(found.n_documents, 'document')}: its interval says little"


def _show_places(recipes: Sequence[Recipe], console: Console) -> None:
    for recipe in recipes:
        say(console, f"{recipe.config.name} model: {recipe.calibrate.folder}")
        say(console, f"  the page to read: {recipe.report.folder / REPORT_FILE}")
        for name in recipe.evaluate.value.sets:
            place = recipe.evaluate.folder / name
            say(console, f"  {name}: {place}/confusion_matrix.png, errors.csv")
        if recipe.track is not None:
            tracked = recipe.track.value
            where = f"  MLflow: {tracked.model} version {tracked.version} at {tracked.uri}; see it with `make ui`"
            say(console, where)


def _show_sample(recipe: Recipe, console: Console) -> None:
    if recipe.predict is None:
        return
    predicted = recipe.predict.value
    caption = "?: the model abstains, too unsure of the label" if any(one.abstain for one in predicted.sample) else None
    title = f"What {recipe.config.name} says"
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", title_style="bold")
    table.add_column("label")
    table.add_column("score", justify="right")
    table.add_column("sentence")
    styles = dict(zip(recipe.config.labels, HUES, strict=False))
    for found in predicted.sample:
        style = styles.get(found.label, "dim")
        label = f"{found.label}?" if found.abstain else found.label
        table.add_row(f"[{style}]{escape(label)}[/]", f"{found.score:.2f}", escape(printable(found.text)))
    console.print()
    console.print(table)
    where = f"All {predicted.n_sentences} sentences: {predicted.output}"
    say(console, where)
