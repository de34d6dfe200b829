"""The `train` section of a transformer."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipeline.config.training import KINDS, ClassWeights, EncoderTraining


class TransformerTraining(EncoderTraining):
    """A Hugging Face encoder, fine-tuned with the transformers Trainer."""

    kind: Literal["transformer"] = Field(description=KINDS)
    pooling: Literal["mean", "cls", "attention"] = Field(  # type: ignore[assignment]
        "mean",
        description="How token vectors become one: mean over the tokens, the first token's, or a mean whose weights "
        "are learned.",
    )
    head: Literal["linear", "mlp"] = Field(
        "linear", description="What reads the pooled vector: one layer; or mlp: a hidden one before it."
    )
    dropout: float = Field(0.1, description="Share of the pooled vector dropped in training.", ge=0, lt=1)
    dropout_samples: int = Field(
        1, description="Masks of dropout that each sentence is seen under at once (multi-sample dropout).", ge=1
    )
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
    max_batch_tokens: int | None = Field(
        None,
        description="Tokens of a batch that are computed at once, padding included: a batch with more is computed in "
        "pieces, which changes its memory, not its result. null: each batch whole.",
        ge=1,
    )
    learning_rate: float = Field(2e-4, description="Peak of the learning rate.", gt=0)
    layer_decay: float = Field(
        1.0,
        description="Learning rate of a layer as a share of that of the layer above it; 1: all the same.",
        gt=0,
        le=1,
    )
    schedule: Literal["linear", "cosine", "constant"] = Field(
        "linear", description="How the learning rate falls after its peak: to 0, or not at all."
    )
    warmup: float = Field(
        0.1, description="Share of the steps over which the learning rate rises to its peak.", ge=0, lt=1
    )
    weight_decay: float = Field(0.01, description="Decoupled weight decay (AdamW).", ge=0)
    class_weights: ClassWeights = Field(
        "balanced", description="balanced: a rare label's errors cost more, in inverse proportion."
    )
    label_smoothing: float = Field(0.0, description="Share of the target spread over the other labels.", ge=0, lt=1)
    soft_labels: bool = Field(
        False, description="Where annotators differ, the share of their votes is the target, not the label alone."
    )
    r_drop: float = Field(
        0.0,
        description="Weight of the disagreement between two masks of dropout (R-Drop): twice the time; 0: off.",
        ge=0,
    )
    adversarial: float = Field(
        0.0,
        description="How far the embeddings are moved in the direction that hurts most: twice the time; 0: off.",
        ge=0,
    )
    average_decay: float = Field(
        0.0,
        description="Of a running average of the weights, which is kept in the end, as 0.99: older steps fade more "
        "slowly the nearer it is to 1; 0: the weights as they are.",
        ge=0,
        lt=1,
    )
    contrastive_epochs: int = Field(
        0,
        description="Passes over the training part, before the head learns, in which sentences of one label move "
        "together (supervised contrastive learning); 0: none.",
        ge=0,
    )
    contrastive_batch_size: int = Field(
        32, description="Sentences a step there; each is compared with all others.", ge=2
    )
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
    compile: bool = Field(
        False, description="torch.compile: some minutes at first, then faster steps; for GPUs and long trainings."
    )
    gradient_checkpointing: bool = Field(
        False, description="Computes activations twice instead of keeping them: a third slower, far less memory."
    )

    @model_validator(mode="after")
    def _embeddings_learn(self) -> Self:
        if self.adversarial and self.frozen_layers:
            raise ValueError("adversarial moves embeddings, and frozen_layers keeps them; set one of the two to 0")
        return self
