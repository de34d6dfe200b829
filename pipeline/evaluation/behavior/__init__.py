"""A model to how it behaves: on pairs of sentences, and when states trade places."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from pipeline.config.behavior import BehaviorConfig
from pipeline.config.evaluate import EvaluateConfig
from pipeline.countries import load_gazetteer
from pipeline.evaluation.behavior.suites import Failure, Rate, read_suites, run_suites
from pipeline.evaluation.behavior.swaps import Swapped, make_swaps, measure_swaps
from pipeline.models.contract import StanceModel
from pipeline.records import Example
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage

__all__ = ["BEHAVIOR_FILE", "FAILURES_FILE", "STAGE", "Behaved", "behave"]

BEHAVIOR_FILE = "behavior.json"
FAILURES_FILE = "failures.csv"


@dataclass(frozen=True)
class Behaved:
    """What the stage gives.

    Attributes:
        rates: of the suites' cases, over all kinds and for each.
        swapped: what swapping states comes to; None where it was left out, or no sentence names one.
        failures: cases that do not pass; there only when just made.
    """

    rates: list[Rate]
    swapped: Swapped | None
    failures: Sequence[Failure] = field(default=(), compare=False)

    def summary(self) -> dict[str, Any]:
        """Shares that pass, and the flip rate."""
        found: dict[str, Any] = {rate.suite: f"{rate.share:.0%}" for rate in self.rates if rate.what == "all"}
        if self.swapped is not None:
            found["label flipped by another state's name"] = f"{self.swapped.flip_rate.value:.1%}"
        return found


def behave(
    model: StanceModel,
    test: Sequence[Example],
    config: BehaviorConfig,
    measuring: EvaluateConfig,
    *,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Behaved:
    """How the model behaves.

    Args:
        model: a fitted model.
        test: sentences in which states trade places.
        config: what to look at.
        measuring: how surely.
        seed: of the swaps and of the bootstrap.
        progress: told how many swapped sentences are done, and how many there are.

    Raises:
        StanceError: a suite or the table of states cannot be read.
    """
    rates: list[Rate] = []
    failures: list[Failure] = []
    swapped = None
    if config.suites is not None:
        rates, failures = run_suites(model, read_suites(config.suites, model.labels.all), measuring.confidence)
    if config.countries is not None:
        swaps = make_swaps(test, load_gazetteer(config.countries), config.swaps, seed)
        swapped = measure_swaps(
            model,
            test,
            swaps,
            n_draws=measuring.bootstrap_draws,
            confidence=measuring.confidence,
            seed=seed,
            progress=progress,
        )
    return Behaved(rates, swapped, failures)


def _save(result: Behaved, folder: Path) -> None:
    found = {
        "rates": [asdict(rate) for rate in result.rates],
        "swapped": None if result.swapped is None else asdict(result.swapped),
    }
    write_text(folder / BEHAVIOR_FILE, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    with (folder / FAILURES_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(["suite", "what", "id", "text", "changed", "expected", "found", "score", "changed_score"])
        writer.writerows(_row(failure) for failure in result.failures)


def _row(failure: Failure) -> list[Any]:
    case, one, other = failure.case, failure.one, failure.other
    expected = " → ".join(case.labels) if failure.suite != "invariance" else "the same"
    what = [failure.suite, case.what, case.id, case.text, case.changed]
    return [*what, expected, f"{one.label} → {other.label}", round(one.score, 4), round(other.score, 4)]


def _load(folder: Path) -> Behaved:
    found = json.loads((folder / BEHAVIOR_FILE).read_text(encoding="utf-8"))
    return TypeAdapter(Behaved).validate_python({**found, "failures": ()})


STAGE = Stage(
    name="behavior",
    folder="behavior",
    save=_save,
    load=_load,
    code=(
        "countries",
        "evaluation/behavior",
        "evaluation/bootstrap.py",
        "evaluation/predictions.py",
        "models",
        "records.py",
    ),
    libraries=("numpy", "statsmodels", "scikit-learn", "torch", "transformers", "tokenizers"),
    summarize=Behaved.summary,
)
