"""The `pretrain` section: what the encoder reads before it is trained on labels."""

from pydantic import Field

from pipeline.config.ingest import ReadConfig


class PretrainConfig(ReadConfig):
    """Masked-language modeling on documents of the field, without labels (Gururangan et al. 2020)."""

    inputs: tuple[str, ...] = Field(
        (), description="Documents to read, besides the training part; labels in them are not looked at."
    )
    epochs: int = Field(3, description="Passes over all sentences.", ge=1)
    batch_size: int = Field(32, description="Sentences a step, on each device.", ge=1)
    learning_rate: float = Field(1e-4, description="Peak of the learning rate, which then falls to 0.", gt=0)
    mask_share: float = Field(0.15, description="Share of the tokens that are to be guessed.", gt=0, lt=1)
    max_length: int = Field(128, description="Tokens a sentence is cut to.", ge=8)
