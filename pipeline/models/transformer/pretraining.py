"""Masked-language modeling: an encoder guesses words of the field that are hidden from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import AutoModelForMaskedLM, DataCollatorForLanguageModeling, Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback
from transformers.utils import logging

from pipeline.config.pretrain import PretrainConfig
from pipeline.models.device import choose_device, choose_precision
from pipeline.models.encoders import locate
from pipeline.models.transformer.arguments import on_one_device
from pipeline.models.transformer.checkpoints import MarkWhole, clear_when_full, last_whole
from pipeline.models.transformer.encoder import CARD_FILE, SAFE, check_length, load_encoder
from pipeline.models.transformer.memory import clear_out_of_memory
from pipeline.models.transformer.reporting import Reporter
from pipeline.records import Listener, StanceError

CURVE_POINTS = 20  # of the loss, an epoch at most
HELD_OUT = 0.05  # of the sentences, which are only guessed, never learned from; but of few, at least
FEW = 50


@dataclass(frozen=True)
class Read:
    """An encoder of transformers that has read, its tokenizer, and its loss on what was held out, an epoch each."""

    encoder: Any
    tokenizer: Any
    losses: tuple[float, ...]


class _Trainer(Trainer):
    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        with clear_when_full(self.args.output_dir):
            super()._save_checkpoint(*args, **kwargs)


def pretrain(
    texts: Sequence[str],
    encoder: tuple[str, str],
    config: PretrainConfig,
    *,
    seed: int,
    device: str,
    listener: Listener,
    scratch: Path,
) -> "Read":
    """An encoder that has read the texts.

    Args:
        texts: sentences.
        encoder: name or folder of the one to start from, and its revision.
        config: how to read.
        seed: of everything random.
        device: as in the config.
        listener: told of every step.
        scratch: folder for checkpoints; a killed run goes on from what is there.

    Raises:
        StanceError: there is no such encoder, or it has no token to hide words with.
    """
    set_seed(seed)
    plain, tokenizer = load_encoder(*encoder)
    check_length(config.max_length, plain, tokenizer)
    _check_hides(tokenizer, encoder[0])
    model = _with_head(plain, encoder)
    halves = _halves(tokenizer(list(texts), truncation=True, max_length=config.max_length)["input_ids"], seed)
    trainer = _Trainer(
        model=model,
        args=_arguments(config, scratch, len(halves["train"]), seed, choose_device(device).name),
        train_dataset=halves["train"],
        eval_dataset=halves["test"],
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=config.mask_share),
        callbacks=[MarkWhole(), Reporter(listener, "pretrain")],
    )
    trainer.remove_callback(PrinterCallback)
    checkpoint = last_whole(scratch, trainer.args.world_size)
    with clear_out_of_memory(f"pretrain.batch_size: {config.batch_size}", "pretrain.batch_size or pretrain.max_length"):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    losses = tuple(float(entry["eval_loss"]) for entry in trainer.state.log_history if "eval_loss" in entry)
    return Read(model.base_model, tokenizer, losses)


def _check_hides(tokenizer: Any, encoder: str) -> None:
    if tokenizer.mask_token_id is None:
        raise StanceError(
            f"pretrain: {encoder}: its tokenizer has no mask token, so that no word can be hidden. Set pretrain to "
            "null, or take another encoder"
        )


def _halves(ids: list[list[int]], seed: int) -> Any:
    """What is read, and what is held out, as `train` and `test`."""
    every = Dataset.from_dict({"input_ids": ids, "length": [len(row) for row in ids]})
    n_held_out = max(int(HELD_OUT * len(every)), min(FEW, len(every) // 2))
    return every.train_test_split(test_size=n_held_out, seed=seed)


def _with_head(plain: Any, encoder: tuple[str, str]) -> Any:
    """The encoder with a head that guesses words: its own where the file has one."""
    place = locate(encoder[0])
    if not (Path(place) / CARD_FILE).is_file():
        logging.set_verbosity_error()  # a head that is not in the file is learned here
        return AutoModelForMaskedLM.from_pretrained(
            place, revision=encoder[1], use_safetensors=True, dtype="float32", **SAFE
        )
    model = AutoModelForMaskedLM.from_config(plain.config, dtype="float32", **SAFE)
    model.base_model.load_state_dict(plain.state_dict(), strict=False)  # a pooler may be too much
    return model


def _arguments(config: PretrainConfig, folder: Path, n: int, seed: int, device: str) -> TrainingArguments:
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=config.learning_rate,
        warmup_steps=0.1,
        weight_decay=0.01,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=max(1, n // config.batch_size // CURVE_POINTS),
        seed=seed,
        data_seed=seed,
        use_cpu=device == "cpu",
        bf16=choose_precision("auto", device).name == "bf16",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
    )
    return on_one_device(arguments)
