"""The search itself, with Optuna: trials in a database, folds one by one, hopeless trials given up."""

import csv
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from pipeline.config.root import Config
from pipeline.config.tune import Range, TuneConfig
from pipeline.recipe import Audience
from pipeline.records import Parts, StanceError, TrainingEvent
from pipeline.store.atomic import atomic_file
from pipeline.train import train
from pipeline.tune.space import Space, applied, suggested

DONE = (TrialState.COMPLETE, TrialState.PRUNED)
AT_RANDOM = 5  # trials before the sampler learns from them, and before any is given up
VALUES, SCORES = "values", "scores"  # of a trial, in the database


@dataclass(frozen=True)
class TrialResult:
    """A setting that was tried.

    Attributes:
        number: from 1.
        values: of the keys that the search may change.
        scores: macro-F1 of each fold done, 0 to 1.
        is_whole: whether all folds were done; else it was given up.
    """

    number: int
    values: Mapping[str, Any]
    scores: tuple[float, ...]
    is_whole: bool

    @property
    def score(self) -> float:
        """Mean over the folds done."""
        return float(np.mean(self.scores))


@dataclass(frozen=True)
class Found:
    """All trials of a search, in order."""

    trials: tuple[TrialResult, ...]
    n_folds: int

    @property
    def best(self) -> TrialResult:
        """The whole trial with the highest mean; of equals the first."""
        return max((trial for trial in self.trials if trial.is_whole), key=lambda trial: trial.score)


@dataclass(frozen=True)
class Search:
    """Trials of one config's settings.

    Attributes:
        config: that is changed.
        section: how long to look.
        space: what may change.
        folds: what each setting is trained and measured on.
        storage: a database of SQLite.
    """

    config: Config
    section: TuneConfig
    space: Space
    folds: Sequence[Parts]
    storage: Path

    def go_on(self, key: str, audience: Audience, told: Callable[[str], None]) -> Found:
        """Trials up to the number asked for; those in the database under this key are not done again."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            storage=f"sqlite:///{self.storage}",
            study_name=key,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(AT_RANDOM, n_min_trials=2)
            if self.section.prune
            else optuna.pruners.NopPruner(),
        )
        self._take_up(study)
        while (n_done := len(study.get_trials(deepcopy=False, states=DONE))) < self.section.trials:
            audience.progress("tune", n_done, self.section.trials)
            study.sampler = self._sampler(n_done)
            study.optimize(lambda trial: self._score(trial, audience), n_trials=1)
            last = study.get_trials(deepcopy=False)[-1]
            told(_in_words(_result(last, n_done + 1), len(self.folds), self.section.trials))
        audience.progress("tune", self.section.trials, self.section.trials)
        done = study.get_trials(deepcopy=False, states=DONE)
        return Found(tuple(_result(trial, i) for i, trial in enumerate(done, start=1)), len(self.folds))

    def _sampler(self, n_done: int) -> optuna.samplers.BaseSampler:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.samplers.TPESampler(  # seeded anew, so that a resumed search does not repeat itself
                n_startup_trials=AT_RANDOM, multivariate=True, seed=(self.config.seed + n_done) % 2**32
            )

    def _take_up(self, study: optuna.Study) -> None:
        """What a killed search left half done is tried again first; a first search begins with the config as it is."""
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)
            if trial.params:
                study.enqueue_trial(trial.params)
        waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        if not waiting and not study.get_trials(deepcopy=False, states=DONE):
            study.enqueue_trial(self._as_it_is())

    def _as_it_is(self) -> dict[str, Any]:
        """The config's own values, where the space has them; what it has not is drawn."""
        plain, found = self.config.model_dump(mode="json"), {}
        for key, values in self.space.items():
            section, _, name = key.partition(".")
            own = plain[section][name]
            if isinstance(values, Range):
                if values.low <= own <= values.high:
                    found[key] = own
            elif json.dumps(own) in map(json.dumps, values):
                found[key] = json.dumps(own)
        return found

    def _score(self, trial: optuna.Trial, audience: Audience) -> float:
        values = suggested(trial, self.space)
        trial.set_user_attr(VALUES, values)
        config, scores = applied(self.config, values), []
        for number, parts in enumerate(self.folds, start=1):
            what = f"trial {trial.number + 1}, fold {number} of {len(self.folds)}"

            def hear(event: TrainingEvent, what: str = what) -> None:
                audience.progress(what, event.step, event.total_steps)

            try:
                scores.append(train(config, parts, hear).validation_macro_f1)
            except StanceError as error:  # it cannot be trained: a bad setting, and no reason to end the search
                if not trial.study.get_trials(deepcopy=False, states=DONE):
                    raise  # the config as it is
                audience.note(f"trial {trial.number + 1}: {error}")
                scores.append(0.0)
            trial.set_user_attr(SCORES, scores)
            trial.report(float(np.mean(scores)), step=number)
            if number < len(self.folds) and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(scores))


def write_table(found: Found, path: Path) -> None:
    """A row a trial, as CSV."""
    keys = list(found.best.values)
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["trial", "macro_f1", "given_up", *(f"fold_{i + 1}" for i in range(found.n_folds)), *keys])
        for trial in found.trials:
            scores = [f"{score:.4f}" for score in trial.scores]
            blank = [""] * (found.n_folds - len(scores))
            values = [json.dumps(trial.values[key]) for key in keys]
            writer.writerow([trial.number, f"{trial.score:.4f}", not trial.is_whole, *scores, *blank, *values])


def _result(trial: FrozenTrial, number: int) -> TrialResult:
    attributes = trial.user_attrs
    return TrialResult(number, attributes[VALUES], tuple(attributes[SCORES]), trial.state == TrialState.COMPLETE)


def _in_words(trial: TrialResult, n_folds: int, n_trials: int) -> str:
    values = ", ".join(f"{key.partition('.')[2]} {value}" for key, value in trial.values.items())
    given_up = "" if trial.is_whole else f", given up after {len(trial.scores)} of {n_folds} folds"
    return f"trial {trial.number}/{n_trials}  macro-F1 {trial.score:.4f}{given_up}  {values}"
