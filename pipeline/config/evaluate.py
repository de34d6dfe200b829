"""The `evaluate` section: how surely to measure, and on what besides the test part."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from pipeline.config.base import Section
from pipeline.config.ingest import LabeledReadConfig, ReadAs


class EvaluationSet(LabeledReadConfig):
    """A further labeled file or folder that the model is measured on, and never trained on."""

    name: str = Field(description="Short name, for tables and file names.", pattern="^[A-Za-z0-9_-]+$")
    path: str = Field(description="Labeled file, folder or glob.")
    read_as: ReadAs = Field("sentences", description="Labeled rows are sentences already.")
    optional: bool = Field(False, description="true: skipped, with a word, where the path does not exist.")


class SlicesConfig(Section):
    """Parts of a set that are measured on their own."""

    documents: Path | None = Field(
        None, description="Table (.jsonl) of what is known of each document, by doc_id. None: no such slices."
    )
    columns: tuple[str, ...] = Field((), description="Columns of that table to cut by.")
    min_sentences: int = Field(100, description="A slice of fewer is called small.", ge=1)
    min_per_label: int = Field(10, description="A slice where a stance has fewer is called small, too.", ge=0)


class EvaluateConfig(Section):
    """A model and labeled examples to an evaluation."""

    bootstrap_draws: int = Field(2000, description="Resamplings of the documents, for the intervals.", ge=100)
    confidence: float = Field(0.95, description="Coverage of the intervals.", gt=0.5, lt=1)
    explained_errors: int = Field(
        25,
        description="Surest errors of the test part that are explained: the words that moved each, and the training "
        "sentences nearest to it. 0: none.",
        ge=0,
    )
    slices: SlicesConfig = Field(default_factory=SlicesConfig)
    sets: tuple[EvaluationSet, ...] = Field((), description="Further labeled files to measure on.")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = ["test", *(entry.name for entry in self.sets)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f'each set needs a name of its own, other than "test", the run\'s own part; twice: {twice[0]}'
            )
        return self
