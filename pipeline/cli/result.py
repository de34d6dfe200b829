"""What a run comes to, shown: figures, where the models lie, a sample of predictions."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.recipe import Recipe

HUES = ("green", "yellow", "red", "magenta", "blue", "cyan")  # a stance's color; the background's is dim


def show(recipes: Sequence[Recipe], console: Console) -> None:
    """Everything that `stance run` ends with."""
    show_figures(recipes, console)
    _show_places(recipes, console)
    _show_sample(recipes[-1], console)


def show_figures(recipes: Sequence[Recipe], console: Console) -> None:
    """A table, a row for each model and set."""
    labels = recipes[0].config.all_labels
    interval = f"{recipes[0].config.evaluate.confidence:.0%}"
    table = Table(title="How well", title_justify="left", title_style="bold")
    table.add_column("model")
    table.add_column("set")
    table.add_column("sentences", justify="right")
    table.add_column(f"macro-F1 of the stances [{interval} interval]")
    for label in labels:
        table.add_column(f"F1 {label}", justify="right")
    table.add_column("train s", justify="right")
    for recipe in recipes:
        seconds = recipe.train.manifest.seconds
        for name, found in recipe.evaluate.value.sets.items():
            scores = [f"{found.by_label[label].f1.value:.3f}" if label in found.by_label else "–" for label in labels]
            figures = escape(str(found.macro_f1))
            table.add_row(recipe.config.name, name, str(found.n_sentences), figures, *scores, f"{seconds:.1f}")
    console.print()
    console.print(table)


def _show_places(recipes: Sequence[Recipe], console: Console) -> None:
    for recipe in recipes:
        console.print(f"{recipe.config.name} model: {recipe.train.folder}", markup=False, highlight=False)
        for name in recipe.evaluate.value.sets:
            place = recipe.evaluate.folder / name
            console.print(f"  {name}: {place}/confusion_matrix.png, errors.csv", markup=False, highlight=False)
        if recipe.track is not None:
            tracked = recipe.track.value
            where = f"  MLflow: {tracked.model} version {tracked.version} at {tracked.uri}; see it with `make ui`"
            console.print(where, markup=False, highlight=False)


def _show_sample(recipe: Recipe, console: Console) -> None:
    if recipe.predict is None:
        return
    predicted = recipe.predict.value
    table = Table(title=f"What {recipe.config.name} says", title_justify="left", title_style="bold", show_lines=False)
    table.add_column("label")
    table.add_column("score", justify="right")
    table.add_column("sentence")
    styles = dict(zip(recipe.config.labels, HUES, strict=False))
    for found in predicted.sample:
        style = styles.get(found.label, "dim")
        table.add_row(f"[{style}]{escape(found.label)}[/]", f"{found.score:.2f}", escape(found.text))
    console.print()
    console.print(table)
    where = f"All {predicted.n_sentences} sentences: {predicted.output}"
    console.print(where, markup=False, highlight=False, soft_wrap=True)


def show_labeling(recipe: Recipe, console: Console) -> None:
    """Coverage, conflicts, and a table of the rules."""
    report = recipe.label.value.report
    table = Table(title=f"Rules of {recipe.config.codebook}", title_justify="left", title_style="bold")
    for name in ("rule", "label"):
        table.add_column(name)
    for name in ("votes", "on gold", "right", "accuracy"):
        table.add_column(name, justify="right")
    for rule in report.rules:
        accuracy = "–" if rule.accuracy is None else f"{rule.accuracy:.2f}"
        table.add_row(rule.name, rule.label, str(rule.n_votes), str(rule.n_gold), str(rule.n_correct), accuracy)
    console.print(table)
    origins = ", ".join(f"{n} by {origin}" for origin, n in report.by_origin.items())
    labels = ", ".join(f"{n} {label}" for label, n in report.by_label.items())
    conflicts = ", ".join(f"{n} {kind}" for kind, n in report.conflicts.items()) or "none"
    for line in (
        f"{report.n_sentences} sentences: {origins}; {labels}",
        f"rules vote on {report.n_covered} ({report.n_covered / report.n_sentences:.0%}); conflicts: {conflicts}",
        f"everything: {recipe.label.folder}/report.json",
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
