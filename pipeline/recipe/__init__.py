"""The run: every stage once, in order. The only place that knows the order; read it as a table of contents."""

from functools import cached_property
from typing import Literal, get_args

from pipeline import evaluation, ingest, labeling, predict, split, tracking
from pipeline import train as training
from pipeline.codebook import codebook_for
from pipeline.config.evaluate import EvaluationSet
from pipeline.config.load import dump_yaml
from pipeline.config.root import Config
from pipeline.evaluation import behavior as behaving
from pipeline.evaluation import calibrate as calibration
from pipeline.evaluation import explain as explaining
from pipeline.evaluation import report as reporting
from pipeline.evaluation.tables import surest_errors
from pipeline.ingest import BadRows
from pipeline.models.contract import StanceModel
from pipeline.models.saved import MODEL_CARD
from pipeline.preflight import check
from pipeline.recipe.audience import Audience
from pipeline.recipe.gather import labels_and_seed, outcome_of, report_of, settings_of
from pipeline.records import Example, Listener, TrainingEvent, listing
from pipeline.sets import fingerprint_set, is_left_out, n_seen, read_set
from pipeline.store import fingerprint
from pipeline.store.atomic import write_text
from pipeline.store.leader import is_leader
from pipeline.store.run_folder import RunFolder, Saved, open_run

StageName = Literal[
    "ingest",
    "label",
    "split",
    "train",
    "repeat",
    "calibrate",
    "evaluate",
    "behavior",
    "explain",
    "report",
    "track",
    "predict",
]
ORDER: tuple[StageName, ...] = get_args(StageName)

__all__ = ["ORDER", "Audience", "Recipe", "StageName", "run"]


def run(config: Config, audience: Audience, until: StageName = "predict") -> "Recipe":
    """Documents to a trained, evaluated and tracked model and its predictions; unchanged stages are skipped.

    Args:
        config: of the run.
        audience: who is told what happens.
        until: last stage to do.

    Raises:
        StanceError: an input, the config or the machine does not allow it; stages that are done stay done.
    """
    check(config)
    with open_run(config.run_dir, audience.narrator, is_leader=is_leader()) as folder:
        if folder.is_leader:
            write_text(config.run_dir / "config.yaml", dump_yaml(config))
        recipe = Recipe(config, folder, audience)
        with recipe.live.closed_in_the_end():
            for stage in ORDER[: ORDER.index(until) + 1]:
                getattr(recipe, stage)
        return recipe


