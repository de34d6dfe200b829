"""Fit a model on the training part and save it, with the story of its training."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config.augment import AugmentConfig
from pipeline.config.root import Config
from pipeline.config.train import CascadeTraining, FromEncoder
from pipeline.countries import Swapper, load_gazetteer
from pipeline.models import LabelSet, make_model
from pipeline.models.contract import StanceModel
from pipeline.models.encoders import fingerprint_encoder
from pipeline.models.saved import LIBRARIES, MODEL_CARD, load_saved, save_model
from pipeline.records import Example, Listener, Parts, TrainingEvent, ignore
from pipeline.store import fingerprint
from pipeline.store.jsonl import read_rows, write_rows
from pipeline.store.run_folder import Saved, Stage

HISTORY_FILE = "history.jsonl"
MODEL_FOLDER = "model"
COMMON_SOURCES = ("train.py", "models/contract.py", "models/selection.py", "models/saved.py")
SOURCES = {
    "baseline": ("models/baseline.py", "models/logistic.py"),
    "static": ("models/static.py", "models/transformer", "models/encoders.py", "models/vectors.py"),
    "embedding": (
        "models/transformer",
        "models/logistic.py",
        "models/device.py",
        "models/encoders.py",
        "models/vectors.py",
    ),
    "transformer": ("models/transformer", "models/device.py", "models/encoders.py"),
    "cascade": ("models/cascade.py",),
}


@dataclass(frozen=True)
class Trained:
    """What the stage gives: the model, and the figures of its training in order of steps."""

    model: StanceModel
    history: list[TrainingEvent]

    @property
    def validation_macro_f1(self) -> float:
        """The best that the validation part saw: that of the model kept."""
        return max(event.metrics.get("validation_macro_f1", 0.0) for event in self.history)

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        return {
            "validation macro-F1": f"{self.validation_macro_f1:.3f}",
            "device": f"{self.model.device} ({self.model.device_reason})",
        }


def train(
    config: Config,
    parts: Parts,
    listener: Listener = ignore,
    scratch: Path | None = None,
    seed: int | None = None,
) -> Trained:
    """A model fitted on the training part; the validation part chose, the test part was not read.

    Args:
        config: of the run.
        parts: of the examples.
        listener: told of every moment of training worth seeing.
        scratch: folder that outlives a killed run, to go on from.
        seed: of the training; None: the config's first.

    Raises:
        StanceError: the device is absent, the encoder cannot be loaded, or a label has no example.
    """
    seed = config.training_seeds[0] if seed is None else seed
    model = make_model(config.train, label_set(config), seed=seed, device=config.device)
    recorder = Recorder(scratch)
    model.fit(
        augmented(heard(parts.train, config), config.augment, seed),
        parts.validation,
        listener=recorder.also(listener),
        scratch=scratch,
    )
    return Trained(model, recorder.events)


def heard(examples: list[Example], config: Config) -> list[Example]:
    """The examples, with what teachers say of every label; what votes say of it only where `train.soft_labels` asks."""
    if config.teach is not None or getattr(config.train, "soft_labels", False):
        return examples
    return [replace(example, shares=None) for example in examples]


def augmented(examples: list[Example], config: AugmentConfig, seed: int) -> list[Example]:
    """The training part with states swapped in some of its sentences, as the config asks.

    Raises:
        StanceError: the table of states cannot be read.
    """
    if config.countries is None:
        return examples
    swapper, rng = Swapper(load_gazetteer(config.countries), seed), np.random.default_rng(seed)
    chosen = rng.random(len(examples)) < config.share
    return [
        example.with_text(swapper.swap(example.text)[0]) if is_chosen else example
        for example, is_chosen in zip(examples, chosen.tolist(), strict=True)
    ]


def label_set(config: Config) -> LabelSet:
    """The config's labels."""
    return LabelSet(config.labels, config.background)


