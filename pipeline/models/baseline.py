"""Word and character TF-IDF with logistic regression: seconds to train, and the mark that others must pass."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.config.train import BaselineTraining
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.counting import FastFeatures
from pipeline.models.effects import Effect
from pipeline.models.linear_effects import linear_effects
from pipeline.models.logistic import Labeled, fit_best
from pipeline.models.selection import check_trainable
from pipeline.models.vectorizers import load_linear, new_features, save_linear
from pipeline.records import Example, Listener, StanceError

CHUNK = 512  # sentences whose features are in memory at once; more of them were slower


class BaselineModel(StanceModel):
    """Bag of n-grams. Attributes that `fit` sets: `features_`, `classifier_`."""

    kind = "baseline"
    computes_on_one_processor = True
    device_reason = "scikit-learn runs on the CPU"

    features_: Any
    classifier_: Any

    def __init__(self, config: BaselineTraining, labels: LabelSet, *, seed: int, device: str) -> None:
        super().__init__(config, labels, seed=seed, device="cpu")

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """Fit once for each `C`; the one best on the validation part stays, of equals the strongest penalty."""
        check_trainable(train, self.labels)
        self.features_ = new_features(self.config)
        inputs = self._learn_features([example.text for example in train])
        held_out = self.features_.transform([example.text for example in validation])
        ours, theirs = ([example.label for example in some] for some in (train, validation))
        self.classifier_ = fit_best(self, Labeled(inputs, ours), Labeled(held_out, theirs), listener)

    def _raw_proba(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """Probabilities before calibration, (n_sentences, n_labels), columns as `labels.all`."""
        chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
        rows = [self.classifier_.predict_proba(self._fast_features.transform(chunk)) for chunk in chunks]
        if not rows:
            return np.empty((0, len(self.labels.all)))
        order = [self.classifier_.classes_.tolist().index(label) for label in self.labels.all]
        return np.concatenate(rows)[:, order]

    def _embed(self, texts: Sequence[str], batch_size: int) -> Any:
        """TF-IDF vectors of words and characters, a sparse matrix, (n_sentences, n_features), of rows of length 1."""
        from sklearn.preprocessing import normalize

        return normalize(self.features_.transform(texts))

    def _word_effects(self, texts: Sequence[str], labels: Sequence[str]) -> list[list[Effect]]:
        """What each word adds to its label's score above the mean of all labels', in log-odds: exact."""
        return linear_effects(self.features_, self.classifier_, list(texts), list(labels))

    def save(self, folder: Path) -> None:
        """Write terms (JSON) and weights (safetensors)."""
        save_linear(self.features_, self.classifier_, folder)

    @classmethod
    def load(cls, folder: Path, config: BaselineTraining, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        model = cls(config, labels, seed=seed, device=device)
        model.features_, model.classifier_ = load_linear(folder, config)
        return model

    @cached_property
    def _fast_features(self) -> FastFeatures:
        return FastFeatures(self.features_)

    def _learn_features(self, texts: list[str]) -> Any:
        try:
            return self.features_.fit_transform(texts)
        except ValueError:  # scikit-learn's word for an empty vocabulary
            raise StanceError(
                f"train: no n-gram stands in {self.config.min_document_frequency} of {len(texts)} training sentences. "
                "Lower train.min_document_frequency, or label more"
            ) from None
