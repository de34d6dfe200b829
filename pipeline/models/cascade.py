"""Two models: a fast one answers what it is sure of, a careful one the rest."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.config.train import CascadeTraining
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.deferral import Judged, choose_thresholds, is_sure
from pipeline.models.effects import Effect
from pipeline.models.selection import check_trainable, macro_f1
from pipeline.records import Example, Listener, StanceError, TrainingEvent

FAST, CAREFUL = "fast", "careful"  # folders of the two
CHOICE_FILE = "cascade.json"


@dataclass(frozen=True)
class Choice:
    """What the validation part chose.

    Attributes:
        thresholds: least probability with which the fast model answers, a label each, in order; above 1: it never does.
        share: of the validation part that it answers.
        macro_f1: of the cascade there, 0 to 1.
        careful_macro_f1: of the careful model alone.
    """

    thresholds: tuple[float, ...]
    share: float
    macro_f1: float
    careful_macro_f1: float


class CascadeModel(StanceModel):
    """Asks the careful model only where the fast one is not sure.

    Attributes:
        fast_: set by `fit`: asked first.
        careful_: set by `fit`: asked where the other is not sure.
        choice_: set by `fit`: how sure is sure, of each label.
    """

    kind = "cascade"
    window_batches = 128
    windows_at_once = 2  # the fast model is at one while the careful model is at the other

    fast_: StanceModel
    careful_: StanceModel
    choice_: Choice

    def __init__(self, config: CascadeTraining, labels: LabelSet, *, seed: int, device: str) -> None:
        super().__init__(config, labels, seed=seed, device=device)
        self._asked = device  # of the careful model; the fast one runs where it runs best

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """Load both, and choose how sure the fast one has to be."""
        check_trainable(train, self.labels)
        self._take(self.config.fast, self.config.careful)
        self.choice_ = self._chosen(validation)
        listener(TrainingEvent(1, 1, 1.0, {"validation_macro_f1": self.choice_.macro_f1}))

    def _take(self, fast: Path, careful: Path) -> None:
        from pipeline.models.saved import check_labels, load_saved

        check_labels("train.fast", fast, self.labels)
        check_labels("train.careful", careful, self.labels)
        self.fast_, self.careful_ = load_saved(fast, "auto"), load_saved(careful, self._asked)
        self.device = self.careful_.device
        self.device_reason = f"{self.fast_.kind}, then {self.careful_.kind}: {self.careful_.device_reason}"

    def _chosen(self, validation: Sequence[Example]) -> Choice:
        """How sure the fast model has to be."""
        texts, true = [e.text for e in validation], [e.label for e in validation]
        fast, careful = (model.predict_proba(texts) for model in (self.fast_, self.careful_))
        places = np.array([self.labels.all.index(label) for label in true])
        judged = Judged(fast, careful.argmax(axis=1), places)
        thresholds = choose_thresholds(judged, self.config.max_loss)
        together = np.where(is_sure(fast, thresholds), fast.argmax(axis=1), judged.careful)
        scores = [
            macro_f1(true, [self.labels.all[place] for place in said], self.labels)
            for said in (together, judged.careful)
        ]
        return Choice(tuple(thresholds.tolist()), judged.share(thresholds), *scores)

    def _raw_proba(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """Calibrated probabilities of the model that answers, (n_sentences, n_labels), columns as `labels.all`."""
        fast, careful = self.fast_, self.careful_
        seen = fast.seen(texts)
        rows = fast.calibration.apply(fast.raw_proba_of_seen(seen, batch_size))
        places = self._unsure(rows)
        if places:
            alike = self._sees_the_same()
            left = [(seen if alike else texts)[place] for place in places]
            raw = careful.raw_proba_of_seen(left if alike else careful.seen(left), batch_size)
            rows[places] = careful.calibration.apply(raw)
        return rows

    def _sees_the_same(self) -> bool:
        """Whether both see the same texts, so that stand-ins for states need be put in only once."""
        ours, theirs = self.fast_.masker, self.careful_.masker
        return theirs is None if ours is None else ours.puts_the_same(theirs)

    def _unsure(self, rows: NDArray[np.float64]) -> list[int]:
        """Places of the sentences that the fast model leaves to the careful one, by its probabilities."""
        places: list[int] = np.flatnonzero(~is_sure(rows, np.array(self.choice_.thresholds))).tolist()
        return places

    def word_effects(self, texts: Sequence[str], labels: Sequence[str]) -> list[list[Effect]]:
        """How far each word moved the decision of the model that answers, as that model tells it."""
        found = self.fast_.word_effects(texts, labels)
        places = self._unsure(self.fast_.predict_proba(texts))
        some = [[listed[place] for place in places] for listed in (texts, labels)]
        for place, effects in zip(places, self.careful_.word_effects(*some), strict=True):
            found[place] = effects
        return found

    def _embed(self, texts: Sequence[str], batch_size: int) -> Any:
        """The careful model's vectors."""
        return self.careful_.embed(texts, batch_size=batch_size)

    def save(self, folder: Path) -> None:
        """Write both models, each as it is saved, and how sure is sure."""
        from pipeline.models.saved import save_model

        for name, model in ((FAST, self.fast_), (CAREFUL, self.careful_)):
            (folder / name).mkdir()
            save_model(model, folder / name)
        (folder / CHOICE_FILE).write_text(json.dumps(asdict(self.choice_), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, config: CascadeTraining, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        model = cls(config, labels, seed=seed, device=device)
        model._take(folder / FAST, folder / CAREFUL)
        choice = json.loads((folder / CHOICE_FILE).read_text(encoding="utf-8"))
        if "thresholds" not in choice:
            raise StanceError(f"{folder}: a cascade of an older version: one threshold for all labels. Train it again")
        model.choice_ = Choice(**{**choice, "thresholds": tuple(choice["thresholds"])})
        return model
