"""Encoder, pooling, one linear layer."""

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn


class Classifier(nn.Module):
    """Token ids to logits, (n_sentences, n_labels).

    Attributes:
        still: modules that stay as in prediction, without dropout, while the others train.
    """

    still: Sequence[nn.Module] = ()

    def __init__(self, encoder: Any, n_labels: int, pooling: str, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, n_labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def train(self, mode: bool = True) -> Self:
        """Switch to training, or to prediction."""
        super().train(mode)
        for module in self.still:
            module.eval()
        return self

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> dict[str, Tensor]:
        """The ``logits``, (n_sentences, n_labels), before the softmax; by name, as the Trainer wants them."""
        return {"logits": self.head(self.dropout(self.pooled(input_ids, attention_mask, token_type_ids)))}

    def pooled(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """One vector a sentence, (n_sentences, n_hidden): what the head sees."""
        further = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **further).last_hidden_state
        return pool(tokens, attention_mask, self.pooling)


def pool(tokens: Tensor, attention_mask: Tensor, pooling: str) -> Tensor:
    """One vector a sentence, (n_sentences, n_hidden), of its tokens' vectors, (n_sentences, n_tokens, n_hidden).

    ``mean`` leaves padding out (Reimers and Gurevych 2019); ``cls`` takes the first token.
    """
    if pooling == "cls":
        return tokens[:, 0]
    mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
    return torch.sum(tokens * mask, dim=1) / mask.sum(dim=1).clamp(min=1.0)
