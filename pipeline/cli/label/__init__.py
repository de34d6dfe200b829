"""`stance label`: the stage, and what goes with labeling: a file a sub-command."""

from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.cli.console import output
from pipeline.cli.label import agreement, rules, serve, votes
from pipeline.cli.options import ConfigFiles, Overrides
from pipeline.cli.run import do_runs

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
    help="Label sentences (`stance label CONFIG`), see what rules and votes say, and how far annotators agree.\n\n"
    "Example: stance label configs/baseline.yaml",
)


@app.command()
def run(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Sentences to labeled examples; shows coverage, conflicts, and each rule's accuracy against gold.

    Example: stance label run configs/baseline.yaml --set label.policy=rules
    """
    from pipeline.cli.label.rules import say_where_from, show_rules

    for recipe in do_runs(configs, overrides, "label"):
        report = recipe.label.value.report
        show_rules(report.rules, str(recipe.config.codebook), output())
        say_where_from(report, recipe.label.folder / "report.json", output())


for command in (rules, votes, agreement, serve):
    command.add_to(app)
