"""What every kind of model is and does."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.countries.masking import Masker
from pipeline.models.calibration import NEVER, UNCALIBRATED, Abstention, Calibration
from pipeline.models.effects import Effect, by_occlusion, carried_back
from pipeline.records import Example, Listener, Prediction, StanceError, ignore

BATCH_SIZE = 32


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels a model knows: the stances, and the background.

    Attributes:
        stances: what the headline figure is about.
        background: the label of a sentence without a stance.
    """

    stances: tuple[str, ...]
    background: str

    @property
    def all(self) -> tuple[str, ...]:
        """The stances in order, then the background: the columns of every probability array."""
        return (*self.stances, self.background)


class StanceModel(ABC):
    """A classifier of sentences. The constructor stores, `fit` learns, what was learned can be saved and loaded.

    Attributes:
        kind: name in the config.
        computes_on_one_processor: most of the time, so that on a long input a process a processor is faster.
        labels: what it can answer.
        device: where it runs, as ``cpu`` or ``cuda``.
        runs_on_gpus: where there are any.
        windows_at_once: calls that may compute at the same time, each in a thread, and are the faster for it.
        window_batches: batches that are sorted by length and computed together; of a fast kind many, so that each call
            is worth its while, of a slow one few, so that progress is seen.
        device_reason: why there.
        calibration: of its probabilities; of a model just trained: none.
        abstention: when it says that it does not know; of a model just trained: never.
        masker: puts stand-ins in the place of states before the model sees a text; None: it sees texts as they are.
        saved_as: hash of the card that it was loaded with, which knows its files' hashes; None: it was not loaded.
    """

    kind: ClassVar[str]
    computes_on_one_processor: ClassVar[bool] = False
    runs_on_gpus: ClassVar[bool] = False
    windows_at_once: ClassVar[int] = 1
    window_batches: ClassVar[int] = 32
    device_reason: str = ""
    calibration: Calibration = UNCALIBRATED
    abstention: Abstention = NEVER
    masker: Masker | None = None
    saved_as: str | None = None

    def __init__(self, config: Any, labels: LabelSet, *, seed: int, device: str) -> None:
        self.config = config
        self.labels = labels
        self.seed = seed
        self.device = device

    def fit(
        self,
        train: Sequence[Example],
        validation: Sequence[Example],
        *,
        listener: Listener = ignore,
        scratch: Path | None = None,
    ) -> Self:
        """Learn from the training part; the validation part chooses and stops.

        Args:
            train: what to learn from.
            validation: what chooses among settings and epochs, by macro-F1 over the stances.
            listener: told of every moment of training worth seeing.
            scratch: folder for checkpoints; a killed training goes on from what is there.

        Raises:
            StanceError: training cannot succeed with these settings or on this machine.
        """
        self._fit(self._seen_examples(train), self._seen_examples(validation), listener, scratch)
        return self

    def raw_proba(self, texts: Sequence[str], *, batch_size: int = BATCH_SIZE) -> NDArray[np.float64]:
        """Probabilities before calibration, (n_sentences, n_labels), columns as `labels.all`; each row sums to 1."""
        return self.raw_proba_of_seen(self.seen(texts), batch_size)

    def raw_proba_of_seen(self, seen: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """As `raw_proba`, of texts as `seen` gives them."""
        places = {text: place for place, text in enumerate(dict.fromkeys(seen))}  # the same sentence is computed once
        rows = self._raw_proba(list(places), batch_size)
        return rows if len(rows) == len(seen) else rows[[places[text] for text in seen]]

    def embed(self, texts: Sequence[str], *, batch_size: int = BATCH_SIZE) -> Any:
        """Vectors of length 1, (n_sentences, n_dimensions), an array or a sparse matrix; like ones are near."""
        return self._embed(self.seen(texts), batch_size)

    def word_effects(self, texts: Sequence[str], labels: Sequence[str]) -> list[list[Effect]]:
        """How far each word of each text moved the decision toward its label, exactly or in probability."""
        found = self._word_effects(self.seen(texts), labels)
        if self.masker is None:
            return found
        pieces = map(self.masker.pieces, texts)
        return [carried_back(*each) for each in zip(found, pieces, texts, strict=True)]

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what was learned into an empty folder, without pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, config: Any, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""

    @abstractmethod
    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """As `fit`, with texts as the model sees them."""

    @abstractmethod
    def _raw_proba(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """As `raw_proba`, with texts as the model sees them."""

    @abstractmethod
    def _embed(self, texts: Sequence[str], batch_size: int) -> Any:
        """As `embed`, with texts as the model sees them."""

    def _word_effects(self, texts: Sequence[str], labels: Sequence[str]) -> list[list[Effect]]:
        """As `word_effects`, with texts as the model sees them; in probability, by leaving each word out."""

        def proba(some: Sequence[str]) -> NDArray[np.float64]:
            return self.calibration.apply(self._raw_proba(some, BATCH_SIZE))

        return by_occlusion(proba, texts, [self.labels.all.index(label) for label in labels])

    def seen(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts as the model sees them: with stand-ins for states, if it was trained so."""
        return texts if self.masker is None else self.masker.mask_all(texts)

    def _seen_examples(self, examples: Sequence[Example]) -> Sequence[Example]:
        if self.masker is None:
            return examples
        texts = self.masker.mask_all([example.text for example in examples])
        return [example.with_text(text) for example, text in zip(examples, texts, strict=True)]

    def predict_proba(self, texts: Sequence[str], *, batch_size: int = BATCH_SIZE) -> NDArray[np.float64]:
        """Calibrated probabilities, (n_sentences, n_labels), columns as `labels.all`; each row sums to 1."""
        return self.calibration.apply(self.raw_proba(texts, batch_size=batch_size))

    def predict(self, texts: Sequence[str], *, batch_size: int = BATCH_SIZE) -> list[Prediction]:
        """The label, its probability and all probabilities of each sentence, in order.

        Raises:
            StanceError: `texts` is one text instead of a list, or holds something else than text.
        """
        return self.to_predictions(self.predict_proba(checked(texts), batch_size=batch_size))

    def to_predictions(self, probabilities: NDArray[np.float64]) -> list[Prediction]:
        """A prediction a row of calibrated probabilities, (n_sentences, n_labels); of equal ones the first wins."""
        labels, best = self.labels.all, probabilities.argmax(axis=1).tolist()
        abstains = self.abstention.applies(probabilities).tolist()
        return [
            Prediction(labels[winner], row[winner], dict(zip(labels, row, strict=True)), abstain)
            for winner, row, abstain in zip(best, probabilities.tolist(), abstains, strict=True)
        ]


def checked(texts: Sequence[str]) -> list[str]:
    """The texts as a list.

    Raises:
        StanceError: it is a single text, or an item is not text, or not whole; its place is named.
    """
    if isinstance(texts, str):
        raise StanceError('predict: expected a list of sentences, found one text. Put it in a list: predict(["…"])')
    listed = list(texts)
    for place, text in enumerate(listed):
        if not isinstance(text, str):
            raise StanceError(f"predict: item {place} is {type(text).__name__}, not text. Give sentences as strings")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise StanceError(
                f"predict: item {place} has half of a character in it: {text[error.start]!a}. "
                "Decode it anew, or leave it out"
            ) from None
    return listed
