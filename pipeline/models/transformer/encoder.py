"""Where an encoder's weights come from: a package, a folder, or the Hugging Face hub."""

from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from pipeline.models.encoders import locate
from pipeline.records import StanceError


def load_encoder(encoder: str, revision: str) -> tuple[Any, Any]:
    """An encoder with its weights, and its tokenizer.

    Raises:
        StanceError: neither package, folder nor hub gives it.
    """
    place = locate(encoder)
    logging.disable_progress_bar()  # of a second or less; training shows its own
    with _clear(encoder):
        tokenizer = AutoTokenizer.from_pretrained(place, revision=revision)
        model = AutoModel.from_pretrained(place, revision=revision, use_safetensors=True, dtype="float32")
    return _without_pooler(model), tokenizer


def load_structure(folder: Path) -> tuple[Any, Any]:
    """An encoder as described in a saved model's folder, its weights still to be set; and its tokenizer."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_config(AutoConfig.from_pretrained(folder), dtype="float32")
    return _without_pooler(model), tokenizer


def _without_pooler(model: Any) -> Any:
    """Leave the pooler that some encoders bring out of training: its output is not used here."""
    pooler = getattr(model, "pooler", None)
    if pooler is not None:
        pooler.requires_grad_(False)
    return model


class _clear:  # noqa: N801 (used like a function)
    """Turn what transformers raises for a missing or broken encoder into a user's error."""

    def __init__(self, encoder: str) -> None:
        self._encoder = encoder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, (OSError, ValueError)):
            first = str(error).strip().splitlines()[0]
            raise StanceError(
                f"train.encoder: {self._encoder}: cannot be loaded: {first} Check the name and the network, or give "
                "a local folder with config.json, model.safetensors and a tokenizer"
            ) from None
