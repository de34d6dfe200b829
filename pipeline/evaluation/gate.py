"""May a model become champion? Every condition, what was found, and whether it holds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.config.evaluate import EvaluateConfig
from pipeline.config.promote import PromoteConfig
from pipeline.evaluation.answers import read_answers, read_metrics
from pipeline.evaluation.behavior import BEHAVIOR_FILE
from pipeline.evaluation.significance import compare
from pipeline.records import StanceError, percent


@dataclass(frozen=True)
class Condition:
    """One of them.

    Attributes:
        name: short.
        holds: whether it does.
        found: what was found, and what is asked, in words.
    """

    name: str
    holds: bool
    found: str


@dataclass(frozen=True)
class Decision:
    """All of them; the model may become champion if every one holds."""

    conditions: list[Condition]

    @property
    def is_promoted(self) -> bool:
        """Whether every condition holds."""
        return all(condition.holds for condition in self.conditions)


def decide(
    candidate: Path, champion: Path | None, config: PromoteConfig, measuring: EvaluateConfig, seed: int
) -> Decision:
    """Whether a model may become champion.

    Args:
        candidate: folder with the candidate's `evaluation` and, where it was looked at, `behavior`.
        champion: the same of the present champion; None where there is none.
        config: what is asked.
        measuring: how surely.
        seed: of the resampling.

    Raises:
        StanceError: either was not measured on the set, or the two on different data.
    """
    found = read_metrics(candidate)["sets"]
    if "calibrated" not in next(iter(found.values())):
        raise StanceError("promote: the candidate was logged by an earlier version. Log it again, with `stance run`")
    if config.on not in found:
        raise StanceError(
            f"promote.on: {config.on}: the candidate was measured on {', '.join(found)}. Name one of these"
        )
    conditions = [
        _is_better(candidate, champion, config, measuring, seed),
        *_floors(found[config.on], config),
        _ece(found[config.on], config),
        *_swaps(candidate, config),
    ]
    return Decision(conditions)


def _is_better(
    candidate: Path, champion: Path | None, config: PromoteConfig, measuring: EvaluateConfig, seed: int
) -> Condition:
    if champion is None:
        return Condition("better", True, "there is no champion yet")
    answers, _ = read_answers(champion, candidate, config.on)
    answers = replace(answers, one=answers.one[:1], other=answers.other[:1])  # the models kept, not their configs
    found = compare(answers, n_draws=measuring.bootstrap_draws, confidence=measuring.confidence, seed=seed)
    low = found.difference.low
    told = (
        f"macro-F1 on {config.on} {found.other.value:.3f} against {found.one.value:.3f}: better by {found.difference}"
    )
    asked = f"the lower end has to be above {config.margin:g}"
    return Condition("better", low is not None and low > config.margin, f"{told}; {asked}")


def _floors(found: dict[str, Any], config: PromoteConfig) -> Iterator[Condition]:
    for label, floor in config.floors.items():
        if label not in found["by_label"]:
            known = ", ".join(found["by_label"])
            raise StanceError(f"promote.floors: label {label} is not one of {known}. Mend the config")
        value = found["by_label"][label]["f1"]["value"]
        yield Condition(f"floor of {label}", value >= floor, f"F1 {value:.3f}; at least {floor:g}")


def _ece(found: dict[str, Any], config: PromoteConfig) -> Condition:
    value = found["calibrated"]["ece"]["value"]
    return Condition(
        "calibration", value <= config.max_ece, f"calibration error {value:.3f}; at most {config.max_ece:g}"
    )


def _swaps(candidate: Path, config: PromoteConfig) -> Iterator[Condition]:
    if config.max_swap_flip_rate is None:
        return
    path = candidate / "behavior" / BEHAVIOR_FILE
    swapped = json.loads(path.read_text(encoding="utf-8"))["swapped"] if path.is_file() else None
    if swapped is None:
        yield Condition(
            "swaps", False, "not measured: name behavior.countries, or set promote.max_swap_flip_rate to null"
        )
        return
    rate, most = swapped["flip_rate"]["value"], config.max_swap_flip_rate
    yield Condition(
        "swaps", rate <= most, f"{rate:.1%} of labels change when states trade places; at most {percent(most)}"
    )
