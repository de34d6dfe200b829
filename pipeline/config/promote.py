"""The `promote` section: what a model has to show before it becomes champion."""

from typing import Annotated

from pydantic import Field

from pipeline.config.base import Section


class PromoteConfig(Section):
    """The gate of `stance promote`."""

    on: str = Field("test", description="Set that decides.")
    margin: float = Field(
        0.0,
        description="Macro-F1 by which it has to be better than the champion: the lower end of the interval of their "
        "difference has to be above it.",
        ge=0,
        lt=1,
    )
    floors: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict, description="Least F1 of labels, by label."
    )
    max_ece: float = Field(0.05, description="Most calibration error.", gt=0, le=1)
    max_swap_flip_rate: float | None = Field(
        0.1,
        description="Most labels that may change when states trade places; a model that sees stand-ins for them passes "
        "as a rule. None: not asked.",
        gt=0,
        le=1,
    )
