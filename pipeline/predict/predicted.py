"""What was predicted, in figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.records import Prediction, Sentence

SAMPLE = 8


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
        n_before: how many of them an earlier, interrupted command had labeled.
    """

    output: Path
    n_sentences: int = 0
    by_label: dict[str, int] = field(default_factory=dict)
    sample: list[Sampled] = field(default_factory=list)
    n_before: int = 0

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
