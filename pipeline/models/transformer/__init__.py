"""A fine-tuned Hugging Face encoder: `encoder` finds it, `network` puts a head on it, `training` teaches it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from pipeline.config.train import TransformerTraining
from pipeline.models.contract import LabelSet
from pipeline.models.device import choose_precision
from pipeline.models.selection import check_trainable
from pipeline.models.transformer.encoder_model import EncoderModel
from pipeline.models.transformer.freezing import freeze
from pipeline.records import Example, Listener


class TransformerModel(EncoderModel):
    """Encoder and head learn together."""

    kind = "transformer"

    def __init__(self, config: TransformerTraining, labels: LabelSet, *, seed: int, device: str) -> None:
        super().__init__(config, labels, seed=seed, device=device)
        self.precision = choose_precision(config.precision, self.device)

    @classmethod
    def load(cls, folder: Path, config: Any, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        asked = config.model_copy(update={"precision": "fp32"})  # of training; predicting may run elsewhere
        return super().load(folder, asked, labels, seed=seed, device=device)

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """Fine-tune the whole network; the epoch best on the validation part stays."""
        from pipeline.models.transformer.training import fine_tune, set_seed

        check_trainable(train, self.labels)
        self.device_reason += f"; trained in {self.precision.name}, {self.precision.reason}"
        set_seed(self.seed)
        self._begin(self.config.dropout)
        self.network_.still = freeze(self.network_.encoder, self.config.frozen_layers)
        fine_tune(self, train, validation, listener, scratch)
        self.network_.eval()