def encoder_input(config: Config) -> dict[str, str]:
    """Fingerprint of the encoder that training starts from, where it starts from one."""
    if not isinstance(config.train, FromEncoder):
        return {}
    return {"encoder": fingerprint_encoder(config.train.encoder, config.train.revision)}


def models_inputs(config: Config) -> dict[str, str]:
    """Fingerprints of the trained models that a cascade is made of."""
    return {
        key: fingerprint.of_value(fingerprint.of_folder(folder, (MODEL_CARD,))) for key, folder in models_of(config)
    }


def models_of(config: Config) -> list[tuple[str, Path]]:
    """The trained models that a cascade is made of, by key of the config; of other kinds there are none."""
    if not isinstance(config.train, CascadeTraining):
        return []
    return [("train.fast", config.train.fast), ("train.careful", config.train.careful)]


def countries_inputs(config: Config) -> dict[str, str]:
    """Fingerprints of the tables of states that training reads."""
    tables = {"countries": config.augment.countries, "masked": config.train.mask_countries}
    return {name: fingerprint.of_file(path) for name, path in tables.items() if path is not None}


def best(trained: Sequence[Saved[Trained]]) -> Saved[Trained]:
    """The training whose model the validation part prefers; of equals the first."""
    if len(trained) == 1:
        return trained[0]  # and is not read from disk for that
    return max(trained, key=lambda saved: saved.value.validation_macro_f1)


def stage(config: Config, seed: int) -> Stage[Trained]:
    """How the config's kind of model is kept, when it is trained with a seed; the first seed's names have no number."""
    kind = config.train.kind
    number = "" if seed == config.training_seeds[0] else f"-{seed}"

    def load(folder: Path) -> Trained:
        return Trained(load_saved(folder / MODEL_FOLDER, config.device), _read_history(folder / HISTORY_FILE))

    return Stage(
        name=f"train{number}",
        folder=f"training{number}",
        save=_save,
        load=load,
        code=(*COMMON_SOURCES, *SOURCES[kind], *(("countries",) if countries_inputs(config) else ())),
        libraries=LIBRARIES[kind],
        summarize=Trained.summary,
        collective=kind == "transformer",
    )


def is_resumable(scratch: Path) -> bool:
    """Whether a killed training left something there to go on from."""
    return any(scratch.glob("checkpoint-*/whole"))


class Recorder:
    """Keeps the events that have figures, on disk too, so that a killed training's story is whole in the end."""

    def __init__(self, scratch: Path | None) -> None:
        self._path = scratch / HISTORY_FILE if scratch else None
        self._resumed = self._path is not None and self._path.is_file()
        self.events = _read_history(self._path) if self._path and self._resumed else []

    def also(self, listener: Listener) -> Callable[[TrainingEvent], None]:
        """A listener that records, then tells the other."""

        def record(event: TrainingEvent) -> None:
            if event.metrics:
                self._keep(event)
            listener(event)

        return record

    def _keep(self, event: TrainingEvent) -> None:
        if self.events and (self._resumed or event.step < self.events[-1].step):
            # what came after the checkpoint that training went on from happens again
            self.events = [earlier for earlier in self.events if earlier.step < event.step]
        self._resumed = False
        self.events.append(event)
        if self._path is not None:
            _write_history(self._path, self.events)


def _save(result: Trained, folder: Path) -> None:
    _write_history(folder / HISTORY_FILE, result.history)
    (folder / MODEL_FOLDER).mkdir()
    save_model(result.model, folder / MODEL_FOLDER)


def _write_history(path: Path, events: list[TrainingEvent]) -> None:
    write_rows(path, ({**_fields(event), "metrics": dict(event.metrics)} for event in events))


def _fields(event: TrainingEvent) -> dict[str, Any]:
    return {"step": event.step, "total_steps": event.total_steps, "epoch": event.epoch}


def _read_history(path: Path) -> list[TrainingEvent]:
    try:
        return [TrainingEvent(**row) for row in read_rows(path)]
    except (json.JSONDecodeError, TypeError):  # killed while it was written
        return []
