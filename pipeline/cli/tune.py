"""`stance tune`: a search for better settings."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from pipeline.cli.console import interruptible, output, printable, progress, say
from pipeline.cli.options import ConfigFile, Overrides

SHOWN = 5  # best trials


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(tune)


def tune(
    config: ConfigFile,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Settings to try in all; else the config's tune.trials.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the best settings go, as a config.")] = None,
    overrides: Overrides = None,
) -> None:
    """Look for better settings of training, on folds by document; the test part is not touched.

    The best ones are written as a complete config, tuning/best.yaml in the run's folder. Trials are kept there: the
    same command goes on where it was stopped, and a larger number adds to those done. What may change is the config's
    tune.space; without one, the settings of the kind that matter most, named in the table.

    Example: stance tune configs/transformer.yaml --trials 20 --set 'tune={share: 0.2}'
    """
    from pipeline.cli.narration import Narration
    from pipeline.config import load_config
    from pipeline.config.tune import TuneConfig
    from pipeline.tune import tune as search

    read = load_config(config, overrides or ())
    section = read.tune or TuneConfig()
    if trials is not None:
        section = section.model_copy(update={"trials": trials})
    read = read.model_copy(update={"tune": section})
    console = progress()
    with interruptible("the same command goes on from here"), Narration(console) as narration:
        narration.open(f"{read.name}: {section.trials} trials, {section.folds} folds → {read.run_dir / 'tuning'}")
        found = search(read, narration.audience, out, narration.audience.note)
    shown = output()
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    keys = list(found.found.best.values)
    for name in ("trial", "macro-F1", *(key.partition(".")[2] for key in keys)):
        table.add_column(printable(name), justify="right")
    whole = [trial for trial in found.found.trials if trial.is_whole]
    for trial in sorted(whole, key=lambda trial: -trial.score)[:SHOWN]:
        table.add_row(str(trial.number), f"{trial.score:.4f}", *(printable(str(trial.values[key])) for key in keys))
    if len(whole) > SHOWN:
        say(shown, f"the best {SHOWN} of {len(found.found.trials)} trials:")
    shown.print(table)
    say(shown, f"best: {found.config_path}  validation macro-F1 of a run of it: {found.validation_macro_f1:.4f}")
    say(shown, f"all trials: {found.folder / 'trials.csv'}, {found.folder / 'trials.png'}")
