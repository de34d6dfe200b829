"""Static embeddings: one vector a token, learned from an encoder's, their mean, and a small head (`model2vec`).

Beside them a linear classifier reads runs of tokens, which the mean cannot tell apart; scores of both are added.
"""

import contextlib
import io
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Literal, Self

import numpy as np
from model2vec import StaticModel
from model2vec.inference import StaticModelPipeline
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import softmax
from tokenizers import Tokenizer

from pipeline.config.train import StaticTraining
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.ngrams import NgramClassifier, TokenIds
from pipeline.models.selection import check_trainable, macro_f1
from pipeline.models.vectors import unit_length
from pipeline.records import Example, Listener, TrainingEvent

SIF = 1e-3  # share of all tokens above which a token's vector shrinks (Arora, Liang and Ma 2017)
NGRAMS_FILE = "ngrams.safetensors"
LEAST = 1e-12  # probability, so that it has a logarithm
CHUNK = 4096  # sentences in memory at once


class StaticEmbeddingModel(StanceModel):
    """A bag of token vectors and of runs of tokens: many times faster than an encoder, and nearly blind to order.

    Attributes:
        pipeline_: set by `fit`: vectors and head.
        ngrams_: set by `fit`: what reads runs of tokens; None: nothing does.
    """

    kind = "static"
    window_batches = 128
    computes_on_one_processor = True
    device_reason = "static embeddings run on the CPU"

    pipeline_: StaticModelPipeline
    ngrams_: NgramClassifier | None

    def __init__(self, config: StaticTraining, labels: LabelSet, *, seed: int, device: str) -> None:
        super().__init__(config, labels, seed=seed, device="cpu")

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """Start from the encoder's token vectors and train them with the head; the best on validation stays."""
        from model2vec.train import StaticModelForClassification

        check_trainable(train, self.labels)
        texts, held_out = ([example.text for example in some] for some in (train, validation))
        answers, checked = ([example.label for example in some] for some in (train, validation))
        weights: Literal["balanced"] | None = "balanced" if self.config.class_weights == "balanced" else None
        network = StaticModelForClassification.from_static_model(
            model=self._start(texts), n_layers=1, hidden_dim=self.config.hidden_size
        )
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bars would tear ours
            network.fit(
                texts,
                answers,
                X_val=held_out,
                y_val=checked,
                learning_rate=self.config.learning_rate,
                batch_size=self.config.batch_size,
                max_epochs=self.config.epochs,
                early_stopping_patience=self.config.early_stopping,
                class_weight=weights,
                token_dropout=self.config.token_dropout,
                random_seed=self.seed,
                device="cpu",
            )
        self.pipeline_ = network.to_pipeline()
        self.ngrams_ = self._read_ngrams(texts, answers, weights) if self.config.ngrams else None
        found = [self.labels.all[place] for place in self._raw_proba(held_out, 0).argmax(axis=1)]
        listener(TrainingEvent(1, 1, 1.0, {"validation_macro_f1": macro_f1(checked, found, self.labels)}))

    def _read_ngrams(self, texts: Sequence[str], answers: Sequence[str], weights: str | None) -> NgramClassifier:
        return NgramClassifier.fit(
            self._ids(texts),
            answers,
            self.labels.all,
            longest=self.config.ngrams,
            C=self.config.ngrams_C,
            class_weight=weights,
            random_state=self.seed,
        )

    def _raw_proba(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """Probabilities before calibration, (n_sentences, n_labels), columns as `labels.all`."""
        chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
        return np.concatenate([np.empty((0, len(self.labels.all))), *map(self._chunk_proba, chunks)])

    def _chunk_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        ids = self._ids(texts)
        rows = np.asarray(self.pipeline_.head.predict_proba(self._vectors(ids)), dtype=np.float64)
        classes = np.asarray(self.pipeline_.head.classes_).tolist()
        logits = np.log(np.maximum(rows[:, [classes.index(label) for label in self.labels.all]], LEAST))
        found: NDArray[np.float64] = softmax(
            logits if self.ngrams_ is None else logits + self.ngrams_.logits(ids), axis=1
        )
        return found

    def _embed(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float32]:
        """Means of token vectors, (n_sentences, n_dimensions), scaled to length 1."""
        return self._vectors(self._ids(texts))

    def _ids(self, texts: Sequence[str]) -> TokenIds:
        return [ids[: self.config.max_length] for ids in self.pipeline_.model.tokenize(list(texts))]

    def _vectors(self, ids: TokenIds) -> NDArray[np.float32]:
        """The mean of each sentence's token vectors, scaled to length 1, (n_sentences, n_dimensions); of none: zeros.

        As `StaticModel.encode`, which would cut the texts into tokens once more.
        """
        table = self.pipeline_.model.embedding
        starts = np.cumsum([0, *map(len, ids)])
        tokens = np.fromiter(chain.from_iterable(ids), np.int64, int(starts[-1]))
        bags = csr_matrix((np.ones(len(tokens), np.float32), tokens, starts), shape=(len(ids), len(table)))
        sums = bags @ table
        return unit_length(sums)

    def save(self, folder: Path) -> None:
        """Write vectors, head, runs of tokens and tokenizer (safetensors and JSON)."""
        self.pipeline_.save_pretrained(str(folder))
        if self.ngrams_ is not None:
            self.ngrams_.save(folder / NGRAMS_FILE)
        (folder / "README.md").unlink(missing_ok=True)  # the library's; the project's card says what this model is

    @classmethod
    def load(cls, folder: Path, config: StaticTraining, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        model = cls(config, labels, seed=seed, device=device)
        model.pipeline_ = StaticModelPipeline.from_pretrained(str(folder))
        model.ngrams_ = NgramClassifier.load(folder / NGRAMS_FILE) if (folder / NGRAMS_FILE).exists() else None
        return model

    def _start(self, texts: Sequence[str]) -> StaticModel:
        """The encoder's vector of each token, centered, of length 1, then shortened where the texts have it often."""
        from pipeline.models.transformer.encoder import load_encoder  # torch is paid for only here
        from pipeline.models.transformer.inference import token_vectors

        encoder, tokenizer = load_encoder(self.config.encoder, self.config.revision)
        vectors = token_vectors(encoder, tokenizer)
        vectors -= vectors.mean(axis=0)
        vectors = unit_length(vectors)
        fast = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        counts = np.ones(len(vectors))
        for encoding in fast.encode_batch_fast(list(texts), add_special_tokens=False):
            np.add.at(counts, encoding.ids, 1)
        vectors *= (SIF / (SIF + counts / counts.sum()))[:, None]
        return StaticModel(vectors.astype(np.float32), fast, max_length=self.config.max_length)
