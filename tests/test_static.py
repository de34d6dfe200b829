"""What only static embeddings do: means of vectors, and runs of tokens beside them."""

import numpy as np
import pytest
from toy import LABELS

from pipeline.models import make_model
from pipeline.models.ngrams import NgramClassifier
from pipeline.models.saved import load_saved, save_model

TEXTS = ["We welcome the talks.", "", "Any attack will be met with force, and the talks will end.", "The talks."]


@pytest.fixture(scope="module")
def models(settings, examples):
    """With runs of tokens, and without."""
    found = []
    for ngrams in (2, 0):
        config = settings["static"].model_copy(update={"ngrams": ngrams, "epochs": 2})
        found.append(make_model(config, LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:]))
    return found


def test_the_mean_is_the_librarys(models):
    vectors = models[0].pipeline_.model.encode(TEXTS, max_length=32)
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    assert np.allclose(models[0].embed(TEXTS), vectors / lengths, atol=1e-6)


def test_without_runs_of_tokens_the_answers_are_the_librarys(models):
    theirs = models[1].pipeline_.predict_proba(TEXTS, max_length=32)
    order = [models[1].pipeline_.head.classes_.tolist().index(label) for label in LABELS.all]
    assert np.allclose(models[1].predict_proba(TEXTS), theirs[:, order], atol=1e-6)


def test_only_runs_of_tokens_tell_orders_apart(models):
    orders = ["attack the talks will welcome", "talks will welcome the attack"]
    with_runs, without = (model.predict_proba(orders) for model in models)
    assert not np.allclose(with_runs[0], with_runs[1], atol=1e-4)
    assert np.allclose(without[0], without[1], atol=1e-6)


def test_runs_learn_what_single_tokens_cannot():
    """Whether 1 comes before 2 or after it."""
    rng = np.random.default_rng(3)
    sentences = [[*rng.integers(10, 40, 4), *pair, *rng.integers(10, 40, 4)] for pair in ([1, 2], [2, 1]) * 60]
    labels = ["yes", "no"] * 60
    scores = [
        np.mean(
            np.array(["yes", "no"])[
                NgramClassifier.fit(sentences[:80], labels[:80], ["yes", "no"], longest=longest, C=10.0)
                .logits(sentences[80:])
                .argmax(axis=1)
            ]
            == labels[80:]
        )
        for longest in (1, 2)
    ]
    assert scores[0] < 0.7
    assert scores[1] > 0.95


def test_sentences_do_not_flow_into_each_other():
    model = NgramClassifier.fit([[1, 2], [2, 1]] * 3, ["a", "b"] * 3, ["a", "b"], longest=2, C=10.0)
    alone = np.concatenate([model.logits([ids]) for ids in ([1], [2, 1], [], [2])])
    assert np.allclose(model.logits([[1], [2, 1], [], [2]]), alone, atol=1e-6)


def test_a_model_saved_without_runs_loads(models, tmp_path):
    save_model(models[1], tmp_path / "model")
    loaded = load_saved(tmp_path / "model", "cpu")
    assert loaded.ngrams_ is None
    assert np.allclose(loaded.predict_proba(TEXTS), models[1].predict_proba(TEXTS), atol=1e-6)
