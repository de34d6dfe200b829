"""The config of a run: every section, and what belongs to all of them."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from pipeline.config.augment import AugmentConfig
from pipeline.config.base import Section
from pipeline.config.behavior import BehaviorConfig
from pipeline.config.calibrate import CalibrateConfig
from pipeline.config.evaluate import EvaluateConfig
from pipeline.config.ingest import IngestConfig
from pipeline.config.label import LabelConfig
from pipeline.config.predict import PredictConfig
from pipeline.config.pretrain import PretrainConfig
from pipeline.config.promote import PromoteConfig
from pipeline.config.split import SplitConfig
from pipeline.config.teach import TeachConfig
from pipeline.config.track import TrackConfig
from pipeline.config.train import TrainConfig, TransformerTraining
from pipeline.config.tune import TuneConfig

Device = Literal["auto", "cpu", "cuda", "mps"]


class Config(Section):
    """One run. Paths are relative to the folder that the command is given in."""

    name: str = Field(
        description="Name of the run; its results lie in runs/<name>.", pattern="^[A-Za-z0-9_-][A-Za-z0-9_.-]*$"
    )
    seed: int = Field(13, description="Reaches the split, the training and the bootstrap.", ge=0, le=2**32 - 1)
    device: Device = Field(
        "auto",
        description="Where the model runs. auto takes the best there is and says which; an absent one is an error.",
    )
    runs: Path = Field(Path("runs"), description="Folder of the runs.")
    codebook: Path = Field(Path("data/codebook.yaml"), description="What the labels mean, and the rules.")
    labels: tuple[str, ...] = Field(
        ("cooperative", "warning", "grievance"),
        description="The stances, as the codebook defines them.",
        min_length=1,
    )
    background: str = Field("none", description="The label of a sentence without a stance.")
    about: str = Field("", description="What the labeled data are, in a sentence: for the report and the model's card.")
    ingest: IngestConfig
    label: LabelConfig = Field(default_factory=LabelConfig)
    split: SplitConfig = Field(default_factory=SplitConfig)
    augment: AugmentConfig = Field(default_factory=AugmentConfig)
    pretrain: PretrainConfig | None = Field(
        None, description="Documents that the encoder reads before training. None: it is taken as it comes."
    )
    teach: TeachConfig | None = Field(
        None, description="Trained models that the model learns from. None: from labels alone."
    )
    train: TrainConfig
    tune: TuneConfig | None = Field(
        None, description="What `stance tune` may change, and how long it looks. None: what is usual for the kind."
    )
    calibrate: CalibrateConfig = Field(default_factory=CalibrateConfig)
    evaluate: EvaluateConfig = Field(default_factory=EvaluateConfig)
    behavior: BehaviorConfig = Field(default_factory=BehaviorConfig)
    predict: PredictConfig = Field(default_factory=PredictConfig)
    track: TrackConfig = Field(default_factory=TrackConfig)
    promote: PromoteConfig = Field(default_factory=PromoteConfig)

    @property
    def run_dir(self) -> Path:
        """Folder of this run's results."""
        return self.runs / self.name

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The stances in order, then the background: the columns of every probability array."""
        return (*self.labels, self.background)

    @property
    def training_seeds(self) -> tuple[int, ...]:
        """One a training: those of the train section, or the run's own."""
        return self.train.seeds or (self.seed,)

    @model_validator(mode="after")
    def _states_are_masked_or_swapped(self) -> Self:
        if self.augment.countries is not None and self.train.mask_countries is not None:
            raise ValueError(
                "augment.countries and train.mask_countries: states that the model does not see need not trade places; "
                "set one of the two to null"
            )
        return self

    @model_validator(mode="after")
    def _teachers_can_be_heard(self) -> Self:
        if self.teach is None:
            return self
        if isinstance(self.train, TransformerTraining):
            if self.train.soft_labels:
                raise ValueError(
                    "teach and train.soft_labels: a target has one source of doubt; set soft_labels to false"
                )
        elif not self.teach.inputs:
            raise ValueError(
                f"teach: a model of kind {self.train.kind} learns labels only, so that teachers have nothing to add to "
                "its own; name sentences without labels under teach.inputs"
            )
        return self

    @model_validator(mode="after")
    def _labels_differ(self) -> Self:
        if len(set(self.all_labels)) != len(self.all_labels):
            raise ValueError("labels and background should all differ; found " + ", ".join(self.all_labels))
        return self
