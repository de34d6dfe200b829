"""A Hugging Face encoder with a head, saved and applied; how the two learn is up to each kind of model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from pipeline.config.train import EncoderTraining
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.device import choose_device
from pipeline.models.transformer.encoder import WEIGHTS_FILE, check_length, load_encoder, load_structure
from pipeline.models.transformer.inference import embeddings, probabilities
from pipeline.models.transformer.network import Classifier, Shape


class EncoderModel(StanceModel):
    """An encoder with a head. Attributes that `fit` sets: `network_`, `tokenizer_`."""

    runs_on_gpus = True

    network_: Classifier
    tokenizer_: Any

    def __init__(self, config: EncoderTraining, labels: LabelSet, *, seed: int, device: str) -> None:
        choice = choose_device(device)
        super().__init__(config, labels, seed=seed, device=choice.name)
        self.device_reason = choice.reason

    def _begin(self) -> None:
        """Load the encoder of the config and put a head on it that has learned nothing."""
        encoder, self.tokenizer_ = load_encoder(self.config.encoder, self.config.revision)
        check_length(self.config.max_length, encoder, self.tokenizer_)
        self.network_ = Classifier(encoder, self._shape())

    def _shape(self) -> Shape:
        return Shape(len(self.labels.all), self.config.pooling)

    def _raw_proba(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """Probabilities before calibration, (n_sentences, n_labels), columns as `labels.all`."""
        if not texts:
            return np.empty((0, len(self.labels.all)))
        return probabilities(self.network_, self.tokenizer_, texts, self.config.max_length, batch_size)

    def _embed(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float32]:
        """Pooled vectors, (n_sentences, hidden size), before the head, scaled to length 1."""
        if not texts:
            return np.empty((0, self.network_.head.in_features), dtype=np.float32)
        return embeddings(self.network_, self.tokenizer_, texts, self.config.max_length, batch_size)

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), the encoder's description and its tokenizer."""
        self.network_.encoder.config.save_pretrained(folder)
        self.tokenizer_.save_pretrained(folder)
        weights = {name: weight.contiguous().cpu() for name, weight in self.network_.state_dict().items()}
        save_file(weights, folder / WEIGHTS_FILE, metadata={"format": "pt"})

    @classmethod
    def load(cls, folder: Path, config: EncoderTraining, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        model = cls(config, labels, seed=seed, device=device)
        encoder, model.tokenizer_ = load_structure(folder)
        model.network_ = Classifier(encoder, model._shape())
        model.network_.load_state_dict(load_file(folder / WEIGHTS_FILE))
        model.network_.to(torch.device(model.device)).eval()
        return model
