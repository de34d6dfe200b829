"""What came out of a run, logged: config, fingerprints, figures, pictures, the model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config.load import dump_yaml
from pipeline.config.root import Config
from pipeline.records import TrainingEvent
from pipeline.tracking.client import clear_errors, shown
from pipeline.tracking.flavor import log_model
from pipeline.tracking.live import LiveRun, log_event
from pipeline.tracking.registry import set_aliases
from pipeline.tracking.stage import Tracked

if TYPE_CHECKING:
    from pipeline.evaluation import Evaluated

REPORT = "report/report.html"  # among the run's artifacts


@dataclass(frozen=True)
class Outcome:
    """What a finished run has to show.

    Attributes:
        history: figures of the training.
        validation_macro_f1: what chose the model.
        evaluated: figures on each set.
        findings: the same in sentences.
        folders: of pictures, tables and the report, by the name that they are logged under.
        model_dir: the saved model.
        fingerprints: of every stage's result, by stage.
        seconds: wall time of every stage, by stage.
        example: a sentence or two, as an input example.
    """

    history: list[TrainingEvent]
    validation_macro_f1: float
    evaluated: "Evaluated"
    findings: Sequence[str]
    folders: Mapping[str, Path]
    model_dir: Path
    fingerprints: Mapping[str, str]
    seconds: Mapping[str, float]
    example: list[str]


def track(config: Config, live: LiveRun, outcome: Outcome) -> Tracked:
    """Log a finished run; to the MLflow run that its training opened, where it did.

    Raises:
        StanceError: the store cannot be reached.
    """
    with clear_errors(config.track.uri):
        client = live.client
        run_id = live.open()
        _log_curves(client, run_id, outcome.history)
        _log_config(client, run_id, config)
        _log_figures(client, run_id, outcome)
        for name, folder in outcome.folders.items():
            client.log_artifacts(run_id, str(folder), name)
        _log_tags(client, run_id, config, outcome)
        version = log_model(config.track, run_id, outcome.model_dir, outcome.example)
        why_not_champion = set_aliases(client, config.track.registered_model, version)
        live.settle()
    return Tracked(shown(config.track.uri), run_id, config.track.registered_model, version, why_not_champion)


def without_password(config: Config) -> Config:
    """The config as it may be shown: the store's address without the password in it."""
    track = config.track.model_copy(update={"uri": shown(config.track.uri)})
    return config.model_copy(update={"track": track})


def _log_curves(client: Any, run_id: str, history: list[TrainingEvent]) -> None:
    """Log what of the training's story is not there yet: all of a training done earlier, the end of one cut off."""
    names = {name for event in history for name in event.metrics}
    there = {(name, point.step) for name in names for point in client.get_metric_history(run_id, name)}
    for event in history:
        missing = {name: value for name, value in event.metrics.items() if (name, event.step) not in there}
        if missing:
            log_event(client, run_id, replace(event, metrics=missing))


def _log_config(client: Any, run_id: str, config: Config) -> None:
    from mlflow.entities import Param

    config = without_password(config)
    client.log_text(run_id, dump_yaml(config), "config.yaml")
    known = client.get_run(run_id).data.params
    flat = dict(_flat(config.model_dump(mode="json")))
    client.log_batch(run_id, params=[Param(key, value) for key, value in flat.items() if key not in known])


def _flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """A nested section as dotted keys; lists stay whole."""
    if not isinstance(value, dict):
        return [(prefix, str(value))]
    return [pair for key, below in value.items() for pair in _flat(below, f"{prefix}.{key}" if prefix else key)]


def _log_figures(client: Any, run_id: str, outcome: Outcome) -> None:
    for name, found in outcome.evaluated.sets.items():
        client.log_metric(run_id, f"{name}.macro_f1", found.macro_f1.value)
        client.log_metric(run_id, f"{name}.ece", found.calibrated.ece.value)
        if found.seeds is not None:
            client.log_metric(run_id, f"{name}.macro_f1_mean_of_seeds", found.seeds.mean.value)
            client.log_metric(run_id, f"{name}.macro_f1_spread_of_seeds", found.seeds.spread)
        if found.macro_f1.low is not None and found.macro_f1.high is not None:
            client.log_metric(run_id, f"{name}.macro_f1_low", found.macro_f1.low)
            client.log_metric(run_id, f"{name}.macro_f1_high", found.macro_f1.high)
        client.log_metric(run_id, f"{name}.accuracy", found.accuracy)
        for label, score in found.by_label.items():
            client.log_metric(run_id, f"{name}.{_plain(label)}.precision", score.precision)
            client.log_metric(run_id, f"{name}.{_plain(label)}.recall", score.recall)
            client.log_metric(run_id, f"{name}.{_plain(label)}.f1", score.f1.value)
    client.log_metric(run_id, "kept_validation_macro_f1", outcome.validation_macro_f1)  # the curve goes on past it
    for stage, seconds in outcome.seconds.items():
        client.log_metric(run_id, f"seconds.{stage}", seconds)


def _plain(label: str) -> str:
    """The label with only the characters that MLflow allows in a name."""
    return re.sub(r"[^\w./ -]", "_", label)


def _log_tags(client: Any, run_id: str, config: Config, outcome: Outcome) -> None:
    client.set_tag(run_id, "kind", config.train.kind)
    client.set_tag(run_id, "mlflow.note.content", _description(client.get_run(run_id).info, outcome))
    for stage, found in outcome.fingerprints.items():
        client.set_tag(run_id, f"fingerprint.{stage}", found)


def _description(run: Any, outcome: Outcome) -> str:
    """What MLflow's page of the run says first, in Markdown."""
    page = f"#/experiments/{run.experiment_id}/runs/{run.run_id}/artifacts/{REPORT}"
    return "\n".join([f"[The whole report]({page})", "", *(f"- {line}" for line in outcome.findings), ""])
