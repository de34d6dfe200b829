"""Fine-tuning with the transformers Trainer."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from datasets import Dataset
from transformers import DataCollatorWithPadding, EarlyStoppingCallback, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from pipeline.models.selection import macro_f1
from pipeline.models.transformer.arguments import on_one_device
from pipeline.models.transformer.averaging import WeightAveraging
from pipeline.models.transformer.checkpoints import MarkWhole, epochs_until_patience_ended, last_whole
from pipeline.models.transformer.objective import Objective, class_weights, targets
from pipeline.models.transformer.reporting import Reporter
from pipeline.models.transformer.trainer import StanceTrainer
from pipeline.records import Example, Listener

if TYPE_CHECKING:
    from pipeline.models.transformer import TransformerModel

__all__ = ["Tokenized", "fine_tune", "set_seed"]

SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}
CURVE_POINTS = 20  # of the training loss, an epoch at most


def fine_tune(
    model: "TransformerModel", parts: "Tokenized", batches: tuple[int, int], listener: Listener, scratch: Path | None
) -> None:
    """Train the model's network in place; it ends with the weights of the epoch best on the validation part.

    Args:
        model: with a network that has learned nothing; a checkpoint's weights take their place.
        parts: of the examples.
        batches: sentences of a batch on each device, and batches of a step.
        listener: told of every step.
        scratch: folder for checkpoints; None: one that is gone in the end.
    """
    with TemporaryDirectory() as temporary:
        _train(model, parts, listener, _arguments(model, scratch or Path(temporary), len(parts.train), *batches))


def _train(model: "TransformerModel", parts: "Tokenized", listener: Listener, arguments: TrainingArguments) -> None:
    config, network, folder = model.config, model.network_, Path(arguments.output_dir)
    checkpoint = last_whole(folder, arguments.world_size)
    ended = checkpoint and epochs_until_patience_ended(checkpoint, config.early_stopping)
    if ended:  # only the best epoch has to be fetched
        arguments.num_train_epochs = ended
    averaging = WeightAveraging(network, config.average_decay) if config.average_decay else None
    if averaging and checkpoint:
        averaging.read(checkpoint)
    callbacks = [EarlyStoppingCallback(config.early_stopping), *([averaging] if averaging else [])]
    trainer = StanceTrainer(
        settings=config,
        objective=Objective(parts.weights, config.label_smoothing, config.r_drop),
        averaging=averaging,
        model=network,
        args=arguments,
        train_dataset=parts.train,
        eval_dataset=parts.validation,
        data_collator=DataCollatorWithPadding(model.tokenizer_),
        compute_metrics=lambda output: {"macro_f1": _macro_f1(model, output)},
        callbacks=[*callbacks, MarkWhole(), Reporter(listener)],
    )
    trainer.remove_callback(PrinterCallback)
    with warnings.catch_warnings():
        # torch's own scheduler warns of its own use by accelerate when the first step is resumed
        warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.accelerator.unwrap_model(network, keep_fp32_wrapper=False)  # predicts in fp32, as when it is loaded
    if averaging:
        averaging.read(Path(trainer.state.best_model_checkpoint or folder))
        averaging.put_in()


def _arguments(
    model: "TransformerModel", folder: Path, n_train: int, batch_size: int, n_batches: int
) -> TrainingArguments:
    config = model.config
    steps_an_epoch = max(1, n_train // (batch_size * n_batches))
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=batch_size,
        per_device_eval_batch_size=32,
        gradient_accumulation_steps=n_batches,
        learning_rate=config.learning_rate,
        warmup_steps=config.warmup,  # below 1 it is a share of all steps
        weight_decay=config.weight_decay,
        lr_scheduler_type=SCHEDULES[config.schedule],
        train_sampling_strategy="group_by_length" if config.length_grouping else "random",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,  # how long early stopping has waited
        metric_for_best_model="macro_f1",
        logging_steps=max(1, steps_an_epoch // CURVE_POINTS),
        label_names=["labels"],
        remove_unused_columns=False,  # the loss wants the targets
        seed=model.seed,
        data_seed=model.seed,
        use_cpu=model.device == "cpu",
        bf16=model.precision.name == "bf16",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
    )
    return on_one_device(arguments)


class Tokenized:
    """Both parts as the network reads them, and what the labels of the training part weigh."""

    def __init__(self, model: "TransformerModel", train: Sequence[Example], validation: Sequence[Example]) -> None:
        self.train = _tokenized(model, train)
        self.validation = _tokenized(model, sorted(validation, key=lambda e: len(e.text)))  # batches of like length
        balanced = model.config.class_weights == "balanced"
        self.weights = class_weights(train, model.labels) if balanced else None


def _tokenized(model: "TransformerModel", examples: Sequence[Example]) -> Dataset:
    texts = [example.text for example in examples]
    columns = dict(model.tokenizer_(texts, truncation=True, max_length=model.config.max_length))
    columns["labels"] = [model.labels.all.index(example.label) for example in examples]
    columns["targets"] = targets(examples, model.labels, by_votes=model.config.soft_labels)
    columns["length"] = [len(ids) for ids in columns["input_ids"]]
    return Dataset.from_dict(columns)


def _macro_f1(model: "TransformerModel", output: Any) -> float:
    names = np.array(model.labels.all)
    true, predicted = names[output.label_ids], names[output.predictions.argmax(axis=1)]
    return macro_f1(true.tolist(), predicted.tolist(), model.labels)
