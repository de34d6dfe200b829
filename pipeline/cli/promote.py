"""`stance promote`: the gate before the alias `champion`."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipeline.cli.console import interruptible, output, say
from pipeline.cli.options import ConfigFile, Overrides

if TYPE_CHECKING:
    from pipeline.evaluation.gate import Decision

REFUSED = 1


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(promote)


def promote(
    config: ConfigFile,
    version: Annotated[
        str | None,
        typer.Option(metavar="N", help="Version of the registered model; else the newest of this config's run."),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Make a model champion, if it is better than the present one and keeps every other condition of the config.

    Refused: nothing changes, and the exit code is 1. Example: stance promote configs/transformer.yaml --version 7
    """
    from dataclasses import asdict

    from pipeline.config import load_config
    from pipeline.evaluation.gate import decide
    from pipeline.tracking.promotion import contest

    settings = load_config(config, overrides or ())
    with (
        interruptible("nothing was changed"),
        contest(settings.track, settings.name, version) as found,
        tempfile.TemporaryDirectory() as folder,
    ):
        candidate = found.results(found.candidate, Path(folder) / "candidate")
        champion = None if found.champion is None else found.results(found.champion, Path(folder) / "champion")
        decision = decide(candidate, champion, settings.promote, settings.evaluate, settings.seed)
        who = "" if found.champion is None else f" against {found.told(found.champion)}"
        say(output(), f"{found.name} {found.told(found.candidate)}{who}", style="bold")
        _show(decision, output())
        if decision.is_promoted:
            found.move({**asdict(decision), "promoted": True})
            say(output(), f"{found.name} version {found.candidate.version} is champion now")
        else:
            say(output(), "refused: the champion stays")
    if not decision.is_promoted:
        raise typer.Exit(REFUSED)


def _show(decision: "Decision", console: Console) -> None:
    for condition in decision.conditions:
        mark, style = ("✓", "green") if condition.holds else ("✗", "red")
        say(console, f"{mark} {condition.name}: {condition.found}", style=style)
