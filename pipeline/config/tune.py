"""The `tune` section: what `stance tune` may change, and how long it looks."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.config.base import Section

Scalar = bool | int | float | str | None
Choice = Scalar | tuple[Scalar, ...]


class Range(Section):
    """Numbers from `low` to `high`; whole ones where both are whole."""

    low: int | float = Field(description="The least.")
    high: int | float = Field(description="The most.")
    log: bool = Field(False, description="Even in powers, as for learning rates; low must be above 0.")

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low should be below high; found {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"low should be above 0 where log is true; found {self.low}")
        return self


Choices = Annotated[tuple[Choice, ...], Field(min_length=1)]


class TuneConfig(Section):
    """A search for better settings of training. The test part is never touched."""

    trials: int = Field(20, description="Settings to try, those that are given up early counted.", ge=1)
    folds: int = Field(3, description="Parts that each setting is measured on in turn, by document.", ge=2)
    share: float = Field(1.0, description="Share of the documents that the search uses; less is faster.", gt=0, le=1)
    prune: bool = Field(True, description="Give a setting up when it is below the median of the others so far.")
    space: dict[str, Range | Choices] = Field(
        default_factory=dict,
        description="Keys of the train or augment section, each with a range ({low: 1, high: 4}) or a list of values; "
        "none: what is usual for the kind of model.",
    )
