"""What a stage's result was made from, so that an unchanged stage can be skipped."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.store import fingerprint
from pipeline.store.atomic import write_text


@dataclass(frozen=True)
class Ingredients:
    """All that decides a stage's result.

    Attributes:
        settings: the stage's section of the config and what else of the config it reads.
        inputs: fingerprints of what goes in, by name.
        code: hash of the source that computes the result.
        libraries: versions of the libraries that compute it.
    """

    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    code: str
    libraries: Mapping[str, str]

    @property
    def key(self) -> str:
        """One hash of everything."""
        return fingerprint.of_value(asdict(self))


@dataclass(frozen=True)
class Manifest:
    """A finished stage: its ingredients, its output files, and what it has to say.

    Attributes:
        outputs: SHA-256 of each output file, by path relative to the stage's folder.
        summary: figures of the stage, for people.
        seconds: wall time it took.
        finished: when, ISO 8601 in UTC.
    """

    stage: str
    ingredients: Ingredients
    outputs: Mapping[str, str]
    summary: Mapping[str, Any]
    seconds: float
    finished: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))

    @property
    def fingerprint(self) -> str:
        """Hash of the result; the next stage's input."""
        return fingerprint.of_value(self.outputs)

    def write(self, path: Path) -> None:
        """Write as JSON, whole or not at all."""
        write_text(path, json.dumps(asdict(self), indent=2, ensure_ascii=False, default=str) + "\n")


def read_manifest(path: Path) -> Manifest | None:
    """The manifest in a file; None where there is none, or none that can be read."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(**{**fields, "ingredients": Ingredients(**fields["ingredients"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def why_stale(manifest: Manifest | None, now: Ingredients, folder: Path, apart_from: Sequence[str] = ()) -> str | None:
    """Why a stage has to run, in a few words; None when its result still holds, whatever the files apart from it."""
    if manifest is None:
        return "first time"
    return _what_changed(manifest.ingredients, now) or _what_is_lost(manifest, folder, apart_from)


def _what_changed(before: Ingredients, now: Ingredients) -> str | None:
    settings = json.loads(json.dumps(now.settings, default=str))
    if before.settings != settings:
        return f"settings changed: {_first_difference(before.settings, settings)}"
    if before.inputs != dict(now.inputs):
        changed = [name for name in now.inputs if before.inputs.get(name) != now.inputs[name]]
        return f"input changed: {(changed or ['fewer inputs'])[0]}"
    if before.code != now.code:
        return "code changed"
    return "libraries changed" if before.libraries != dict(now.libraries) else None


def _what_is_lost(manifest: Manifest, folder: Path, apart_from: Sequence[str]) -> str | None:
    if not folder.is_dir() or fingerprint.of_folder(folder, apart_from) != manifest.outputs:
        return "its result is missing or was changed by hand"
    return None


def _first_difference(before: Any, now: Any, path: str = "") -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        key = next(k for k in [*now, *before] if k not in before or k not in now or before[k] != now[k])
        return _first_difference(before.get(key), now.get(key), f"{path}.{key}" if path else key)
    return f"{path} {json.dumps(before, ensure_ascii=False)} → {json.dumps(now, ensure_ascii=False)}"
