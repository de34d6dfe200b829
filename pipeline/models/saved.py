"""A saved model's folder: what the model wrote, and `stance.json`, which says what it is and knows if it is whole."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline.config.exported import PACKAGES, ExportedSettings
from pipeline.config.train import TrainConfig
from pipeline.countries.masking import Masker
from pipeline.models import KINDS, LabelSet, StanceModel, model_class
from pipeline.models.calibration import Abstention, Calibration
from pipeline.records import StanceError, listing
from pipeline.store import fingerprint

CARD_FILE = "stance.json"
MODEL_CARD = "MODEL_CARD.md"  # for people, who may change it
STATES_FILE = "countries.jsonl"  # of a model that sees stand-ins
FORMAT = 2
WITHOUT_TORCH = {"exported"}  # kinds that know their devices themselves
LIBRARIES = {
    "baseline": ("scikit-learn",),
    "static": ("model2vec", "tokenizers", "torch", "transformers"),
    "embedding": ("torch", "transformers", "tokenizers", "scikit-learn"),
    "transformer": ("torch", "transformers", "tokenizers", "accelerate"),
    "cascade": ("numpy",),
    "exported": ("tokenizers", "numpy"),
}


@dataclass(frozen=True)
class ModelCard:
    """What a saved model says of itself.

    Attributes:
        format: version of the folder's layout.
        kind: of model.
        stances: labels the headline figure is about, in order.
        background: label of a sentence without a stance.
        settings: the config's `train` section.
        seed: that it was trained with.
        libraries: versions that trained it.
        calibration: of its probabilities.
        abstention: when it says that it does not know.
        files: SHA-256 of every other file, by path in the folder.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    format: int
    kind: str
    stances: list[str]
    background: str
    settings: dict[str, Any]
    seed: int
    libraries: dict[str, str]
    calibration: Calibration
    abstention: Abstention
    files: dict[str, str]


def save_model(model: StanceModel, folder: Path) -> None:
    """Write a fitted model into an empty folder."""
    model.save(folder)
    if model.masker is not None:
        model.masker.save(folder / STATES_FILE)
    runtime = (PACKAGES[model.config.runtime],) if isinstance(model.config, ExportedSettings) else ()
    _write_card(model, fingerprint.of_libraries((*LIBRARIES[model.kind], *runtime)), folder)


def save_calibrated(model: StanceModel, trained: Path, folder: Path) -> None:
    """Write a model into an empty folder, with the files of the folder that it was saved in when it was trained.

    Where the file system allows it they are the same files under two names, and take no more room.
    """
    card = read_card(trained)
    for name in card.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(trained / name, folder / name)
        except OSError:  # other file system, or one without links
            shutil.copyfile(trained / name, folder / name)
    _write_card(model, card.libraries, folder)


def _write_card(model: StanceModel, libraries: dict[str, str], folder: Path) -> None:
    card = ModelCard(
        format=FORMAT,
        kind=model.kind,
        stances=list(model.labels.stances),
        background=model.labels.background,
        settings=model.config.model_dump(mode="json"),
        seed=model.seed,
        libraries=libraries,
        calibration=model.calibration,
        abstention=model.abstention,
        files=fingerprint.of_folder(folder),
    )
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"
    (folder / CARD_FILE).write_text(text, encoding="utf-8")


def load_saved(folder: Path, device: str) -> StanceModel:
    """The model in a folder.

    Raises:
        StanceError: the folder holds no model, or a file of it is missing or changed, or the device is absent.
    """
    card = read_card(folder)
    check_whole(folder, card)
    if card.kind not in WITHOUT_TORCH:
        check_device(device)
    labels = LabelSet(tuple(card.stances), card.background)
    model = model_class(card.kind).load(folder, _settings(folder, card), labels, seed=card.seed, device=device)
    model.calibration, model.abstention = card.calibration, card.abstention
    if STATES_FILE in card.files:
        model.masker = Masker(folder / STATES_FILE)
    model.saved_as = fingerprint.of_file(folder / CARD_FILE)
    return model


def check_device(device: str) -> None:
    """Make sure that a device asked for by name is there, whatever the kind of model.

    Raises:
        StanceError: it is not.
    """
    if device not in {"auto", "cpu"}:
        from pipeline.models.device import choose_device  # torch is paid for only here

        choose_device(device)


def read_card(folder: Path) -> ModelCard:
    """What the model in a folder says of itself.

    Raises:
        StanceError: there is no such folder, or no card in it that can be read.
    """
    path = folder / CARD_FILE
    if not folder.is_dir():
        raise StanceError(f"{folder}: no such model folder. Train one with `stance run`, or check the path")
    if not path.is_file():
        raise StanceError(f"{folder}: not a saved model: {CARD_FILE} is missing. Name a folder such as runs/NAME/model")
    try:
        card = TypeAdapter(ModelCard).validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = "".join(f"{part}: " for part in problem["loc"])
        raise StanceError(f"{path}: not a model's card: {where}{problem['msg']}. Train the model again") from None
    if card.format != FORMAT or card.kind not in KINDS:
        raise StanceError(
            f"{path}: format {card.format}, kind {card.kind}; this version reads format {FORMAT}, kinds "
            f"{', '.join(KINDS)}. Use the version that wrote it, or train again"
        )
    return card


def check_labels(key: str, folder: Path, labels: LabelSet) -> None:
    """Make sure that a folder, which the config names under a key, holds a model of these labels.

    Raises:
        StanceError: it does not.
    """
    try:
        card = read_card(folder)
    except StanceError as error:
        raise StanceError(f"{key}: {error}") from None
    found = (*card.stances, card.background)
    if found != labels.all:
        raise StanceError(
            f"{key}: {folder}: its labels are {', '.join(found)}, and the config's are {', '.join(labels.all)}. "
            "Take a model of the same labels, in the same order"
        )


def check_whole(folder: Path, card: ModelCard) -> None:
    """Make sure that every file is there and as it was written.

    Raises:
        StanceError: one is missing, changed or one too many; each is named.
    """
    missing = [name for name in card.files if not (folder / name).is_file()]
    if missing:
        raise StanceError(f"{folder}: missing {listing(missing)}. Copy the whole folder, or train the model again")
    found = fingerprint.of_folder(folder)
    extra = [name for name in found if name not in card.files and name not in {CARD_FILE, MODEL_CARD}]
    if extra:
        raise StanceError(
            f"{folder}: holds what the model did not write: {listing(extra)}. Take it out, or train again"
        )
    changed = [name for name, known in card.files.items() if found[name] != known]
    if changed:
        raise StanceError(
            f"{folder}: changed since it was saved: {listing(changed)} (SHA-256 differs from {CARD_FILE}). "
            "Copy the folder again, or train the model again"
        )


def _settings(folder: Path, card: ModelCard) -> BaseModel:
    union, *_ = get_args(TrainConfig)
    schemas = (*get_args(union), ExportedSettings)
    schema = next(s for s in schemas if get_args(s.model_fields["kind"].annotation)[0] == card.kind)
    try:
        settings: BaseModel = schema.model_validate_json(json.dumps(card.settings))
    except ValidationError as error:
        raise StanceError(
            f"{folder / CARD_FILE}: settings of another version: {error.errors()[0]['loc']}. Train the model again"
        ) from None
    return settings
