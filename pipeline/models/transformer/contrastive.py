"""A warm-up in which sentences of one label move together, and those of others apart, before the head learns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import torch
from datasets import Dataset
from torch import Tensor
from torch.nn.functional import normalize
from torch.utils.data import DataLoader, Sampler
from transformers import DataCollatorWithPadding, Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from pipeline.models.transformer.arguments import on_one_device
from pipeline.models.transformer.memory import clear_out_of_memory
from pipeline.models.transformer.reporting import Reporter
from pipeline.models.transformer.trainer import NETWORK_INPUTS
from pipeline.records import Listener, TrainingEvent

if TYPE_CHECKING:
    from pipeline.models.transformer import TransformerModel

TEMPERATURE = 0.1  # Khosla et al. 2020


def contrastive_loss(vectors: Tensor, labels: Tensor) -> Tensor:
    """Mean over sentences of how far the others of its label are from being its nearest (Khosla et al. 2020, eq. 2).

    Every pair of the batch counts, and none is stored: memory grows with the batch, not with the pairs of the corpus.

    Args:
        vectors: (n_sentences, n_hidden), of any length.
        labels: (n_sentences,). A sentence whose label no other has counts for nothing.
    """
    unit = normalize(vectors.float(), dim=1)
    itself = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    logits = (unit @ unit.T / TEMPERATURE).masked_fill(itself, -torch.inf)
    nearness = torch.log_softmax(logits, dim=1).masked_fill(itself, 0.0)
    alike = (labels[:, None] == labels[None, :]) & ~itself
    n_alike = alike.sum(dim=1)
    each = -(nearness * alike).sum(dim=1) / n_alike.clamp(min=1)
    return each[n_alike > 0].mean() if bool((n_alike > 0).any()) else vectors.sum() * 0.0


class Balanced(Sampler[int]):
    """Sentences in an order in which labels take turns; rare ones come more than once an epoch."""

    def __init__(self, labels: Sequence[int], seed: int) -> None:
        self._labels = torch.tensor(labels)
        self._generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[int]:
        found = sorted(set(self._labels.tolist()))
        a_turn = -(-len(self) // len(found))
        turns = [self._some(torch.nonzero(self._labels == label).flatten(), a_turn) for label in found]
        yield from torch.stack(turns, dim=1).flatten().tolist()[: len(self)]

    def _some(self, places: Tensor, n: int) -> Tensor:
        """So many of the places in random order, each before any comes again."""
        rounds = [places[torch.randperm(len(places), generator=self._generator)] for _ in range(-(-n // len(places)))]
        return torch.cat(rounds)[:n]


class ContrastiveTrainer(Trainer):
    """Trains what a classifier's head will see."""

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **kwargs: Any) -> Tensor:
        """The loss of a batch."""
        tokens = {name: inputs[name] for name in NETWORK_INPUTS if name in inputs}
        return contrastive_loss(model(**tokens, vectors_only=True)["vectors"], inputs["labels"])

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches in which every label has its share."""
        dataset: Any = self.train_dataset
        loader = DataLoader(
            dataset,
            batch_size=self.args.train_batch_size,
            sampler=Balanced(dataset["labels"], self.args.seed),
            collate_fn=self.data_collator,
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared


def warm_up(model: "TransformerModel", train: Dataset, listener: Listener) -> None:
    """Train the encoder so, for as many epochs as the config says, at its learning rate."""
    config = model.config

    def hear(event: TrainingEvent) -> None:
        listener(replace(event, metrics={}))  # its figures are of another kind than those of the training that follows

    with TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=config.contrastive_epochs,
            per_device_train_batch_size=config.contrastive_batch_size,
            learning_rate=config.learning_rate,
            warmup_steps=config.warmup,
            weight_decay=config.weight_decay,
            save_strategy="no",
            logging_strategy="no",
            remove_unused_columns=False,
            ddp_find_unused_parameters=True,  # the head's
            seed=model.seed,
            use_cpu=model.device == "cpu",
            bf16=model.precision.name == "bf16",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = ContrastiveTrainer(
            model=model.network_,
            args=on_one_device(arguments),
            train_dataset=train,
            data_collator=DataCollatorWithPadding(model.tokenizer_),
            callbacks=[Reporter(hear)],
        )
        trainer.remove_callback(PrinterCallback)
        with clear_out_of_memory(
            f"train.contrastive_batch_size: {config.contrastive_batch_size}",
            "train.contrastive_batch_size or train.max_length",
        ):
            trainer.train()
        trainer.accelerator.unwrap_model(model.network_, keep_fp32_wrapper=False)
