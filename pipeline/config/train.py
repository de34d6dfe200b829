"""The `train` section: one kind of model and its settings."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline.config.base import Section

Ngrams = Annotated[tuple[int, int], Field(description="Shortest and longest n-gram.")]
ClassWeights = Literal["balanced", "none"]
KINDS = "baseline, static, embedding or transformer."


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


class FromEncoder(Training):
    """What starts from a Hugging Face encoder."""

    encoder: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="Hugging Face id or local folder of the encoder. The default's weights come with a package; "
        "any other id is fetched from the hub on first use.",
    )
    revision: str = Field("main", description="Branch, tag or commit of a hub id; a commit makes runs repeatable.")
    max_length: int = Field(160, description="Tokens a sentence is cut to.", ge=8)


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
    early_stopping: int = Field(5, description="Checks without a lower validation loss that end training.", ge=1)


class EncoderTraining(FromEncoder):
    """An encoder with a head on it."""

    pooling: Literal["mean", "cls"] = Field(
        "mean", description="How token vectors become one: mean over the tokens, or the first token's."
    )


class EmbeddingTraining(EncoderTraining, LogisticTraining):
    """A Hugging Face encoder as it comes, with logistic regression on its vectors (scikit-learn)."""

    kind: Literal["embedding"] = Field(description=KINDS)
    C: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (0.003, 0.01, 0.03),
        description="Inverse strengths of the penalty to try; the validation part chooses by macro-F1.",
        min_length=1,
    )


class TransformerTraining(EncoderTraining):
    """A Hugging Face encoder, fine-tuned with the transformers Trainer."""

    kind: Literal["transformer"] = Field(description=KINDS)
    dropout: float = Field(0.1, description="Share of the pooled vector dropped in training.", ge=0, lt=1)
    frozen_layers: int = Field(
        0,
        description="First layers of the encoder that keep their weights, with the embeddings: faster, and less is "
        "learned of the corpus's own habits.",
        ge=0,
    )
    epochs: int = Field(8, description="Passes over the training part, if early stopping does not end it.", ge=1)
    batch_size: int = Field(16, description="Sentences a step, on each device.", ge=1)
    gradient_accumulation: int = Field(
        1,
        description="Batches whose gradients are added up before a step: a larger batch in the same memory.",
        ge=1,
    )
    learning_rate: float = Field(2e-4, description="Peak of the learning rate.", gt=0)
    warmup: float = Field(
        0.1, description="Share of the steps over which the learning rate rises to its peak.", ge=0, lt=1
    )
    weight_decay: float = Field(0.01, description="Decoupled weight decay (AdamW).", ge=0)
    class_weights: ClassWeights = Field(
        "balanced", description="balanced: a rare label's errors cost more, in inverse proportion."
    )
    label_smoothing: float = Field(0.0, description="Share of the target spread over the other labels.", ge=0, lt=1)
    early_stopping: int = Field(
        3, description="Epochs without a better validation macro-F1 after which training stops.", ge=1
    )
    length_grouping: bool = Field(
        True, description="Batches of sentences of like length: less padding, the same model quality."
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "fp32",
        description="bf16: faster where processor or GPU computes it natively, an error elsewhere. auto: bf16 there, "
        "else fp32; it says which and why.",
    )


TrainConfig = Annotated[
    BaselineTraining | StaticTraining | EmbeddingTraining | TransformerTraining, Field(discriminator="kind")
]
