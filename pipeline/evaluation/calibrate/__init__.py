"""A trained model and the validation part to a model whose probabilities are calibrated, and that may abstain."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.calibrate import CalibrateConfig
from pipeline.evaluation.calibrate.abstention import fit_abstention
from pipeline.evaluation.calibrate.fit import fit_calibration, log_loss
from pipeline.evaluation.predictions import predictions_of
from pipeline.models.contract import StanceModel
from pipeline.models.saved import MODEL_CARD, load_saved, save_calibrated
from pipeline.records import Example
from pipeline.store.run_folder import Stage

__all__ = ["Calibrated", "calibrate", "stage"]


@dataclass(frozen=True)
class Calibrated:
    """What the stage gives: the model to use, and what calibration did on the validation part.

    Attributes:
        model: calibrated.
        log_loss: before and after, in nats; None where it was just read from disk.
        kept: share of the validation part that the model does not abstain from.
    """

    model: StanceModel
    log_loss: tuple[float, float] | None = None
    kept: float | None = None

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        calibration, abstention = self.model.calibration, self.model.abstention
        found: dict[str, Any] = {"calibration": calibration.method}
        if calibration.method == "temperature":
            found["temperature"] = f"{calibration.temperature:.2f}"
        if self.log_loss is not None:
            found["validation log loss"] = "{:.3f} → {:.3f}".format(*self.log_loss)
        if self.kept is not None and abstention.method != "none":
            found["abstains from"] = f"{1 - self.kept:.0%} (max_error {abstention.max_error:g})"
        return found


def calibrate(
    model: StanceModel,
    validation: Sequence[Example],
    config: CalibrateConfig,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibrated:
    """The model, with a calibration and an abstention fitted on the validation part.

    Raises:
        StanceError: the part is too small for what the config asks for.
    """
    found = predictions_of(model, validation, progress)
    calibrated = copy.copy(model)
    calibrated.calibration = fit_calibration(found.raw, found.true, config)
    probabilities = calibrated.calibration.apply(found.raw)
    calibrated.abstention = fit_abstention(probabilities, found.true, found.documents, config)
    kept = 1 - float(calibrated.abstention.applies(probabilities).mean())
    return Calibrated(calibrated, (log_loss(found.raw, found.true), log_loss(probabilities, found.true)), kept)


def stage(trained: Path, device: str) -> Stage[Calibrated]:
    """How a calibrated model is kept: with the files of the trained one, which take no more room on the disk."""
    return Stage(
        name="calibrate",
        folder="model",
        save=lambda result, folder: save_calibrated(result.model, trained, folder),
        load=lambda folder: Calibrated(load_saved(folder, device)),
        code=(
            "countries",
            "evaluation/calibrate",
            "evaluation/bootstrap.py",
            "evaluation/predictions.py",
            "models",
            "records.py",
        ),
        libraries=("numpy", "scipy", "scikit-learn", "torch", "transformers", "tokenizers"),
        summarize=Calibrated.summary,
        apart_from=(MODEL_CARD,),
    )
