"""Texts to probabilities: batches of like length, results in the order of the texts."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.models.batches import MAX_TOKENS, Ids, of_like_length, padded
from pipeline.models.device import natively
from pipeline.models.transformer.network import Classifier
from pipeline.models.vectors import unit_length

TOKENS_AT_ONCE = 512


def probabilities(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float64]:
    """Softmax of the logits, (n_sentences, n_labels), float64; on GPUs that have bf16 the logits are computed in it."""

    def answer(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.softmax(network(tokens, mask)["logits"].double(), dim=1)

    with natively("cuda") if _device(network).type == "cuda" else nullcontext():
        return _in_batches(answer, _device(network), tokenizer, _ids(tokenizer, texts, max_length), batch_size)


def embeddings(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float32]:
    """Pooled vectors, (n_sentences, n_hidden), float32, scaled to length 1."""
    return unit_length(pooled(network, tokenizer, texts, max_length, batch_size))


def pooled(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float32]:
    """What the head sees: pooled vectors, (n_sentences, n_hidden), float32."""

    def answer(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return network.pooled(tokens, mask).float()

    return _in_batches(answer, _device(network), tokenizer, _ids(tokenizer, texts, max_length), batch_size)


def token_vectors(encoder: Any, tokenizer: Any) -> NDArray[np.float32]:
    """Each token's vector when it stands alone, (n_tokens, n_hidden), in the order of the tokens' numbers."""
    frame = tokenizer("")["input_ids"]  # what stands around every text
    before, after = frame[:1], frame[1:]
    n_tokens, results = len(tokenizer), []
    with torch.inference_mode():
        for start in range(0, n_tokens, TOKENS_AT_ONCE):
            numbers = range(start, min(start + TOKENS_AT_ONCE, n_tokens))
            alone = torch.tensor([[*before, number, *after] for number in numbers])
            results.append(encoder(input_ids=alone).last_hidden_state[:, len(before)].float().numpy())
    return np.concatenate(results)


def _in_batches(
    answer: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    device: torch.device,
    tokenizer: Any,
    ids: Ids,
    batch_size: int,
) -> NDArray[Any]:
    """A row a sentence, in order; a GPU computes while the next batch is prepared, and is waited for once.

    On a GPU `batch_size` counts sentences as long as the longest: of shorter ones more are computed at once.
    """
    on_gpu = device.type == "cuda"
    budget = (len(ids), batch_size * max(map(len, ids))) if on_gpu else (batch_size, MAX_TOKENS)
    batches = of_like_length(ids, *budget)
    rows = []
    with torch.inference_mode():
        for places in batches:
            tensors = map(torch.from_numpy, padded([ids[place] for place in places], tokenizer.pad_token_id))
            moved = [(each.pin_memory() if on_gpu else each).to(device, non_blocking=True) for each in tensors]
            rows.append(answer(*moved))
        found = torch.cat(rows).cpu().numpy()
    results = np.empty_like(found)
    results[np.concatenate(batches)] = found
    return results


def _ids(tokenizer: Any, texts: Sequence[str], max_length: int) -> Ids:
    found: Ids = tokenizer(list(texts), truncation=True, max_length=max_length, padding=False)["input_ids"]
    return found


def _device(network: Classifier) -> torch.device:
    return next(network.parameters()).device
