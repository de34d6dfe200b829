"""The middle stages of a run: examples to a model that can be used."""

from functools import cached_property

from pipeline import train as training
from pipeline.evaluation import calibrate as calibration
from pipeline.recipe.gather import labels_and_seed, settings_of
from pipeline.recipe.preparing import Preparing
from pipeline.records import Listener, TrainingEvent
from pipeline.store import fingerprint
from pipeline.store.run_folder import Saved


class Learning(Preparing):
    """Train, repeat, calibrate."""

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

    def _hear(self, event: TrainingEvent) -> None:
        self._audience.listener(event)
        if self.config.track.enabled and self.folder.is_leader:
            self.live.listen(event)
