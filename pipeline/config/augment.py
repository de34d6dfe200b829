"""The `augment` section: what training sees besides the corpus as it is."""

from pathlib import Path

from pydantic import Field

from pipeline.config.base import Section


class AugmentConfig(Section):
    """Training sentences changed so that their label stays."""

    countries: Path | None = Field(
        None, description="Table of the states' names, for swapping them in training. None: no swaps."
    )
    share: float = Field(
        0.5, description="Share of the training sentences that name a state in which states trade places.", gt=0, le=1
    )
