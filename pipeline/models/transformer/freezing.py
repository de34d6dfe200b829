"""Layers that keep what they learned in pre-training (Lee, Tang and Lin 2019, "What would Elsa do?")."""

from typing import Any

from torch import nn

from pipeline.records import StanceError


def freeze(encoder: Any, n_layers: int) -> None:
    """Take the embeddings and the first layers out of training; none for 0.

    Raises:
        StanceError: the encoder has fewer layers, or is not built of layers.
    """
    if n_layers == 0:
        return
    layers = _layers(encoder)
    if n_layers > len(layers):
        raise StanceError(f"train.frozen_layers: {n_layers}: this encoder has {len(layers)} layers. Freeze fewer")
    for module in (encoder.get_input_embeddings(), getattr(encoder, "embeddings", None), *layers[:n_layers]):
        if module is not None:
            module.requires_grad_(False)


def _layers(encoder: Any) -> list[nn.Module]:
    n_layers = encoder.config.num_hidden_layers
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return list(module)
    raise StanceError("train.frozen_layers: this encoder has no list of layers. Set it to 0")
