"""An evaluated run to one page of HTML that a person reads, verdict first, and to the model's card."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pipeline.config.load import dump_yaml
from pipeline.config.root import Config
from pipeline.evaluation import Evaluated
from pipeline.evaluation.behavior import Behaved
from pipeline.evaluation.explain import Error
from pipeline.evaluation.metrics import FEW_DOCUMENTS
from pipeline.evaluation.reliability import FEW_IN_BIN
from pipeline.evaluation.report.verdict import calibration_in_words, verdict
from pipeline.evaluation.selective import risk_coverage
from pipeline.evaluation.tables import PREDICTIONS_FILE
from pipeline.models.calibration import Abstention, Calibration
from pipeline.records import TrainingEvent
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage

__all__ = ["REPORT_FILE", "STAGE", "Report", "Reported", "report", "verdict"]

REPORT_FILE = "report.html"
CARD_FILE = "MODEL_CARD.md"
N_FAILURES = 2  # of each kind


@dataclass(frozen=True)
class Reported:
    """What the stage gives: the page, which needs no other file, and the model's card, in the form of Hugging Face."""

    html: str
    card: str


@dataclass(frozen=True)
class Report:
    """What the page is made of.

    Attributes:
        finished: when it was evaluated.
        evaluated: figures.
        evaluation_dir: tables behind them.
        seed: that the model was trained with.
        calibration: of the model.
        abstention: of the model.
        split: counts of each part, by part.
        history: of the training.
        config: of the run.
        model_dir: where the model lies.
        errors: the surest, explained; None where that was not asked for.
        behaved: how the model behaves; None where that was not looked at.
        failures: table of the cases of behavior that do not pass.
    """

    finished: str
    evaluated: Evaluated
    evaluation_dir: Path
    seed: int
    calibration: Calibration
    abstention: Abstention
    split: Mapping[str, Mapping[str, Any]]
    history: Sequence[TrainingEvent]
    config: Config
    model_dir: Path
    errors: Sequence[Error] | None = None
    behaved: Behaved | None = None
    failures: Path | None = None


def report(found: Report) -> Reported:
    """The page of a run."""
    sets = list(found.evaluated.sets.values())
    sections = [("figures", "Figures"), *((f"set-{i}", one.name) for i, one in enumerate(sets))]
    sections += [("behavior", "Behavior")] if found.behaved else []
    sections += [("errors", "Errors"), ("training", "Data and training"), ("config", "Config")]
    common = _common(found)
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            **common,
            finished=found.finished,
            sections=sections,
            few=FEW_DOCUMENTS,
            few_in_bin=FEW_IN_BIN,
            curves={one.name: _curve(found.evaluation_dir / one.name / PREDICTIONS_FILE) for one in sets},
            errors=[] if found.errors is None else [(error, _marked(error)) for error in found.errors],
            history=_validated(found.history),
            config=dump_yaml(found.config),
            failures=_some_of_each(_rows(found.failures)) if found.failures else [],
        )
    )
    card = (
        _environment()
        .get_template("model_card.md.j2")
        .render(
            **common,
            encoder=getattr(found.config.train, "encoder", None),
            seed=found.seed,
            seeds=found.config.training_seeds,
            inputs=found.config.ingest.inputs,
            language=found.config.ingest.language,
            folder=found.model_dir.as_posix(),
        )
    )
    return Reported(html, card)


def _common(found: Report) -> dict[str, Any]:
    sets = list(found.evaluated.sets.values())
    return {
        "name": found.config.name,
        "about": found.config.about,
        "kind": found.config.train.kind,
        "labels": found.evaluated.labels,
        "sets": sets,
        "verdict": verdict(found.config.name, sets, found.behaved),
        "split": found.split,
        "calibration": calibration_in_words(found.calibration, found.abstention),
        "behaved": found.behaved,
        "is_masked": found.config.train.mask_countries is not None,
    }


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("pipeline.evaluation.report"),
        autoescape=select_autoescape(["html.j2"]),  # the card is Markdown
        undefined=StrictUndefined,
    )


def _validated(history: Sequence[TrainingEvent]) -> list[tuple[int, float]]:
    name = "validation_macro_f1"
    return [(event.step, event.metrics[name]) for event in history if name in event.metrics]


def _marked(error: Error) -> list[tuple[str, float]]:
    """The text in pieces, each with its effect as a share of the strongest, -1 to 1; 0 of what lies between words."""
    strongest = max((abs(effect.value) for effect in error.effects), default=0.0) or 1.0
    pieces, end = [], 0
    for effect in error.effects:
        pieces.append((error.text[end : effect.start], 0.0))
        pieces.append((error.text[effect.start : effect.end], effect.value / strongest))
        end = effect.end
    return [*pieces, (error.text[end:], 0.0)]


def _some_of_each(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The first few failures of each kind."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for row in rows:
        seen[row["suite"], row["what"]] += 1
        if seen[row["suite"], row["what"]] <= N_FAILURES:
            kept.append(row)
    return kept


def _curve(path: Path) -> list[tuple[float, float]]:
    rows = _rows(path)
    scores = np.array([float(row["score"]) for row in rows])
    wrong = np.array([row["label"] != row["predicted"] for row in rows])
    shares, errors = risk_coverage(scores, wrong)
    return list(zip(shares.tolist(), errors.tolist(), strict=True))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _save(result: Reported, folder: Path) -> None:
    write_text(folder / REPORT_FILE, result.html)
    write_text(folder / CARD_FILE, result.card)


def _load(folder: Path) -> Reported:
    html, card = ((folder / name).read_text(encoding="utf-8") for name in (REPORT_FILE, CARD_FILE))
    return Reported(html, card)


STAGE = Stage(
    name="report",
    folder="report",
    save=_save,
    load=_load,
    code=("evaluation/report", "evaluation/selective.py"),
    libraries=("jinja2", "numpy"),
)
