"""The `teach` section: trained models that a smaller one learns from."""

from pydantic import Field

from pipeline.config.ingest import ReadConfig


class TeachConfig(ReadConfig):
    """Distillation: the model learns what other models say, of its own examples and of sentences without a label."""

    teachers: tuple[str, ...] = Field(
        description="Folders of trained models, such as runs/NAME/model, and globs of them; of several, their mean. "
        "Train them with the same data, seed and split, or they have seen the test part.",
        min_length=1,
    )
    inputs: tuple[str, ...] = Field(
        (), description="Documents without labels, whose sentences the teachers label; none: only the examples."
    )
    variants: int = Field(
        0,
        description="Cut-down variants of each training sentence, words left out, which only the teachers label: more "
        "to learn from where there are no documents; 0: none.",
        ge=0,
    )
    share: float = Field(
        0.5, description="Of each example's target: what the teachers say; the rest is its label.", ge=0, le=1
    )
    batch_size: int = Field(64, description="Sentences a batch, of the teachers.", ge=1)