class Recipe:
    """The stages of one run. Each pulls what it needs from those before it, and is done once."""

    def __init__(self, config: Config, folder: RunFolder, audience: Audience) -> None:
        self.config = config
        self.folder = folder
        self.live = tracking.LiveRun(config, audience.note)
        self._audience = audience

    @cached_property
    def ingest(self) -> Saved[ingest.Ingested]:
        """Documents to sentences."""
        config = self.config.ingest
        sources = ingest.find_sources(config.inputs, config.read_as)
        inputs = {"documents": ingest.fingerprint_sources(sources)}
        if others := ingest.passed_over(config.inputs, config.read_as):
            self._audience.note(f"ingest: passed over, of a kind that is not read: {listing([str(p) for p in others])}")
        done = self.folder.do(ingest.STAGE, lambda: ingest.ingest(config), settings=settings_of(config), inputs=inputs)
        summary = done.manifest.summary
        if config.read_as == "sentences" and summary["documents"] == summary["sentences"] > 1:
            self._audience.note(
                f"ingest: no document has two sentences; if some belong together, name the column that says so "
                f'(ingest.document_column is "{config.document_column}"), or they part between training and test'
            )
        return done

    @cached_property
    def label(self) -> Saved[labeling.Labeled]:
        """Sentences to examples."""
        codebook, config = codebook_for(self.config), self.config.label
        return self.folder.do(
            labeling.STAGE,
            lambda: labeling.label(self.ingest.value.sentences, codebook, config),
            settings=settings_of(config),
            inputs={"sentences": self.ingest.fingerprint, "codebook": fingerprint.of_file(self.config.codebook)},
        )

    @cached_property
    def split(self) -> Saved[split.SplitResult]:
        """Examples to a training, a validation and a test part."""
        labels, config, seed = self.config.all_labels, self.config.split, self.config.seed
        return self.folder.do(
            split.STAGE,
            lambda: split.split(self.label.value.examples, labels, config, seed),
            settings={**settings_of(config), "seed": seed, "labels": list(labels)},
            inputs={"examples": self.label.fingerprint},
        )

    @cached_property
    def train(self) -> Saved[training.Trained]:
        """The training part to a model, with the first seed."""
        return self._train_with(self.config.training_seeds[0], self._hear)

    @cached_property
    def repeat(self) -> list[Saved[training.Trained]]:
        """All trainings: the first, and once more with each further seed of the config."""
        return [
            self.train,
            *(self._train_with(seed, self._audience.listener) for seed in self.config.training_seeds[1:]),
        ]

    @cached_property
    def calibrate(self) -> Saved[calibration.Calibrated]:
        """The trained model to the model to use: the validation part makes its probabilities honest."""
        config, trained = self.config.calibrate, training.best(self.repeat)
        return self.folder.do(
            calibration.stage(trained.folder / training.MODEL_FOLDER, self.config.device),
            lambda: calibration.calibrate(
                trained.value.model,
                self.split.value.parts.validation,
                config,
                lambda done, total: self._audience.progress("calibrate", done, total),
            ),
            settings=settings_of(config),
            inputs={"model": trained.fingerprint, "validation": self.split.fingerprint},
        )

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

    @cached_property
    def report(self) -> Saved[reporting.Reported]:
        """The figures to a page for people, and to a card that goes with the model."""
        card = self.calibrate.folder / MODEL_CARD

        def compute() -> reporting.Reported:
            result = reporting.report(report_of(self))
            ours = self.folder.path / reporting.STAGE.folder / MODEL_CARD
            if not card.is_file() or (ours.is_file() and ours.read_bytes() == card.read_bytes()):
                write_text(card, result.card)  # and not over what somebody has written there
            return result

        done = self.folder.do(
            reporting.STAGE,
            compute,
            settings=self.config.model_dump(mode="json", exclude={"predict", "promote", "track"}),
            inputs={
                "model": self.calibrate.fingerprint,
                "evaluation": self.evaluate.fingerprint,
                "split": self.split.fingerprint,
                "behavior": "" if self.behavior is None else self.behavior.fingerprint,
                "errors": "" if self.explain is None else self.explain.fingerprint,
            },
        )
        if self.folder.is_leader and not card.is_file():
            write_text(card, done.value.card)
        return done

    @cached_property
    def track(self) -> Saved[tracking.Tracked] | None:
        """The run to MLflow; None where the config leaves it out."""
        if not self.config.track.enabled:
            return None
        if not tracking.is_kept(self.config.track, self.folder.path):
            self.folder.forget(tracking.STAGE)
        return self.folder.do(
            tracking.STAGE,
            lambda: tracking.track(self.config, self.live, outcome_of(self)),
            settings=settings_of(self.config.track),
            inputs={
                "model": self.calibrate.fingerprint,
                "evaluation": self.evaluate.fingerprint,
                "behavior": "" if self.behavior is None else self.behavior.fingerprint,
            },
        )

    @cached_property
    def predict(self) -> Saved[predict.Predicted] | None:
        """The configured documents to predictions; None where there are none."""
        config = self.config.predict
        if not config.inputs:
            return None
        sources = ingest.find_sources(config.inputs, config.read_as)
        output = self.folder.scratch(predict.STAGE) / f"predictions.{config.format}"
        bad_rows = BadRows(config.on_bad_row)
        done = self.folder.do(
            predict.STAGE,
            lambda: predict.predict_file(
                self.calibrate.value.model,
                ingest.stream(config.inputs, config, bad_rows),
                output,
                config,
                lambda n_sentences, source: self._audience.progress("predict", n_sentences, 0),
            ),
            settings=settings_of(config),
            inputs={"model": self.calibrate.fingerprint, "documents": ingest.fingerprint_sources(sources)},
        )
        self._tell_of("predict", bad_rows)
        return done

    def _train_with(self, seed: int, listener: Listener) -> Saved[training.Trained]:
        stage, config = training.stage(self.config, seed), self.config
        settings = {**settings_of(config.train), **labels_and_seed(config), "seed": seed}
        del settings["seeds"]  # another number of trainings leaves each as it is
        inputs = {
            "parts": self.split.fingerprint,
            **training.encoder_input(config),
            **training.countries_inputs(config),
        }
        if config.augment.countries is not None:
            settings["augment"] = settings_of(config.augment)
        if seed == config.training_seeds[0]:
            self.live.key = fingerprint.of_value([settings, inputs, settings_of(config.track)])
        scratch = self.folder.scratch(stage)

        def compute() -> training.Trained:
            if training.is_resumable(scratch):
                self._audience.note(f"{stage.name}: goes on from the last checkpoint; its seconds are those since then")
            return training.train(config, self.split.value.parts, listener, scratch, seed)

        return self.folder.do(stage, compute, settings=settings, inputs=inputs)

    def _others(self) -> dict[int, StanceModel]:
        """The models of further seeds, by seed: those that are not kept."""
        kept = training.best(self.repeat)
        return {saved.value.model.seed: saved.value.model for saved in self.repeat if saved is not kept}

    def _repeated(self) -> dict[str, str]:
        if len(self.repeat) == 1:
            return {}
        seeds = self.config.training_seeds
        return {f"training {seed}": saved.fingerprint for seed, saved in zip(seeds, self.repeat, strict=True)}

    def _hear(self, event: TrainingEvent) -> None:
        self._audience.listener(event)
        if self.config.track.enabled and self.folder.is_leader:
            self.live.listen(event)

    def _is_there(self, entry: EvaluationSet) -> bool:
        if is_left_out(entry):
            self._audience.note(f"evaluate: set {entry.name} is left out: {entry.path} is not there")
            return False
        return True

    def _read_set(self, entry: EvaluationSet) -> list[Example]:
        examples, bad_rows = read_set(entry, self.config.all_labels)
        self._tell_of(f"evaluate: set {entry.name}", bad_rows)
        if n := n_seen(examples, self.split.value.parts.train):
            self._audience.note(
                f"evaluate: set {entry.name}: {n} of {len(examples)} sentences are in the training part, too: its "
                "figures flatter"
            )
        return examples

    def _tell_of(self, place: str, bad_rows: BadRows) -> None:
        if bad_rows.n_skipped:
            self._audience.note(f"{place}: rows left out: {bad_rows.n_skipped}; the first: {bad_rows.messages[0]}")
