"""Vectors of tokens to one vector a sentence."""

import torch
from torch import Tensor, nn


def pool(tokens: Tensor, attention_mask: Tensor, pooling: str) -> Tensor:
    """One vector a sentence, (n_sentences, n_hidden), of its tokens' vectors, (n_sentences, n_tokens, n_hidden).

    ``mean`` leaves padding out (Reimers and Gurevych 2019); ``cls`` takes the first token.
    """
    if pooling == "cls":
        return tokens[:, 0]
    mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
    return torch.sum(tokens * mask, dim=1) / mask.sum(dim=1).clamp(min=1.0)


class AttentionPooling(nn.Module):
    """A mean whose weights are learned, one a token (Yang et al. 2016); it starts as the plain mean."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.score = nn.Linear(size, 1)
        nn.init.zeros_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    def forward(self, tokens: Tensor, attention_mask: Tensor) -> Tensor:
        """One vector a sentence, (n_sentences, n_hidden); padding weighs nothing."""
        scores = self.score(tokens).squeeze(-1).float()
        weights = torch.softmax(scores.masked_fill(attention_mask == 0, -torch.inf), dim=1)
        return torch.sum(tokens * weights.unsqueeze(-1).to(tokens.dtype), dim=1)
