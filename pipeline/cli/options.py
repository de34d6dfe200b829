"""Options that several sub-commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class As(StrEnum):
    """What a text is."""

    documents = "documents"
    sentences = "sentences"


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
SentenceFiles = Annotated[
    list[str],
    typer.Argument(metavar="FILES", help="Tables of sentences; a column `label` is gold.", show_default=False),
]
CodebookFile = Annotated[Path, typer.Option("--codebook", metavar="FILE", help="Where the labels are defined.")]
TextColumn = Annotated[str, typer.Option("--text-column", metavar="NAME", help="Column with the sentence.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave unreadable rows out.")]
ReadAs = Annotated[As, typer.Option("--as", help="sentences: each row of a table is one. documents: texts are split.")]
CODEBOOK = Path("data/codebook.yaml")
