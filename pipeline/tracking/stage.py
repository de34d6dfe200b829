"""How what MLflow knows of a run is kept in the run's folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage

FILE = "mlflow.json"


@dataclass(frozen=True)
class Tracked:
    """What the stage gives: where in MLflow the run lies.

    Attributes:
        uri: tracking store.
        run_id: of the MLflow run.
        model: name in the registry.
        version: of the registered model.
        aliases: that point at this version now.
    """

    uri: str
    run_id: str
    model: str
    version: str
    aliases: list[str]

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        return {"run": self.run_id, f"{self.model} version": f"{self.version} ({', '.join(self.aliases)})"}


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
