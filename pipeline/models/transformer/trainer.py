"""The transformers Trainer with what it has no switch for."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import Trainer

from pipeline.config.transformer import TransformerTraining
from pipeline.models.transformer.adversarial import perturbed
from pipeline.models.transformer.averaging import WeightAveraging
from pipeline.models.transformer.checkpoints import clear_when_full
from pipeline.models.transformer.layers import parameter_groups
from pipeline.models.transformer.objective import Objective
from pipeline.models.transformer.pieces import pieces

NETWORK_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class StanceTrainer(Trainer):
    """Trains with an `Objective`; each technique works where its setting asks for it.

    Attributes:
        settings: the `train` section.
        objective: the loss.
        averaging: of the weights; None: the weights as they are.
    """

    def __init__(
        self, *, settings: TransformerTraining, objective: Objective, averaging: WeightAveraging | None, **kwargs: Any
    ) -> None:
        self.settings = settings
        self.objective = objective
        self.averaging = averaging
        super().__init__(compute_loss_func=self._loss, **kwargs)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The loss of a batch; with `r_drop` each sentence is seen twice, under other masks of dropout."""
        tokens = {name: inputs[name] for name in NETWORK_INPUTS if name in inputs}
        if model.training and self.settings.r_drop:
            tokens = {name: values.repeat(2, 1) for name, values in tokens.items()}
        targets = {"labels": inputs["targets"]}  # the Trainer's name for what it hands to the loss
        return super().compute_loss(model, {**tokens, **targets}, return_outputs, num_items_in_batch)

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Gradients of a batch; with `adversarial` those of the batch as it hurts most are added."""
        loss = self._gradients(model, inputs, num_items_in_batch)
        if self.settings.adversarial:
            with perturbed(self.accelerator.unwrap_model(model).encoder, self.settings.adversarial):
                self._gradients(model, inputs, num_items_in_batch)
        return loss

    def _gradients(self, model: nn.Module, inputs: dict[str, Any], n_sentences: Tensor | int | None) -> Tensor:
        """Of a batch, in pieces where it has many tokens; processes that wait for each other take it whole."""
        alone = n_sentences is not None and self.args.world_size == 1
        some = pieces(inputs, self.settings.max_batch_tokens if alone else None)
        return torch.stack(
            [super(StanceTrainer, self).training_step(model, piece, n_sentences) for piece in some]
        ).sum()

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW with a learning rate a layer."""
        how, kwargs = self.get_optimizer_cls_and_kwargs(self.args, self.model)
        learning_rate, weight_decay = self.args.learning_rate, self.args.weight_decay
        groups = parameter_groups(self.model, learning_rate, self.settings.layer_decay, weight_decay)
        optimizer: torch.optim.Optimizer = how(groups, **kwargs)
        self.optimizer = optimizer
        return optimizer

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Figures on the validation part, of the averaged weights where they are averaged."""
        if self.averaging is None:
            return dict(super().evaluate(*args, **kwargs))
        with self.averaging.in_place():
            return dict(super().evaluate(*args, **kwargs))

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        with clear_when_full(self.args.output_dir):
            super()._save_checkpoint(*args, **kwargs)

    def _loss(self, outputs: dict[str, Tensor], targets: Tensor, num_items_in_batch: Tensor | int | None) -> Tensor:
        logits = outputs["logits"]
        if logits.shape[-2] == 2 * len(
            targets
        ):  # seen twice: (…, 2 · n_batch, n_labels) to (n_views, n_batch, n_labels)
            logits = torch.cat([half.reshape(-1, *targets.shape) for half in logits.chunk(2, dim=-2)])
        return self.objective(logits, targets, len(targets) if num_items_in_batch is None else num_items_in_batch)
