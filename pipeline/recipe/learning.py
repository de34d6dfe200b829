"""The middle stages of a run: examples to a model that can be used."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from pipeline import ingest
from pipeline import pretrain as pretraining
from pipeline import teach as teaching
from pipeline import train as training
from pipeline.config.ingest import ReadConfig
from pipeline.config.root import Config
from pipeline.evaluation import calibrate as calibration
from pipeline.ingest import BadRows
from pipeline.recipe.gather import labels_and_seed, settings_of
from pipeline.recipe.preparing import Preparing
from pipeline.records import Example, Listener, Parts, Sentence, TrainingEvent, listing
from pipeline.store import fingerprint
from pipeline.store.run_folder import Saved
from pipeline.variants import variants


class Learning(Preparing):
    """Pretrain, teach, train, repeat, calibrate."""

    @cached_property
    def pretrain(self) -> Saved[pretraining.Pretrained] | None:
        """The encoder to one that has read documents of the field; None where the config asks not."""
        config = self.config.pretrain
        if config is None:
            return None
        scratch, masked = self.folder.scratch(pretraining.STAGE), self.config.train.mask_countries

        def compute() -> pretraining.Pretrained:
            parts = self.split.value.parts
            ours = [example.sentence for example in parts.train]
            held_out = {example.text for example in [*parts.validation, *parts.test]}
            new = self._read_unlabeled("pretrain", config.inputs, config)
            theirs = [sentence for sentence in new if sentence.text not in held_out]
            return pretraining.pretrain(self.config, [*ours, *theirs], self._audience.listener, scratch)

        return self.folder.do(
            pretraining.STAGE,
            compute,
            settings={**settings_of(config), "seed": self.config.seed},
            inputs={
                "parts": self.split.fingerprint,
                "documents": _fingerprint(config.inputs, config),
                **training.encoder_input(self.config),
                **({} if masked is None else {"masked": fingerprint.of_file(masked)}),
            },
        )

    @cached_property
    def teach(self) -> Saved[teaching.Taught] | None:
        """The training part to one that says what trained models say, too; None where the config names none."""
        config = self.config.teach
        if config is None:
            return None
        labels, teachers = training.label_set(self.config), teaching.find_teachers(config.teachers)
        if others := teaching.of_another_split(teachers, self.split.fingerprint):
            self._audience.note(
                f"teach: trained on another split, so that sentences of the test part may have been learned: "
                f"{listing(others)}; figures may flatter"
            )
        return self.folder.do(
            teaching.STAGE,
            lambda: teaching.teach(
                config,
                self.split.value.parts,
                [
                    *self._read_unlabeled("teach", config.inputs, config),
                    *variants((e.sentence for e in self.split.value.parts.train), config.variants, self.config.seed),
                ],
                teaching.load_teachers(teachers, labels, self.config.device),
                lambda done, total: self._audience.progress("teach", done, total),
            ),
            settings={**settings_of(config), **({"seed": self.config.seed} if config.variants else {})},
            inputs={
                "parts": self.split.fingerprint,
                "documents": _fingerprint(config.inputs, config),
                **teaching.teacher_inputs(teachers),
            },
        )

    @cached_property
    def train(self) -> Saved[training.Trained]:
        """The training part to a model, with the first seed."""
        models = [folder for _, folder in training.models_of(self.config)]
        if others := teaching.of_another_split(models, self.split.fingerprint):
            self._audience.note(
                f"train: made of models trained on another split, which may have seen sentences of this one's test "
                f"part: {listing(others)}; figures may flatter"
            )
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
            **training.models_inputs(config),
        }
        if self.pretrain is not None:
            inputs["pretrained"] = self.pretrain.fingerprint
        if self.teach is not None:
            inputs["taught"] = self.teach.fingerprint
        if config.augment.countries is not None:
            settings["augment"] = settings_of(config.augment)
        if seed == config.training_seeds[0]:
            self.live.key = fingerprint.of_value([settings, inputs, settings_of(config.track)])
        scratch = self.folder.scratch(stage)

        def compute() -> training.Trained:
            if training.is_resumable(scratch):
                self._audience.note(f"{stage.name}: goes on from the last checkpoint; its seconds are those since then")
            return training.train(self.to_train_with, self._taught_parts(), listener, scratch, seed)

        return self.folder.do(stage, compute, settings=settings, inputs=inputs)

    @property
    def to_train_with(self) -> Config:
        """The config, which starts from the pretrained encoder where there is one."""
        if self.pretrain is None:
            return self.config
        encoder = {"encoder": str(self.pretrain.folder / pretraining.ENCODER), "revision": "main"}
        return self.config.model_copy(update={"train": self.config.train.model_copy(update=encoder)})

    def _learned_from(self) -> list[Example]:
        return self._taught_parts().train

    def _taught_parts(self) -> Parts:
        parts = self.split.value.parts
        return parts if self.teach is None else replace(parts, train=self.teach.value.examples)

    def _read_unlabeled(self, stage: str, inputs: Sequence[str], config: ReadConfig) -> list[Sentence]:
        if not inputs:
            return []
        bad_rows = BadRows(config.on_bad_row)
        sentences = list(ingest.stream(inputs, config, bad_rows))
        self._tell_of(stage, bad_rows)
        return sentences

    def _hear(self, event: TrainingEvent) -> None:
        self._audience.listener(event)
        if self.config.track.enabled and self.folder.is_leader:
            self.live.listen(event)


def _fingerprint(inputs: Sequence[str], config: ReadConfig) -> str:
    return ingest.fingerprint_sources(ingest.find_sources(inputs, config.read_as)) if inputs else ""
