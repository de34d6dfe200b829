"""Short hashes that say whether anything changed: of values, files and code."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

SOURCE_SUFFIXES = {".py", ".j2"}
PACKAGE = Path(__file__).parent.parent


def of_value(value: object) -> str:
    """Hash of anything that JSON can write; the order of keys does not count."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_folder(folder: Path, apart_from: Sequence[str] = ()) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path relative to the folder, sorted; some names may be left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in apart_from)
    return {path.relative_to(folder).as_posix(): of_file(path) for path in files}


def of_code(places: Sequence[str]) -> str:
    """Hash of this package's source in the given modules or folders, such as ``ingest`` or ``split.py``."""
    return of_value({place: _source(PACKAGE / place) for place in places})


def of_libraries(names: Iterable[str]) -> dict[str, str]:
    """Installed versions by name: a result belongs to the libraries that made it."""
    return {name: importlib.metadata.version(name) for name in names}


def _source(place: Path) -> dict[str, str]:
    files = sorted(path for path in place.rglob("*") if path.suffix in SOURCE_SUFFIXES) if place.is_dir() else [place]
    return {file.relative_to(PACKAGE).as_posix(): of_file(file) for file in files}
