"""An encoder as it comes, its vectors computed once, and a logistic regression on them as its head."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pipeline.config.train import EmbeddingTraining
from pipeline.models.contract import LabelSet
from pipeline.models.logistic import Labeled, coefficients, fit_best
from pipeline.models.selection import check_trainable
from pipeline.models.transformer.encoder_model import EncoderModel
from pipeline.models.transformer.inference import pooled
from pipeline.records import Example, Listener, TrainingEvent

CHUNK = 1024  # sentences between two words of progress
BATCH = 64


def as_it_comes(config: EmbeddingTraining, labels: LabelSet, device: str = "auto") -> "EmbeddingModel":
    """A model that gives vectors (`embed`), and has learned nothing: its encoder is as it comes, its head at chance.

    Raises:
        StanceError: the encoder cannot be loaded, or the device is absent.
    """
    model = EmbeddingModel(config, labels, seed=0, device=device)
    model._begin()
    model.network_.to(torch.device(model.device)).eval()
    return model


class EmbeddingModel(EncoderModel):
    """Only the head learns."""

    kind = "embedding"

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """Fit a head once for each `C`; the one best on the validation part stays."""
        check_trainable(train, self.labels)
        self._begin()
        self.network_.to(torch.device(self.device)).eval()
        n_all = len(train) + len(validation) + len(self.config.C)  # vectors, then classifiers

        def told(event: TrainingEvent, done: int) -> None:
            listener(replace(event, step=done + event.step, total_steps=n_all))

        vectors = self._vectors([*train, *validation], partial(told, done=0))
        scaler = StandardScaler().fit(vectors[: len(train)])
        scaled, n = scaler.transform(vectors), len(train)
        ours, theirs = ([example.label for example in some] for some in (train, validation))
        self._put_on(
            fit_best(self, Labeled(scaled[:n], ours), Labeled(scaled[n:], theirs), partial(told, done=len(vectors))),
            scaler,
        )

    def _vectors(self, examples: Sequence[Example], listener: Listener) -> NDArray[np.float32]:
        parts = []
        for start in range(0, len(examples), CHUNK):
            texts = [example.text for example in examples[start : start + CHUNK]]
            parts.append(pooled(self.network_, self.tokenizer_, texts, self.config.max_length, BATCH))
            listener(TrainingEvent(min(start + CHUNK, len(examples)), len(examples), 0.0, {}))
        return np.concatenate(parts)

    def _put_on(self, classifier: LogisticRegression, scaler: StandardScaler) -> None:
        """Make the classifier the head, with the scaling of its inputs in its weights."""
        weights, bias = coefficients(classifier, self.labels.all)
        weights = weights / scaler.scale_
        bias = bias - weights @ scaler.mean_
        with torch.no_grad():
            self.network_.head.weight.copy_(torch.from_numpy(weights))
            self.network_.head.bias.copy_(torch.from_numpy(bias))
