"""A trained transformer as a graph: it answers faster, and needs neither torch nor transformers. Made by `export`."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from pipeline.config.exported import ExportedSettings
from pipeline.models.batches import of_like_length, padded
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.exported.engines import FILES, Engine, open_engine
from pipeline.models.threads import n_threads
from pipeline.models.vectors import unit_length
from pipeline.records import Example, Listener, StanceError

TOKENIZER_FILE = "tokenizer.json"


class ExportedModel(StanceModel):
    """A graph with its tokenizer. It learns nothing more.

    Attributes:
        folder_: where its files lie.
        tokenizer_: texts to token numbers.
        engine_: batches of those to logits and vectors.
    """

    kind = "exported"
    windows_at_once = 2  # one is prepared while the other is computed, and no thread waits for the last batch of one

    folder_: Path
    tokenizer_: Tokenizer
    engine_: Engine

    def __init__(self, config: ExportedSettings, labels: LabelSet, *, seed: int, device: str) -> None:
        if device not in {"auto", "cpu"}:
            raise StanceError(f"device: {device}: an exported model runs on the CPU. Use device: auto or cpu")
        super().__init__(config, labels, seed=seed, device="cpu")
        self._n_threads = n_threads()
        self._threads = ThreadPoolExecutor(self._n_threads, thread_name_prefix="stance")
        self.device_reason = f"{config.runtime} in {config.precision}, {self._n_threads} threads"

    def _fit(
        self, train: Sequence[Example], validation: Sequence[Example], listener: Listener, scratch: Path | None
    ) -> None:
        """It cannot."""
        raise StanceError("train: an exported model does not learn. Train kind transformer, and export that")

    def save(self, folder: Path) -> None:
        """Copy graph and tokenizer."""
        for name in (*FILES[self.config.runtime], TOKENIZER_FILE):
            shutil.copyfile(self.folder_ / name, folder / name)

    @classmethod
    def load(cls, folder: Path, config: ExportedSettings, labels: LabelSet, *, seed: int, device: str) -> Self:
        """A model as `save` wrote it."""
        model = cls(config, labels, seed=seed, device=device)
        model.folder_ = folder
        model.tokenizer_ = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        model.tokenizer_.no_padding()
        model.tokenizer_.enable_truncation(config.max_length)
        model.engine_ = open_engine(folder, config, model._n_threads)
        return model

    def _raw_proba(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """Probabilities before calibration, (n_sentences, n_labels), columns as `labels.all`."""
        logits = self._computed(texts, batch_size, 0).astype(np.float64)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return found

    def _embed(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float32]:
        """Pooled vectors, (n_sentences, hidden size), before the head, scaled to length 1."""
        return unit_length(self._computed(texts, batch_size, 1))

    def _computed(self, texts: Sequence[str], batch_size: int, which: int) -> NDArray[np.float32]:
        """The graph's logits (0) or vectors (1), a row a text."""
        ids = [encoding.ids for encoding in self.tokenizer_.encode_batch_fast(list(texts))]
        batches = of_like_length(ids, batch_size)

        def run(places: NDArray[np.int64]) -> NDArray[np.float32]:
            return self.engine_(*padded([ids[place] for place in places], self.config.pad_token))[which]

        if not batches:
            return self._computed([""], 1, which)[:0]
        rows = np.concatenate(list(self._threads.map(run, batches)) if len(batches) > 1 else [run(batches[0])])
        found = np.empty_like(rows)
        found[np.concatenate(batches)] = rows
        return found
