"""Zero-shot labels by any model of natural-language inference: does the sentence entail what a label says?

Each label is a hypothesis in one sentence (Yin et al. 2019, https://arxiv.org/abs/1909.00161). A hypothesis holds by
the softmax over the model's logits for entailment and contradiction, without neutral; what holds of all labels is then
scaled to sum to 1.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import log_softmax
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from pipeline.labeling.annotators.answers import Answer, Progress
from pipeline.models.batches import MAX_TOKENS, of_like_length, padded
from pipeline.models.device import Choice, choose_device
from pipeline.records import StanceError

SAFE = {"trust_remote_code": False}  # said outright: left open, transformers asks, and a "y" would run a model's code
MAX_LENGTH = 256  # tokens of a sentence with a hypothesis; longer sentences lose their end
WINDOW = 256  # sentences that are sorted by length and computed together
BATCH_SIZE = 32


class NliModel:
    """A model that tells how far a hypothesis holds of a sentence.

    Args:
        place: a folder, or an id on the Hugging Face hub.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises:
        StanceError: it cannot be loaded, knows no entailment, or the device is absent.
    """

    def __init__(self, place: str, device: str = "auto") -> None:
        self.device: Choice = choose_device(device)
        self._network, self._tokenizer, self._classes = _load(place)
        self._network.to(self.device.name).eval()

    def ask(self, texts: Sequence[str], hypotheses: Mapping[str, str], progress: Progress) -> list[Answer]:
        """The label of each text whose hypothesis holds the most, of equal ones the first; and how far it does."""
        labels, answers = list(hypotheses), []
        for start in range(0, len(texts), WINDOW):
            proba = self.proba(texts[start : start + WINDOW], list(hypotheses.values()))
            answers += [
                Answer(labels[best], row[best]) for best, row in zip(proba.argmax(1), proba.tolist(), strict=True)
            ]
            progress(len(answers))
        return answers

    def proba(
        self, texts: Sequence[str], hypotheses: Sequence[str], *, batch_size: int = BATCH_SIZE
    ) -> NDArray[np.float64]:
        """How far each hypothesis holds of each text, (n_texts, n_hypotheses); each row sums to 1."""
        logits = self._logits([text for text in texts for _ in hypotheses], list(hypotheses) * len(texts), batch_size)
        entailed = log_softmax(logits[:, self._classes], dim=1)[:, 0]
        proba: NDArray[np.float64] = entailed.view(len(texts), len(hypotheses)).softmax(dim=1).numpy()
        return proba

    def _logits(self, texts: Sequence[str], hypotheses: Sequence[str], batch_size: int) -> torch.Tensor:
        """Of each pair, (n_pairs, n_classes), float64."""
        length = min(MAX_LENGTH, _longest(self._network.config, self._tokenizer))
        encoded = self._tokenizer(list(texts), list(hypotheses), truncation="only_first", max_length=length)
        ids = encoded["input_ids"]
        tokens = MAX_TOKENS if self.device.name == "cpu" else batch_size * length
        batches, rows = of_like_length(ids, batch_size, tokens), []
        with torch.inference_mode():
            for places in batches:
                numbers, mask = padded([ids[place] for place in places], self._tokenizer.pad_token_id or 0)
                given = {"input_ids": numbers, "attention_mask": mask}
                if "token_type_ids" in encoded:
                    given["token_type_ids"] = padded([encoded["token_type_ids"][place] for place in places], 0)[0]
                moved = {name: torch.from_numpy(values).to(self.device.name) for name, values in given.items()}
                rows.append(self._network(**moved).logits.double().cpu())
        logits = torch.cat(rows)
        found = torch.empty_like(logits)
        found[np.concatenate(batches)] = logits
        return found


def entailment_first(names: Mapping[int, str], place: str) -> list[int]:
    """The number of the class for entailment, then the one for contradiction; without that, of all others.

    Args:
        names: of the model's classes, by number.
        place: of the model, for the message.

    Raises:
        StanceError: no class is named after entailment.
    """
    lower = {number: name.lower() for number, name in names.items()}
    entails = [number for number, name in lower.items() if name.startswith("entail")]
    if not entails:
        raise StanceError(
            f"--model {place}: none of its classes is named after entailment; found {', '.join(names.values())}. Take "
            "a model of natural-language inference, with id2label in its config.json"
        )
    contradicts = [number for number, name in lower.items() if name.startswith("contradict")]
    return entails[:1] + (contradicts or [number for number in names if number not in entails])


def _load(place: str) -> tuple[Any, Any, list[int]]:
    """The network, its tokenizer, and the classes that count, entailment first."""
    looks_like_path = place.startswith((".", "/", "~")) or place.count("/") > 1
    if looks_like_path and not Path(place).is_dir():
        raise StanceError(f"--model {place}: no such folder. Check the path, or name a Hugging Face id")
    logging.disable_progress_bar()
    try:
        config = AutoConfig.from_pretrained(place, **SAFE)
        classes = entailment_first(config.id2label, place)
        tokenizer = AutoTokenizer.from_pretrained(place, **SAFE)
        network, report = AutoModelForSequenceClassification.from_pretrained(
            place, config=config, use_safetensors=True, dtype="float32", output_loading_info=True, **SAFE
        )
    except StanceError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a foreign or missing model makes transformers raise)
        raise StanceError(_why_not(place, error)) from None
    if report["missing_keys"]:
        raise StanceError(
            f"--model {place}: its weights lack {sorted(report['missing_keys'])[0]}: it was never trained to classify. "
            "Take a model of natural-language inference"
        )
    return network, tokenizer, classes


def _longest(config: Any, tokenizer: Any) -> int:
    """The most tokens that the model reads; some keep the first two positions to themselves."""
    positions = getattr(config, "max_position_embeddings", None) or MAX_LENGTH + 2
    return min(int(positions) - 2, int(tokenizer.model_max_length))


def _why_not(place: str, error: Exception) -> str:
    first = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    network = "that it was fetched before (HF_HUB_OFFLINE is set, so nothing is now)" if offline else "the network"
    return (
        f"--model {place}: cannot be loaded: {first}. Check the name and {network}, or give a local folder with "
        "config.json, model.safetensors and a tokenizer"
    )
