"""A fine-tuned Hugging Face encoder: `encoder` finds it, `network` puts a head on it, `training` teaches it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from pipeline.config.train import TransformerTraining
from pipeline.models.contract import LabelSet
from pipeline.models.device import choose_precision
from pipeline.models.selection import check_trainable
from pipeline.models.transformer.acceleration import faster
from pipeline.models.transformer.encoder_model import EncoderModel
from pipeline.models.transformer.layers import freeze
from pipeline.models.transformer.network import Shape
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
        from pipeline.models.transformer.checkpoints import has_whole
        from pipeline.models.transformer.contrastive import warm_up
        from pipeline.models.transformer.memory import halve_until_it_fits, keep_few_kernels
        from pipeline.models.transformer.training import Tokenized, fine_tune, set_seed

        check_trainable(train, self.labels)
        keep_few_kernels()
        self.device_reason += f"; trained in {self.precision.name}, {self.precision.reason}"
        config = self.config

        def attempt(batch_size: int, n_batches: int) -> None:
            set_seed(self.seed)
            self._begin()
            self.network_.still = freeze(self.network_.encoder, config.frozen_layers)
            parts = Tokenized(self, train, validation)
            with faster(self.network_.encoder, config, self.device):
                if config.contrastive_epochs and not has_whole(scratch):
                    warm_up(self, parts.train, listener)
                fine_tune(self, parts, (batch_size, n_batches), listener, scratch)

        halve_until_it_fits(attempt, config.batch_size, config.gradient_accumulation, listener)
        self.network_.eval()

    def _shape(self) -> Shape:
        config = self.config
        return Shape(len(self.labels.all), config.pooling, config.head, config.dropout, config.dropout_samples)
