"""`stance ui`: the logged runs, in MLflow's own page."""

from typing import Annotated

import typer

from pipeline.cli.console import progress


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(ui)


def ui(
    uri: Annotated[str, typer.Option(help="Tracking store.")] = "sqlite:///mlflow.db",
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 5000,
) -> None:
    """Open MLflow on this machine only (127.0.0.1); Ctrl-C ends it.

    Example: stance ui --port 5001
    """
    from pipeline.tracking.ui import open_ui

    open_ui(uri, port, lambda line: progress().print(line, highlight=False, soft_wrap=True))
