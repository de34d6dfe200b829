"""What a run has made, gathered for its report and for MLflow."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import split, tracking
from pipeline import train as training
from pipeline.config.root import Config
from pipeline.evaluation import behavior as behaving
from pipeline.evaluation import report as reporting
from pipeline.store.run_folder import Saved

if TYPE_CHECKING:
    from pipeline.recipe import Recipe


def settings_of(section: Any) -> Mapping[str, Any]:
    """A section of the config as it decides a stage's result."""
    settings: Mapping[str, Any] = section.model_dump(mode="json")
    return settings


def labels_and_seed(config: Config) -> dict[str, Any]:
    """What training and evaluation read of the config besides their sections."""
    return {"labels": list(config.labels), "background": config.background, "seed": config.seed}


def report_of(recipe: "Recipe") -> reporting.Report:
    """What the page of a run is made of."""
    model, evaluated = recipe.calibrate.value.model, recipe.evaluate
    parts = {name: counts for name, counts in recipe.split.manifest.summary.items() if name in split.PART_NAMES}
    return reporting.Report(
        finished=evaluated.manifest.finished,
        evaluated=evaluated.value,
        evaluation_dir=evaluated.folder,
        seed=model.seed,
        calibration=model.calibration,
        abstention=model.abstention,
        split=parts,
        history=training.best(recipe.repeat).value.history,
        config=tracking.without_password(recipe.config),
        model_dir=recipe.calibrate.folder,
        errors=None if recipe.explain is None else recipe.explain.value.errors,
        behaved=None if recipe.behavior is None else recipe.behavior.value,
        failures=None if recipe.behavior is None else recipe.behavior.folder / behaving.FAILURES_FILE,
    )


def outcome_of(recipe: "Recipe") -> tracking.Outcome:
    """What MLflow is told of a run."""
    best = training.best(recipe.repeat).value
    sets = list(recipe.evaluate.value.sets.values())
    behaved = None if recipe.behavior is None else recipe.behavior.value
    saved: dict[str, Saved[Any]] = {
        "ingest": recipe.ingest,
        "label": recipe.label,
        "split": recipe.split,
        **({} if recipe.pretrain is None else {"pretrain": recipe.pretrain}),
        **({} if recipe.teach is None else {"teach": recipe.teach}),
        "train": recipe.train,
        "calibrate": recipe.calibrate,
        "evaluate": recipe.evaluate,
    }
    return tracking.Outcome(
        history=best.history,
        validation_macro_f1=best.validation_macro_f1,
        evaluated=recipe.evaluate.value,
        findings=reporting.verdict(recipe.config.name, sets, behaved),
        folders=_folders(recipe),
        model_dir=recipe.calibrate.folder,
        fingerprints={name: stage.fingerprint for name, stage in saved.items()},
        seconds={name: stage.manifest.seconds for name, stage in saved.items()},
        example=[example.text for example in recipe.split.value.parts.test[:2]],
    )


def _folders(recipe: "Recipe") -> dict[str, Path]:
    folders = {"evaluation": recipe.evaluate.folder, "report": recipe.report.folder}
    return folders if recipe.behavior is None else {**folders, "behavior": recipe.behavior.folder}
