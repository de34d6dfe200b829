"""The encoder's layers: which keep what they learned in pre-training, and how fast the others learn."""

from typing import Any

from torch import nn

from pipeline.records import StanceError


def freeze(encoder: Any, n_layers: int) -> list[nn.Module]:
    """Take the embeddings and the first layers out of training; none for 0 (Lee, Tang and Lin 2019).

    Returns:
        What was frozen. Dropout has nothing to keep from overfitting there; `Classifier.still` leaves it out.

    Raises:
        StanceError: the encoder has fewer layers, or is not built of layers.
    """
    if n_layers == 0:
        return []
    layers = _layers(encoder, "train.frozen_layers", "0")
    if n_layers > len(layers):
        raise StanceError(f"train.frozen_layers: {n_layers}: this encoder has {len(layers)} layers. Freeze fewer")
    frozen = [*_embeddings(encoder), *layers[:n_layers]]
    for module in frozen:
        module.requires_grad_(False)
    return frozen


def parameter_groups(network: Any, learning_rate: float, layer_decay: float, weight_decay: float) -> list[Any]:
    """What an optimizer should learn, and how fast: the head first, at the full rate, then layer below layer.

    The rate of a layer is `layer_decay` times that of the one above it (Howard and Ruder 2018). Biases and
    normalization do not decay.

    Raises:
        StanceError: the rate should fall, and the encoder is not built of layers.
    """
    places: dict[int, int] = {}
    n_layers = 0
    if layer_decay != 1.0:
        layers = _layers(network.encoder, "train.layer_decay", "1.0")
        n_layers = len(layers)
        for below, modules in enumerate([_embeddings(network.encoder), *([layer] for layer in layers)]):
            for parameter in (each for module in modules for each in module.parameters()):
                places[id(parameter)] = n_layers + 1 - below
    groups: dict[tuple[int, bool], list[Any]] = {}
    for parameter in network.parameters():
        if parameter.requires_grad:
            groups.setdefault((places.get(id(parameter), 0), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": learning_rate * layer_decay**below,
            "weight_decay": weight_decay if decays else 0.0,
        }
        for (below, decays), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]


def _embeddings(encoder: Any) -> list[nn.Module]:
    found = (encoder.get_input_embeddings(), getattr(encoder, "embeddings", None))
    return [module for module in found if module is not None]


def _layers(encoder: Any, key: str, off: str) -> list[nn.Module]:
    n_layers = encoder.config.num_hidden_layers
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return list(module)
    raise StanceError(f"{key}: this encoder has no list of layers. Set it to {off}")
