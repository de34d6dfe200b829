"""The `stance` command: a sub-command a stage, and `run` for all of them."""

import importlib.metadata
import io
import os
import signal
import sys
from typing import Annotated

import typer

from pipeline.cli import compare, config, export, label, predict, promote, run, serve, tune, ui
from pipeline.cli.console import complain
from pipeline.records import StanceError

USERS_ERROR = 2
ENVIRONMENT = {  # what a user has set stays
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "OMP_WAIT_POLICY": "PASSIVE",  # waiting threads leave the cores to others: several times faster on a busy machine
    "TOKENIZERS_PARALLELISM": "true",
}

app = typer.Typer(
    epilog="Begin with: stance run configs/baseline.yaml",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"stance-pipeline {importlib.metadata.version('stance-pipeline')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """Labels sentences of diplomatic and political text by stance: trains, evaluates, tracks and applies models."""


run.add_to(app)
predict.add_to(app)
export.add_to(app)
serve.add_to(app)
compare.add_to(app)
tune.add_to(app)
promote.add_to(app)
app.add_typer(label.app, name="label")
app.add_typer(config.app, name="config")
ui.add_to(app)


def main() -> None:
    """Run the command line; a user's error is one message and exit code 2."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: nothing half-written stays
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows fewer characters still shows the others
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:  # closed by whoever called
                sys.stdout.flush()  # a full disk is told here, and not when Python has ended
    except StanceError as error:
        complain(str(error))
        sys.exit(USERS_ERROR)
    except ModuleNotFoundError as error:
        complain(f"this needs {error.name}, which is not installed. pip install 'stance-pipeline[train]'")
        sys.exit(USERS_ERROR)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has had enough
    except (OSError, UnicodeError, RecursionError) as error:
        where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        what = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        complain(f"{where}{what}. Mend that, and give the command again")
        sys.exit(USERS_ERROR)
