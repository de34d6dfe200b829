"""How what MLflow knows of a run is kept in the run's folder."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.config.track import TrackConfig
from pipeline.records import StanceError
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage
from pipeline.tracking.client import clear_errors, connect, has_store
from pipeline.tracking.registry import holds

FILE = "mlflow.json"


@dataclass(frozen=True)
class Tracked:
    """What the stage gives: where in MLflow the run lies.

    Attributes:
        uri: tracking store.
        run_id: of the MLflow run.
        model: name in the registry.
        version: of the registered model.
        why_not_champion: why the alias `champion` stays with another version; empty: it points at this one.
    """

    uri: str
    run_id: str
    model: str
    version: str
    why_not_champion: str

    @property
    def aliases(self) -> list[str]:
        """What pointed at this version when it was logged."""
        return ["candidate"] if self.why_not_champion else ["candidate", "champion"]

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        found = f"{self.version} ({', '.join(self.aliases)})"
        return {f"{self.model} version": f"{found}; {self.why_not_champion}" if self.why_not_champion else found}


def is_kept(config: TrackConfig, run_dir: Path) -> bool:
    """Whether MLflow still has what a run logged last; of a store that does not answer it is taken on trust."""
    try:
        tracked = _load(run_dir / STAGE.folder)
    except (OSError, ValueError, TypeError):
        return True  # nothing is known of it; `why_stale` will tell
    if not has_store(config.uri):
        return False
    with suppress(StanceError), clear_errors(config.uri):
        client = connect(config.uri)
        return holds(client, tracked.run_id, tracked.model, tracked.version)
    return True


def _save(result: Tracked, folder: Path) -> None:
    write_text(folder / FILE, json.dumps(asdict(result), indent=2) + "\n")


def _load(folder: Path) -> Tracked:
    return Tracked(**json.loads((folder / FILE).read_text(encoding="utf-8")))


STAGE = Stage(
    name="track",
    folder="tracking",
    save=_save,
    load=_load,
    code=("tracking",),
    libraries=("mlflow",),
    summarize=Tracked.summary,
)
