"""Errors worth reading: the surest, the words that moved each, and the training sentences nearest to it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from pipeline.evaluation.predictions import in_chunks
from pipeline.models.contract import StanceModel
from pipeline.models.effects import Effect
from pipeline.records import Example
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import Stage

ERRORS_FILE = "errors.json"
N_NEIGHBORS = 3
N_CANDIDATES = 200  # training sentences that each error is compared with, at most


@dataclass(frozen=True)
class Neighbor:
    """A training sentence, its label, and its cosine similarity to the error, at most 1."""

    text: str
    label: str
    document: str
    similarity: float


@dataclass(frozen=True)
class Error:
    """A sentence that got another label than its own.

    Attributes:
        score: probability of the label predicted.
        effects: how far each word moved the decision toward that label.
        neighbors: nearest training sentences, the nearest first, among those that share the most words with it.
    """

    document: str
    position: int
    text: str
    label: str
    predicted: str
    score: float
    effects: list[Effect]
    neighbors: list[Neighbor]


@dataclass(frozen=True)
class Explained:
    """What the stage gives: the surest errors, the surest first."""

    errors: list[Error]

    def summary(self) -> dict[str, Any]:
        """How many."""
        return {"errors": len(self.errors)}


def explain(
    model: StanceModel,
    wrong: Sequence[tuple[Example, str, float]],
    train: Sequence[Example],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Explained:
    """What lies behind errors.

    Args:
        model: a fitted model.
        wrong: examples with the label that each got instead of its own, and that label's probability.
        train: what the model learned from.
        progress: told how many training sentences are read, and how many there are.
    """
    if not wrong:
        return Explained([])
    texts = [example.text for example, _, _ in wrong]
    effects = model.word_effects(texts, [predicted for _, predicted, _ in wrong])
    neighbors = _neighbors(model, texts, train, progress)
    return Explained(
        [
            Error(
                document=example.sentence.document,
                position=example.sentence.position,
                text=example.text,
                label=example.label,
                predicted=predicted,
                score=score,
                effects=moved,
                neighbors=near,
            )
            for (example, predicted, score), moved, near in zip(wrong, effects, neighbors, strict=True)
        ]
    )


def _neighbors(
    model: StanceModel, texts: list[str], train: Sequence[Example], progress: Callable[[int, int], None]
) -> list[list[Neighbor]]:
    train = [train[place] for place in _worth_comparing(texts, [example.text for example in train])]
    queries = model.embed(texts)
    parts = in_chunks(lambda some: _dense(queries @ model.embed(some).T), [e.text for e in train], progress)
    alike = np.concatenate(parts, axis=1)
    nearest = np.argsort(-alike, axis=1, kind="stable")[:, :N_NEIGHBORS]
    return [
        [
            Neighbor(train[p].text, train[p].label, train[p].sentence.document, round(float(alike[row, p]), 4))
            for p in places
        ]
        for row, places in enumerate(nearest.tolist())
    ]


def _worth_comparing(texts: list[str], train: list[str]) -> list[int]:
    """Places of training sentences that share the most and the rarest words with a text; all, where they are few.

    Embedding a whole large training part would take minutes, for a handful of sentences.
    """
    if len(train) <= N_CANDIDATES * len(texts):
        return list(range(len(train)))
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32).fit(train)
    alike = vectorizer.transform(texts) @ vectorizer.transform(train).T
    nearest = [np.argsort(-_dense(row)[0], kind="stable")[:N_CANDIDATES] for row in alike]
    return sorted(set(np.concatenate(nearest).tolist()))


def _dense(found: Any) -> NDArray[np.float64]:
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found, dtype=np.float64)


def _save(result: Explained, folder: Path) -> None:
    text = json.dumps([asdict(error) for error in result.errors], indent=1, ensure_ascii=False)
    write_text(folder / ERRORS_FILE, text + "\n")


def _load(folder: Path) -> Explained:
    text = (folder / ERRORS_FILE).read_text(encoding="utf-8")
    return Explained(TypeAdapter(list[Error]).validate_json(text))


STAGE = Stage(
    name="explain",
    folder="errors",
    save=_save,
    load=_load,
    code=("countries", "evaluation/explain.py", "evaluation/predictions.py", "models", "records.py"),
    libraries=("numpy", "scikit-learn", "torch", "transformers", "tokenizers"),
    summarize=Explained.summary,
)
