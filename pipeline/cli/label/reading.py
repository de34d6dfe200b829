"""How the sub-commands of `stance label` read sentences."""

from pipeline.cli.options import As
from pipeline.config.ingest import LabeledReadConfig


def reading(text_column: str = "text", read_as: As = As.sentences, *, skip_bad: bool = False) -> LabeledReadConfig:
    """The settings of ingest that their options come to."""
    return LabeledReadConfig(read_as=read_as.value, text_column=text_column, on_bad_row="skip" if skip_bad else "fail")
