"""What only the baseline does: exact values, the choice of C, and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest
from toy import LABELS, toy_examples

from pipeline.config.train import BaselineTraining
from pipeline.models import LabelSet, counting, make_model
from pipeline.models.saved import load_saved, save_model
from pipeline.records import StanceError


def train(examples, **settings):
    config = BaselineTraining(kind="baseline", **settings)
    return make_model(config, LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])


def test_golden_values(examples):
    model = train(examples, C=(1.0,))
    found = model.predict_proba(["Any attack on our ships will have consequences.", "The minister met the press."])
    np.testing.assert_allclose(found, GOLDEN, atol=1e-6)


GOLDEN = [[0.1322072, 0.5225268, 0.2218353, 0.1234307], [0.1710212, 0.1169281, 0.126101, 0.5859497]]


def test_validation_chooses_c(examples):
    heard = []
    config = BaselineTraining(kind="baseline", C=(0.001, 4.0))
    model = make_model(config, LABELS, seed=13, device="cpu")
    model.fit(examples[:48], examples[48:], listener=heard.append)
    scores = {event.metrics["C"]: event.metrics["validation_macro_f1"] for event in heard}
    best = min(c for c, score in scores.items() if score == max(scores.values()))
    assert best == model.classifier_.C


def test_of_equal_scores_the_strongest_penalty_wins(examples):
    model = train(examples, C=(8.0, 4.0, 16.0))
    assert model.classifier_.C == 4.0


def test_too_few_steps_are_an_error(examples):
    with pytest.raises(StanceError) as error:
        train(examples, C=(8.0,), max_iterations=1)
    assert str(error.value) == (
        "train: logistic regression with C 8 did not converge in 1 steps. Raise train.max_iterations, or lower train.C"
    )


def test_no_common_n_gram_is_an_error(examples):
    with pytest.raises(StanceError) as error:
        train(examples, min_document_frequency=1000)
    assert str(error.value) == (
        "train: no n-gram stands in 1000 of 72 training sentences. Lower train.min_document_frequency, or label more"
    )


def test_a_model_of_an_older_version_is_refused(examples, tmp_path):
    save_model(train(examples, C=(1.0,)), tmp_path)
    card = json.loads((tmp_path / "stance.json").read_text())
    del card["files"]["terms.json"]
    (tmp_path / "terms.json").unlink()
    (tmp_path / "stance.json").write_text(json.dumps(card))
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == f"{tmp_path}: a baseline of an older version: no terms.json in it. Train it again"


@pytest.mark.parametrize(
    "change",
    [{"word_ngrams": (1, 1)}, {"char_ngrams": (3, 3)}, {"min_document_frequency": 4}, {"class_weights": "none"}],
    ids=str,
)
def test_every_setting_changes_the_model(examples, change):
    uneven = [e for e in examples if e.label != "warning" or e.sentence.position % 2]
    rows = [train(uneven, C=(1.0,), **settings).predict_proba(["We will answer."]) for settings in ({}, change)]
    assert not np.allclose(*rows, atol=1e-6)


HARD_TO_CUT = [
    "",
    " ",
    "!",
    "I a",
    "ΑΣ Σας İstanbul straße",
    "a\u2028b\x1c\u00a0c\td",
    "we we we WE we",
    "x" * 300,
    "don't—stop… 3.5 %",
]


@pytest.mark.parametrize("grams", [{}, {"word_ngrams": (2, 3), "char_ngrams": (1, 6)}], ids=["default", "others"])
@pytest.mark.parametrize("n_remembered", [50_000, 2])
def test_features_are_scikit_learns_to_the_last_bit(examples, monkeypatch, grams, n_remembered):
    monkeypatch.setattr(counting, "MAX_WORDS", n_remembered)
    model = train(examples, C=(1.0,), min_document_frequency=1, **grams)
    texts = [*(e.text for e in examples), *HARD_TO_CUT]
    ours, theirs = counting.FastFeatures(model.features_).transform(texts), model.features_.transform(texts)
    assert ours.shape == theirs.shape
    for part in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(ours, part), getattr(theirs, part))
    assert theirs[-1].nnz > 0


@pytest.mark.parametrize("n_labels", [4, 2])
def test_effects_of_words_and_the_intercept_add_up_to_the_score(n_labels):
    labels = LABELS if n_labels == 4 else LabelSet(("stance",), "none")
    examples = toy_examples()
    if n_labels == 2:
        examples = [replace(e, label="none" if e.label == "none" else "stance") for e in examples]
    model = make_model(BaselineTraining(kind="baseline", C=(4.0,)), labels, seed=13, device="cpu")
    model.fit(examples[:72], examples[72:])
    texts = ["We welcome talks, we welcome Kenya's help; a to Ö!", "x", "The  minister\tmet\nthem."]
    logits = np.log(model.raw_proba(texts))
    classes = model.classifier_.classes_.tolist()
    intercepts = model.classifier_.intercept_
    intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2]) if n_labels == 2 else intercepts - intercepts.mean()
    for label in labels.all:
        found = [sum(e.value for e in effects) for effects in model.word_effects(texts, [label] * 3)]
        score = (logits - logits.mean(axis=1, keepdims=True))[:, labels.all.index(label)]
        np.testing.assert_allclose(np.array(found) + intercepts[classes.index(label)], score, atol=1e-9)
