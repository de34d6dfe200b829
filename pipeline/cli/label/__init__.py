"""`stance label`: the stage, and what goes with labeling: a file a sub-command."""

from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.cli.label import (
    agreement,
    doubts,
    endpoint,
    export,
    import_,
    model,
    nli,
    queue,
    rules,
    serve,
    stage,
    votes,
)

DEFAULT = "run"


class OrTheStage(TyperGroup):
    """`stance label CONFIG` is short for `stance label run CONFIG`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in that was left out."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=OrTheStage,
    no_args_is_help=True,
    help="Label sentences: by hand, by rules, by models; see what votes come to and how far annotators agree.\n\n"
    "`stance label CONFIG` does the stage of a run. "
    "Example: stance label configs/baseline.yaml",
)


for command in (stage, rules, model, nli, endpoint, votes, agreement, queue, serve, doubts, export, import_):
    command.add_to(app)
