"""What kinds of model share of the `train` section."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from pipeline.config.base import Section

ClassWeights = Literal["balanced", "none"]
KINDS = "baseline, static, embedding, transformer or cascade."


class Training(Section):
    """What every kind of model is trained with."""

    seeds: tuple[Annotated[int, Field(ge=0, le=2**32 - 1)], ...] = Field(
        (),
        description="Train once with each; the model best on the validation part is kept, and figures are means over "
        "all, with the spread. None: once, with the run's seed.",
    )

    mask_countries: Path | None = Field(
        None,
        description="Table of the states' names: the model sees the same few stand-ins for them all, so that its "
        "answer does not hang on whose name it is. None: it sees the names.",
    )

    @field_validator("seeds")
    @classmethod
    def _differ(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) != len(seeds):
            raise ValueError("each seed should stand once")
        return seeds


class LogisticTraining(Training):
    """A logistic regression on features that do not learn."""

    C: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (0.5, 1.0, 2.0, 4.0, 8.0),
        description="Inverse strengths of the penalty to try; the validation part chooses by macro-F1.",
        min_length=1,
    )
    class_weights: ClassWeights = Field(
        "balanced", description="balanced: a rare label's errors cost more, in inverse proportion."
    )
    max_iterations: int = Field(1000, description="Steps the solver may take.", ge=1)


class FromEncoder(Training):
    """What starts from a Hugging Face encoder."""

    encoder: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="Hugging Face id or local folder of the encoder, or of a trained model (runs/NAME/model). The "
        "default's weights come with a package; any other id is fetched from the hub on first use.",
    )
    revision: str = Field("main", description="Branch, tag or commit of a hub id; a commit makes runs repeatable.")
    max_length: int = Field(160, description="Tokens a sentence is cut to.", ge=8)


class EncoderTraining(FromEncoder):
    """An encoder with a head on it."""

    pooling: Literal["mean", "cls"] = Field(
        "mean", description="How token vectors become one: mean over the tokens, or the first token's."
    )
