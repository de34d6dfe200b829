"""The `split` section: which documents train, which choose, which judge."""

from typing import Self

from pydantic import Field, model_validator

from pipeline.config.base import Section


class SplitConfig(Section):
    """Examples to a training, a validation and a test part."""

    train: float = Field(0.7, description="Share of the examples that train.", gt=0, lt=1)
    validation: float = Field(0.15, description="Share that chooses (early stopping, settings).", gt=0, lt=1)
    test: float = Field(0.15, description="Share that judges; read once, at the end.", gt=0, lt=1)
    near_duplicate_jaccard: float = Field(
        0.6,
        description="Two sentences whose sets of word 3-grams overlap by at least this much (Jaccard) are near-"
        "duplicates, and their documents stay on one side.",
        gt=0,
        le=1,
    )
    near_duplicate_min_words: int = Field(
        6,
        description="Shorter sentences are set phrases ('I thank you.') and bind no documents together.",
        ge=1,
    )
    min_per_label: int = Field(2, description="Examples of each label that each part must have.", ge=1)

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, validation and test should sum to 1; they sum to {total:g}")
        return self
