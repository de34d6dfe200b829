"""New documents to predictions: `load` finds the model, `apply` streams sentences through it, `writers` write them.

`engines` compute it here or elsewhere; `shards` keep what is finished, so that a killed command goes on.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.predict.apply import NothingToPredictError, predict_file, write_answers
from pipeline.predict.load import folder_of, load_model
from pipeline.predict.predicted import Predicted, Sampled
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage

__all__ = [
    "STAGE",
    "NothingToPredictError",
    "Predicted",
    "Sampled",
    "folder_of",
    "load_model",
    "predict_file",
    "write_answers",
]

SUMMARY_FILE = "summary.json"


def _save(result: Predicted, folder: Path) -> None:
    shutil.move(result.output, folder / result.output.name)
    fields: dict[str, Any] = {**asdict(result), "output": result.output.name}
    write_text(folder / SUMMARY_FILE, json.dumps(fields, indent=2, ensure_ascii=False) + "\n")


def _load(folder: Path) -> Predicted:
    fields = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    sample = [Sampled(**row) for row in fields["sample"]]
    return Predicted(**{**fields, "output": folder / fields["output"], "sample": sample})


STAGE = Stage(
    name="predict",
    folder="predictions",
    save=_save,
    load=_load,
    code=("predict", "countries", "models", "ingest", "records.py"),
    libraries=("sentencex", "trafilatura", "markdown-it-py", "scikit-learn", "torch", "transformers", "tokenizers"),
    summarize=Predicted.summary,
)
