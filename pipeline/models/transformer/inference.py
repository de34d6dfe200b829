"""Texts to probabilities: batches of like length, results in the order of the texts."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.models.transformer.network import Classifier
from pipeline.models.vectors import unit_length

TOKENS_AT_ONCE = 512


def probabilities(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float64]:
    """Softmax of the logits, (n_sentences, n_labels), float64."""
    results = np.empty((len(texts), network.head.out_features))
    with torch.inference_mode():
        for places, batch in _batches(network, tokenizer, texts, max_length, batch_size):
            logits = network(batch["input_ids"], batch["attention_mask"])["logits"]
            results[places] = torch.softmax(logits.double(), dim=1).cpu().numpy()
    return results


def embeddings(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float32]:
    """Pooled vectors, (n_sentences, n_hidden), float32, scaled to length 1."""
    return unit_length(pooled(network, tokenizer, texts, max_length, batch_size))


def pooled(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float32]:
    """What the head sees: pooled vectors, (n_sentences, n_hidden), float32."""
    results = np.empty((len(texts), network.head.in_features), dtype=np.float32)
    with torch.inference_mode():
        for places, batch in _batches(network, tokenizer, texts, max_length, batch_size):
            results[places] = network.pooled(batch["input_ids"], batch["attention_mask"]).float().cpu().numpy()
    return results


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


def _batches(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> Iterator[tuple[list[int], Any]]:
    """Batches with the places of their sentences, which are sorted by their number of tokens: little is padding."""
    tokens = tokenizer(list(texts), truncation=True, max_length=max_length, padding=False)["input_ids"]
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    device = next(network.parameters()).device
    for start in range(0, len(order), batch_size):
        places = order[start : start + batch_size]
        padded = tokenizer.pad({"input_ids": [tokens[place] for place in places]}, return_tensors="pt")
        yield places, padded.to(device)
