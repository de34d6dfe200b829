"""The `train` section: one kind of model and its settings."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.config.training import KINDS, ClassWeights, EncoderTraining, FromEncoder, LogisticTraining, Training
from pipeline.config.transformer import TransformerTraining

__all__ = [
    "BaselineTraining",
    "CascadeTraining",
    "EmbeddingTraining",
    "EncoderTraining",
    "FromEncoder",
    "StaticTraining",
    "TrainConfig",
    "Training",
    "TransformerTraining",
]

Ngrams = Annotated[tuple[int, int], Field(description="Shortest and longest n-gram.")]


class BaselineTraining(LogisticTraining):
    """Word and character TF-IDF with logistic regression (scikit-learn); runs on the CPU."""

    kind: Literal["baseline"] = Field(description=KINDS)
    word_ngrams: Ngrams = Field((1, 2), description="Words in a row that make a feature: shortest, longest.")
    char_ngrams: Ngrams = Field((2, 5), description="Characters in a row, within a word: shortest, longest.")
    min_document_frequency: int = Field(2, description="Sentences an n-gram must occur in to count.", ge=1)

    @model_validator(mode="after")
    def _ngrams_ascend(self) -> Self:
        for name, (low, high) in (("word_ngrams", self.word_ngrams), ("char_ngrams", self.char_ngrams)):
            if not 1 <= low <= high:
                raise ValueError(f"{name} should be two numbers from 1, the smaller first; found [{low}, {high}]")
        return self


class StaticTraining(FromEncoder):
    """Static embeddings, one vector a token, with a small head (model2vec); runs on the CPU."""

    kind: Literal["static"] = Field(description=KINDS)
    hidden_size: int = Field(256, description="Size of the head's hidden layer.", ge=1)
    epochs: int = Field(10, description="Passes over the training part, if early stopping does not end it.", ge=1)
    batch_size: int = Field(64, description="Sentences a step.", ge=1)
    learning_rate: float = Field(0.001, description="Of Adam; it falls where the loss does not.", gt=0)
    token_dropout: float = Field(0.1, description="Share of each sentence's tokens left out in training.", ge=0, lt=1)
    class_weights: ClassWeights = Field(
        "balanced", description="balanced: a rare label's errors cost more, in inverse proportion."
    )
    ngrams: int = Field(
        2,
        description="Longest run of tokens that a linear classifier reads beside the vectors: word order, for a little "
        "time; 0: vectors alone.",
        ge=0,
    )
    ngrams_C: float = Field(0.3, description="Inverse strength of the penalty on runs of tokens.", gt=0)  # noqa: N815
    early_stopping: int = Field(5, description="Checks without a lower validation loss that end training.", ge=1)


class EmbeddingTraining(EncoderTraining, LogisticTraining):
    """A Hugging Face encoder as it comes, with logistic regression on its vectors (scikit-learn)."""

    kind: Literal["embedding"] = Field(description=KINDS)
    C: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (0.003, 0.01, 0.03),
        description="Inverse strengths of the penalty to try; the validation part chooses by macro-F1.",
        min_length=1,
    )


class CascadeTraining(Training):
    """Two trained models: a fast one answers what it is sure of, a careful one the rest."""

    kind: Literal["cascade"] = Field(description=KINDS)
    fast: Path = Field(Path("runs/fast/model"), description="Folder of the model that is asked first.")
    careful: Path = Field(
        Path("runs/transformer/exported"), description="Folder of the model that is asked where the first is not sure."
    )
    max_loss: float = Field(
        0.01,
        description="Of the careful model's macro-F1: what may be lost on the validation part, which chooses how sure "
        "the fast one has to be. Higher: faster.",
        ge=0,
        lt=1,
    )

    @model_validator(mode="after")
    def _has_no_states_or_seeds_of_its_own(self) -> Self:
        if self.mask_countries is not None:
            raise ValueError("mask_countries should be null: each of the two models sees texts in its own way")
        if self.seeds:
            raise ValueError("seeds should be []: nothing is drawn")
        return self


TrainConfig = Annotated[
    BaselineTraining | StaticTraining | EmbeddingTraining | TransformerTraining | CascadeTraining,
    Field(discriminator="kind"),
]
