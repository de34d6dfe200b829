"""The `predict` section: what a finished run labels as a sample."""

from typing import Literal

from pydantic import Field

from pipeline.config.ingest import ReadConfig

Format = Literal["csv", "jsonl", "parquet", "html"]


class PredictConfig(ReadConfig):
    """New documents to predictions."""

    inputs: tuple[str, ...] = Field(
        (), description="Documents that the run labels at its end; none: the stage is left out."
    )
    format: Format = Field("csv", description="csv, jsonl, parquet, or html (a page to read).")
    batch_size: int = Field(
        32, description="Sentences a batch, at most; on a GPU, of the longest: of shorter ones more.", ge=1
    )
