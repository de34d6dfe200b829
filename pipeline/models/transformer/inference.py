"""Texts to probabilities: batches of like length, results in the order of the texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.models.transformer.network import Classifier


def probabilities(
    network: Classifier, tokenizer: Any, texts: Sequence[str], max_length: int, batch_size: int
) -> NDArray[np.float64]:
    """Softmax of the logits, (n_sentences, n_labels), float64.

    Sentences are sorted by their number of tokens, so that little is padding.
    """
    tokens = tokenizer(list(texts), truncation=True, max_length=max_length, padding=False)["input_ids"]
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    device = next(network.parameters()).device
    results = np.empty((len(tokens), network.head.out_features))
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            padded = tokenizer.pad({"input_ids": [tokens[place] for place in batch]}, return_tensors="pt").to(device)
            logits = network(padded["input_ids"], padded["attention_mask"])["logits"]
            results[batch] = torch.softmax(logits.double(), dim=1).cpu().numpy()
    return results
