"""The run: every stage once, in order. The only place that knows the order; read it as a table of contents."""

from functools import cached_property
from typing import Literal, get_args

from pipeline import ingest, predict, tracking
from pipeline.config.load import dump_yaml
from pipeline.config.root import Config
from pipeline.evaluation import report as reporting
from pipeline.ingest import BadRows
from pipeline.models.saved import MODEL_CARD
from pipeline.preflight import check
from pipeline.recipe.audience import Audience
from pipeline.recipe.gather import outcome_of, report_of, settings_of
from pipeline.recipe.judging import Judging
from pipeline.store.atomic import write_text
from pipeline.store.leader import is_leader
from pipeline.store.run_folder import Saved, open_run

StageName = Literal[
    "ingest",
    "label",
    "split",
    "pretrain",
    "teach",
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


class Recipe(Judging):
    """The stages of one run: those of `preparing`, `learning` and `judging`, then report, track, predict.

    Each pulls what it needs from those before it, and is done once.
    """

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
