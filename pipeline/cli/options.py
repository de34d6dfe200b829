"""Options that several sub-commands share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="A run's YAML file, such as configs/baseline.yaml.", show_default=False)
]
ConfigFiles = Annotated[
    list[Path], typer.Argument(metavar="CONFIG", help="YAML files, a run each; done in turn.", show_default=False)
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the config; may be given again and again."),
]
