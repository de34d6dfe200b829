"""`stance run`, and one sub-command for each stage, which does the stages before it where that is needed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.console import interruptible, output, progress
from pipeline.cli.options import ConfigFiles, Overrides

if TYPE_CHECKING:
    from pipeline.config.root import Config
    from pipeline.recipe import Recipe, StageName


def add_to(app: typer.Typer) -> None:
    """Add the sub-commands."""
    for command in (run, ingest, split, train, evaluate):
        app.command()(command)


def run(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Do everything, from documents to predictions; stages that nothing changed for are skipped.

    Example: stance run configs/baseline.yaml configs/transformer.yaml --set seed=7
    """
    from pipeline.cli.result import show

    results = do_runs(configs, overrides, "predict")
    show(results, output())


def ingest(configs: ConfigFiles, overrides: Overrides = None) -> None:
    r"""Documents to sentences.

    Example: stance ingest configs/baseline.yaml --set 'ingest.inputs=\[my/texts]'
    """
    do_runs(configs, overrides, "ingest")


def split(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Examples to training, validation and test parts, by document.

    Example: stance split configs/baseline.yaml --set split.test=0.2 --set split.train=0.65
    """
    do_runs(configs, overrides, "split")


def train(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Fit the model, calibrate it, and save it.

    Example: stance train configs/transformer.yaml --set train.epochs=3
    """
    do_runs(configs, overrides, "calibrate")


def evaluate(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Measure the model on the test part and on further labeled sets, and log the run.

    Example: stance evaluate configs/transformer.yaml --set evaluate.confidence=0.9
    """
    from pipeline.cli.result import show_figures

    show_figures(do_runs(configs, overrides, "track"), output())


def do_runs(paths: Sequence[Path], overrides: Sequence[str] | None, until: "StageName") -> "list[Recipe]":
    """Check every config, then do every run as far as `until`."""
    from pipeline.cli.narration import Narration
    from pipeline.preflight import check
    from pipeline.recipe import run as do

    configs = checked(paths, overrides or ())
    for config in configs:
        check(config)
    results = []
    console = progress()
    for path, config in zip(paths, configs, strict=True):
        with interruptible("the same command goes on from here"), Narration(console) as narration:
            narration.open(f"{config.name}: {path} → {config.run_dir}")
            results.append(do(config, narration.audience, until))
    return results


def checked(paths: Sequence[Path], overrides: Sequence[str]) -> "list[Config]":
    """Every config, or every problem of all of them.

    Raises:
        StanceError: a config has problems, or two would write to the same folder.
    """
    from pipeline.config import load_config
    from pipeline.records import StanceError

    configs, problems = [], []
    for path in paths:
        try:
            configs.append(load_config(path, overrides))
        except StanceError as error:
            problems.append(str(error))
    if problems:
        raise StanceError("\n".join(dict.fromkeys(problems)))
    folders = [config.run_dir for config in configs]
    twice = [folder for folder in dict.fromkeys(folders) if folders.count(folder) > 1]
    if twice:
        raise StanceError(f"{twice[0]}: two of the configs would write here. Give each its own `name`")
    return configs
