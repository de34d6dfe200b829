"""Encoder, pooling, head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from pipeline.models.transformer.pooling import AttentionPooling, pool


@dataclass(frozen=True)
class Shape:
    """What stands on the encoder.

    Attributes:
        n_labels: logits of a sentence.
        pooling: ``mean``, ``cls`` or ``attention``.
        head: ``linear``; or ``mlp``, with a hidden layer of the encoder's size before it.
        dropout: share of the head's input that is dropped in training.
        dropout_samples: masks of dropout that a sentence is seen under at once in training.
    """

    n_labels: int
    pooling: str = "mean"
    head: str = "linear"
    dropout: float = 0.0
    dropout_samples: int = 1


class Classifier(nn.Module):
    """Token ids to logits, (n_sentences, n_labels).

    Attributes:
        still: modules that stay as in prediction, without dropout, while the others train.
    """

    still: Sequence[nn.Module] = ()

    def __init__(self, encoder: Any, shape: Shape) -> None:
        super().__init__()
        self.encoder = encoder
        self.shape = shape
        size = encoder.config.hidden_size
        if shape.pooling == "attention":
            self.attention = AttentionPooling(size)
        if shape.head == "mlp":
            self.hidden = nn.Sequential(nn.Dropout(shape.dropout), nn.Linear(size, size), nn.GELU())
        self.dropout = nn.Dropout(shape.dropout)
        self.head = nn.Linear(size, shape.n_labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def train(self, mode: bool = True) -> Self:
        """Switch to training, or to prediction."""
        super().train(mode)
        for module in self.still:
            module.eval()
        return self

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        vectors_only: bool = False,
    ) -> dict[str, Tensor]:
        """The ``logits``, before the softmax; by name, as the Trainer wants them. Or the ``vectors`` that give them.

        (n_sentences, n_labels); in training with several `dropout_samples` (n_samples, n_sentences, n_labels).
        """
        vectors = self.pooled(input_ids, attention_mask, token_type_ids)
        if vectors_only:
            return {"vectors": vectors}
        if not self.training or self.shape.dropout_samples == 1:
            return {"logits": self.classified(vectors)}
        features = self._features(vectors)
        seen = [self.head(self.dropout(features)) for _ in range(self.shape.dropout_samples)]
        return {"logits": torch.stack(seen)}

    def classified(self, vectors: Tensor) -> Tensor:
        """Logits of pooled vectors, (n_sentences, n_labels)."""
        return torch.as_tensor(self.head(self.dropout(self._features(vectors))))

    def _features(self, vectors: Tensor) -> Tensor:
        return torch.as_tensor(self.hidden(vectors)) if self.shape.head == "mlp" else vectors

    def pooled(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """One vector a sentence, (n_sentences, n_hidden): what the head sees."""
        further = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **further).last_hidden_state
        if self.shape.pooling == "attention":
            return torch.as_tensor(self.attention(tokens, attention_mask))
        return pool(tokens, attention_mask, self.shape.pooling)
