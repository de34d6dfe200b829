"""An encoder whose weights come in several packages, since one may not be so large: joined once, and checked.

The packages hold parts of a zip archive and no code. What comes out is used only if the weights are, byte for byte,
those that the Hugging Face hub publishes under the encoder's name.
"""

import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from pipeline.records import StanceError
from pipeline.store import fingerprint

WEIGHTS = "model.safetensors"
OTHERS = frozenset({"config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"})


@dataclass(frozen=True)
class InParts:
    """Where an encoder comes from.

    Attributes:
        packages: in the order of the parts that they hold.
        command: that installs them.
        sha256: of its weights.
    """

    packages: tuple[str, ...]
    command: str
    sha256: str


def joined(name: str, source: InParts) -> Path | None:
    """The folder of the encoder, made on first use; None: the packages are not installed.

    Raises:
        StanceError: what they hold is not the encoder.
    """
    parts = [_part(package) for package in source.packages]
    folder = _cache() / name.replace("/", "--")
    if any(part is None for part in parts):
        return None
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            new = Path(temporary) / "new"
            new.mkdir()
            _join([part for part in parts if part is not None], new, Path(temporary) / "archive.zip")
            if not (new / WEIGHTS).is_file() or fingerprint.of_file(new / WEIGHTS) != source.sha256:
                raise StanceError(
                    f"train.encoder: {name}: the packages {source.packages[0]} and following do not hold its weights. "
                    "Uninstall them, and let the Hugging Face hub give it"
                )
            new.rename(folder)
    return folder


def _part(package: str) -> Path | None:
    try:
        found = [path for path in files(package) or [] if ".zip." in path.name]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())) if len(found) == 1 else None


def _join(parts: list[Path], folder: Path, archive: Path) -> None:
    """Write the files of the encoder, and no others, into a folder."""
    with archive.open("wb") as whole:
        for part in parts:
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, whole)
    with zipfile.ZipFile(archive) as content:
        for member in content.infolist():
            top, _, name = member.filename.partition("/")
            if name in {WEIGHTS, *OTHERS} and top != "..":
                with content.open(member) as stream, (folder / name).open("wb") as file:
                    shutil.copyfileobj(stream, file)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stance" / "encoders"
