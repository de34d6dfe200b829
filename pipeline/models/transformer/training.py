"""Fine-tuning with the transformers Trainer."""

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from datasets import Dataset
from torch.nn.functional import cross_entropy
from transformers import DataCollatorWithPadding, EarlyStoppingCallback, Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback
from transformers.training_args import ParallelMode

from pipeline.models.selection import macro_f1
from pipeline.models.transformer.checkpoints import MarkWhole, epochs_until_patience_ended, last_whole
from pipeline.models.transformer.reporting import Reporter
from pipeline.records import Example, Listener

if TYPE_CHECKING:
    from pipeline.models.transformer import TransformerModel

__all__ = ["fine_tune", "set_seed"]

CURVE_POINTS = 20  # of the training loss, an epoch at most


def fine_tune(
    model: "TransformerModel",
    train: Sequence[Example],
    validation: Sequence[Example],
    listener: Listener,
    scratch: Path | None,
) -> None:
    """Train the model's network in place; it ends with the weights of the epoch best on the validation part."""
    with TemporaryDirectory() as temporary:
        folder = scratch or Path(temporary)
        arguments = _arguments(model, folder, len(train))
        checkpoint = last_whole(folder, arguments.world_size)
        ended = checkpoint and epochs_until_patience_ended(checkpoint, model.config.early_stopping)
        if ended:  # only the best epoch has to be fetched
            arguments.num_train_epochs = ended
        trainer = Trainer(
            model=model.network_,
            args=arguments,
            train_dataset=_tokenized(model, train),
            eval_dataset=_tokenized(model, validation),
            data_collator=DataCollatorWithPadding(model.tokenizer_),
            compute_loss_func=_loss_function(model, train),
            compute_metrics=lambda output: {"macro_f1": _macro_f1(model, output)},
            callbacks=[EarlyStoppingCallback(model.config.early_stopping), MarkWhole(), Reporter(listener)],
        )
        trainer.remove_callback(PrinterCallback)
        with warnings.catch_warnings():
            # torch's own scheduler warns of its own use by accelerate when the first step is resumed
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def _arguments(model: "TransformerModel", folder: Path, n_train: int) -> TrainingArguments:
    config = model.config
    steps_an_epoch = max(1, n_train // (config.batch_size * config.gradient_accumulation))
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        warmup_steps=config.warmup,  # below 1 it is a share of all steps
        weight_decay=config.weight_decay,
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length" if config.length_grouping else "random",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,  # how long early stopping has waited
        metric_for_best_model="macro_f1",
        logging_steps=max(1, steps_an_epoch // CURVE_POINTS),
        label_names=["labels"],
        seed=model.seed,
        data_seed=model.seed,
        use_cpu=model.device == "cpu",
        bf16=model.precision.name == "bf16",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
    )
    if arguments.parallel_mode is ParallelMode.NOT_DISTRIBUTED:
        arguments._n_gpu = min(arguments.n_gpu, 1)  # one process, one GPU; several are torchrun's
    return arguments


def _tokenized(model: "TransformerModel", examples: Sequence[Example]) -> Dataset:
    texts = [example.text for example in examples]
    columns = dict(model.tokenizer_(texts, truncation=True, max_length=model.config.max_length))
    columns["labels"] = [model.labels.all.index(example.label) for example in examples]
    columns["length"] = [len(ids) for ids in columns["input_ids"]]
    return Dataset.from_dict(columns)


def _loss_function(model: "TransformerModel", train: Sequence[Example]) -> Any:
    """Weighted cross-entropy, averaged over the sentences of a step, however it is cut into batches."""
    weights = class_weights(model, train) if model.config.class_weights == "balanced" else None
    smoothing = model.config.label_smoothing

    def loss(output: dict[str, torch.Tensor], labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
        logits = output["logits"]
        weight = None if weights is None else weights.to(logits)
        total = cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing, reduction="sum")
        return total / (num_items_in_batch if num_items_in_batch is not None else len(labels))

    return loss


def class_weights(model: "TransformerModel", train: Sequence[Example]) -> torch.Tensor:
    """A weight a label, (n_labels,): n / (n_labels · n_label), so that their mean over the training part is 1.

    King and Zeng (2001), as scikit-learn's ``balanced``.
    """
    counts = Counter(example.label for example in train)
    labels = model.labels.all
    return torch.tensor([len(train) / (len(labels) * counts[label]) for label in labels])


def _macro_f1(model: "TransformerModel", output: Any) -> float:
    names = np.array(model.labels.all)
    true, predicted = names[output.label_ids], names[output.predictions.argmax(axis=1)]
    return macro_f1(true.tolist(), predicted.tolist(), model.labels)
