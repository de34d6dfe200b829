"""The stages of a run that judge its model."""

from functools import cached_property

from pipeline import evaluation
from pipeline import train as training
from pipeline.config.evaluate import EvaluationSet
from pipeline.evaluation import behavior as behaving
from pipeline.evaluation import explain as explaining
from pipeline.evaluation.tables import surest_errors
from pipeline.models.contract import StanceModel
from pipeline.recipe.gather import labels_and_seed, settings_of
from pipeline.recipe.learning import Learning
from pipeline.records import Example
from pipeline.sets import fingerprint_set, is_left_out, n_seen, read_set
from pipeline.store import fingerprint
from pipeline.store.run_folder import Saved


class Judging(Learning):
    """Evaluate, behavior, explain."""

    @cached_property
    def evaluate(self) -> Saved[evaluation.Evaluated]:
        """The model's figures on the test part and on further sets."""
        config = self.config.evaluate
        sets = [entry for entry in config.sets if self._is_there(entry)]
        inputs = {f"set {entry.name}": fingerprint_set(entry) for entry in sets}
        if config.slices.documents is not None:
            inputs["documents"] = fingerprint.of_file(config.slices.documents)
        return self.folder.do(
            evaluation.STAGE,
            lambda: evaluation.evaluate(
                self.calibrate.value.model,
                {"test": self.split.value.parts.test, **{entry.name: self._read_set(entry) for entry in sets}},
                config,
                seed=self.config.seed,
                progress=lambda name, done, total: self._audience.progress(f"evaluate on {name}", done, total),
                others=self._others(),
            ),
            settings={**settings_of(config), **labels_and_seed(self.config)},
            inputs={"model": self.calibrate.fingerprint, "test": self.split.fingerprint, **inputs, **self._repeated()},
        )

    @cached_property
    def behavior(self) -> Saved[behaving.Behaved] | None:
        """How the model behaves on pairs of sentences, and when states trade places; None where the config asks not."""
        config = self.config.behavior
        if config.suites is None and config.countries is None:
            return None
        inputs = {"model": self.calibrate.fingerprint, "test": self.split.fingerprint}
        if config.suites is not None:
            inputs["suites"] = fingerprint.of_value(fingerprint.of_folder(config.suites))
        if config.countries is not None:
            inputs["countries"] = fingerprint.of_file(config.countries)
        return self.folder.do(
            behaving.STAGE,
            lambda: behaving.behave(
                self.calibrate.value.model,
                self.split.value.parts.test,
                config,
                self.config.evaluate,
                seed=self.config.seed,
                progress=lambda done, total: self._audience.progress("behavior", done, total),
            ),
            settings={**settings_of(config), **settings_of(self.config.evaluate), "seed": self.config.seed},
            inputs=inputs,
        )

    @cached_property
    def explain(self) -> Saved[explaining.Explained] | None:
        """The surest errors to what lies behind them; None where the config asks for none."""
        n_errors = self.config.evaluate.explained_errors
        if n_errors == 0:
            return None
        parts = self.split.value.parts
        return self.folder.do(
            explaining.STAGE,
            lambda: explaining.explain(
                self.calibrate.value.model,
                surest_errors(self.evaluate.folder / "test", parts.test, n_errors),
                parts.train,
                lambda done, total: self._audience.progress("explain", done, total),
            ),
            settings={"explained_errors": n_errors},
            inputs={
                "model": self.calibrate.fingerprint,
                "evaluation": self.evaluate.fingerprint,
                "split": self.split.fingerprint,
            },
        )

    def _others(self) -> dict[int, StanceModel]:
        """The models of further seeds, by seed: those that are not kept."""
        kept = training.best(self.repeat)
        return {saved.value.model.seed: saved.value.model for saved in self.repeat if saved is not kept}

    def _repeated(self) -> dict[str, str]:
        if len(self.repeat) == 1:
            return {}
        seeds = self.config.training_seeds
        return {f"training {seed}": saved.fingerprint for seed, saved in zip(seeds, self.repeat, strict=True)}

    def _is_there(self, entry: EvaluationSet) -> bool:
        if is_left_out(entry):
            self._audience.note(f"evaluate: set {entry.name} is left out: {entry.path} is not there")
            return False
        return True

    def _read_set(self, entry: EvaluationSet) -> list[Example]:
        examples, bad_rows = read_set(entry, self.config.all_labels)
        self._tell_of(f"evaluate: set {entry.name}", bad_rows)
        if n := n_seen(examples, self._learned_from()):
            self._audience.note(
                f"evaluate: set {entry.name}: {n} of {len(examples)} sentences are in the training part, too: its "
                "figures flatter"
            )
        return examples
