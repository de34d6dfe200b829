"""Layers that keep what they learned in pre-training (Lee, Tang and Lin 2019, "What would Elsa do?")."""

from typing import Any

from torch import nn

from pipeline.records import StanceError


def freeze(encoder: Any, n_layers: int) -> list[nn.Module]:
    """Take the embeddings and the first layers out of training; none for 0.

    Returns:
        What was frozen. Dropout has nothing to keep from overfitting there; `Classifier.still` leaves it out.

    Raises:
        StanceError: the encoder has fewer layers, or is not built of layers.
    """
    if n_layers == 0:
        return []
    layers = _layers(encoder)
    if n_layers > len(layers):
        raise StanceError(f"train.frozen_layers: {n_layers}: this encoder has {len(layers)} layers. Freeze fewer")
    found = (encoder.get_input_embeddings(), getattr(encoder, "embeddings", None), *layers[:n_layers])
    frozen = [module for module in found if module is not None]
    for module in frozen:
        module.requires_grad_(False)
    return frozen


def _layers(encoder: Any) -> list[nn.Module]:
    n_layers = encoder.config.num_hidden_layers
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return list(module)
    raise StanceError("train.frozen_layers: this encoder has no list of layers. Set it to 0")
