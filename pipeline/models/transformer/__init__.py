"""A fine-tuned Hugging Face encoder: `encoder` finds it, `network` puts a head on it, `training` teaches it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from pipeline.config.train import TransformerTraining
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.device import choose_device, choose_precision
from pipeline.models.selection import check_trainable
from pipeline.models.transformer.encoder import check_length, load_encoder, load_structure
from pipeline.models.transformer.freezing import freeze
from pipeline.models.transformer.inference import embeddings, probabilities
from pipeline.models.transformer.network import Classifier
from pipeline.records import Example, Listener

WEIGHTS_FILE = "model.safetensors"


class TransformerModel(StanceModel):
    """An encoder with a linear head. Attributes that `fit` sets: `network_`, `tokenizer_`."""

    kind = "transformer"

    network_: Classifier
    tokenizer_: Any

    def __init__(self, config: TransformerTraining, labels: LabelSet, *, seed: int, device: str) -> None:
        choice = choose_device(device)
        super().__init__(config, labels, seed=seed, device=choice.name)
        self.device_reason = choice.reason
        self.precision = choose_precision(config.precision, choice.name)

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """Fine-tune the whole network; the epoch best on the validation part stays."""
        from pipeline.models.transformer.training import fine_tune, set_seed

        check_trainable(train, self.labels)
        self.device_reason += f"; trained in {self.precision.name}, {self.precision.reason}"
        set_seed(self.seed)
        encoder, self.tokenizer_ = load_encoder(self.config.encoder, self.config.revision)
        check_length(self.config.max_length, encoder, self.tokenizer_)
        self.network_ = Classifier(encoder, len(self.labels.all), self.config.pooling, self.config.dropout)
        self.network_.still = freeze(encoder, self.config.frozen_layers)
        fine_tune(self, train, validation, listener, scratch)
        self.network_.eval()

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
    def load(cls, folder: Path, config: TransformerTraining, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        asked = config.model_copy(update={"precision": "fp32"})  # of training; predicting may run elsewhere
        model = cls(asked, labels, seed=seed, device=device)
        encoder, model.tokenizer_ = load_structure(folder)
        model.network_ = Classifier(encoder, len(labels.all), config.pooling, config.dropout)
        model.network_.load_state_dict(load_file(folder / WEIGHTS_FILE))
        model.network_.to(torch.device(model.device)).eval()
        return model
