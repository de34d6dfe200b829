"""Sentences through a model, a window at a time, so that memory does not grow with the input."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.config.predict import PredictConfig
from pipeline.models.contract import StanceModel
from pipeline.predict.writers import open_writer
from pipeline.records import Prediction, Sentence, StanceError
from pipeline.store.atomic import atomic_file

WINDOW_BATCHES = 32  # batches sorted by length together
SAMPLE = 8

Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class Sampled:
    """A sentence of the sample."""

    text: str
    label: str
    score: float
    abstain: bool


@dataclass
class Predicted:
    """What was predicted.

    Attributes:
        output: where it was written.
        n_sentences: how many.
        by_label: how many of each label.
        sample: the first few sentences.
    """

    output: Path
    n_sentences: int = 0
    by_label: dict[str, int] = field(default_factory=dict)
    sample: list[Sampled] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        return {"sentences": self.n_sentences, **self.by_label}

    def add(self, window: Sequence[Sentence], predictions: Sequence[Prediction]) -> None:
        """Count some predictions."""
        self.n_sentences += len(window)
        for prediction in predictions:
            self.by_label[prediction.label] = self.by_label.get(prediction.label, 0) + 1
        missing = SAMPLE - len(self.sample)
        few = zip(window[:missing], predictions[:missing], strict=True)
        self.sample += [Sampled(sentence.text, found.label, found.score, found.abstain) for sentence, found in few]


def predict_file(
    model: StanceModel,
    sentences: Iterator[Sentence],
    output: Path,
    config: PredictConfig,
    progress: Progress = lambda n_sentences, source: None,
) -> Predicted:
    """Write a row a sentence, whole or not at all; the format is the config's.

    Args:
        model: a fitted model.
        sentences: what to label, in order.
        output: the file to write.
        config: format and batch size.
        progress: told how many sentences are done, and where the last one stood.

    Raises:
        StanceError: an input cannot be read, the output cannot be written, or there is no sentence.
    """
    predicted = Predicted(output, by_label=dict.fromkeys(model.labels.all, 0))
    window_size = config.batch_size * WINDOW_BATCHES
    with atomic_file(output) as temporary, open_writer(temporary, config.format, model.labels.all) as writer:
        while window := list(islice(sentences, window_size)):
            texts = [sentence.text for sentence in window]
            predictions = model.predict(texts, batch_size=config.batch_size)
            writer.write(window, predictions)
            predicted.add(window, predictions)
            progress(predicted.n_sentences, window[-1].source)
        if predicted.n_sentences == 0:
            raise StanceError("predict: no sentence in the input; nothing was written. Name a file with text in it")
    return predicted
