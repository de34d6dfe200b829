"""A model and labeled examples to an evaluation: figures with their intervals, pictures, and the errors."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.config.evaluate import EvaluateConfig
from pipeline.evaluation.metrics import Evaluation, from_dict, measure
from pipeline.evaluation.predictions import Predictions, predictions_of
from pipeline.evaluation.tables import (
    ERRORS_FILE,
    PREDICTIONS_FILE,
    SEEDS_FILE,
    write_errors,
    write_predictions,
    write_seeds,
)
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.records import Example, StanceError
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage

__all__ = ["STAGE", "Evaluated", "Evaluation", "evaluate", "measure"]

PREDICTING = ("scikit-learn", "torch", "transformers", "tokenizers")  # a figure belongs to what computed it
METRICS_FILE = "metrics.json"


@dataclass(frozen=True)
class Evaluated:
    """What the stage gives.

    Attributes:
        labels: of the model.
        sets: an evaluation a set, by name, the test part first.
        n_ruled: examples of the test part that rules or models labeled, and not people.
        details: the predictions that were measured, a set; there only when just made.
    """

    labels: LabelSet
    sets: Mapping[str, Evaluation]
    n_ruled: int
    details: Mapping[str, Predictions] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The headline figure of each set."""
        return {f"{name} macro-F1": str(found.headline) for name, found in self.sets.items()}


def evaluate(
    model: StanceModel,
    sets: Mapping[str, Sequence[Example]],
    config: EvaluateConfig,
    *,
    seed: int,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,
    others: Mapping[int, StanceModel] | None = None,
) -> Evaluated:
    """The model's figures on each set.

    Args:
        model: a fitted model.
        sets: labeled examples by the set's name.
        config: how surely to measure.
        seed: of the bootstrap.
        progress: told the set's name, sentences done and sentences in all.
        others: models of the same config trained with other seeds, by seed.

    Raises:
        StanceError: a set has no labeled sentence.
    """
    details = {}
    for name, examples in sets.items():
        if not examples:
            raise StanceError(f"evaluate: set {name} has no labeled sentence. Check its label_column")
        details[name] = predictions_of(model, examples, partial(progress, name), others)
    measured = {name: measure(name, found, config, seed) for name, found in details.items()}
    n_ruled = sum(not example.is_by_people for example in sets.get("test", ()))
    return Evaluated(model.labels, measured, n_ruled, details)


def _save(result: Evaluated, folder: Path) -> None:
    from pipeline.evaluation.pictures import draw_confusion, draw_reliability, draw_risk_coverage, draw_scores

    for name, found in result.details.items():
        place = folder / name
        place.mkdir()
        draw_confusion(result.sets[name], place / "confusion_matrix.png")
        draw_scores(result.sets[name], place / "scores.png")
        draw_reliability(result.sets[name], place / "reliability.png")
        draw_risk_coverage(result.sets[name], found, place / "risk_coverage.png")
        write_errors(place / ERRORS_FILE, found)
        write_predictions(place / PREDICTIONS_FILE, found)
        if found.repeats:
            write_seeds(place / SEEDS_FILE, found)
    figures = {
        "stances": result.labels.stances,
        "background": result.labels.background,
        "n_ruled": result.n_ruled,
        "sets": {name: asdict(found) for name, found in result.sets.items()},
    }
    write_text(folder / METRICS_FILE, json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


def _load(folder: Path) -> Evaluated:
    figures = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    labels = LabelSet(tuple(figures["stances"]), figures["background"])
    sets = {name: from_dict(found) for name, found in figures["sets"].items()}
    return Evaluated(labels, sets, figures["n_ruled"])


STAGE = Stage(
    name="evaluate",
    folder="evaluation",
    save=_save,
    load=_load,
    code=("evaluation", "countries", "models", "ingest", "labeling", "ceiling.py", "records.py", "sets.py"),
    libraries=("numpy", "matplotlib", *PREDICTING),
    summarize=Evaluated.summary,
)
