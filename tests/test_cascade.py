"""A fast model answers what it is sure of, a careful one the rest."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, config_text, write_jsonl

from pipeline.config.train import CascadeTraining
from pipeline.models import LabelSet, StanceModel, make_model
from pipeline.models.cascade import Choice
from pipeline.models.deferral import NEVER, Judged, choose_thresholds
from pipeline.models.saved import load_saved, save_model
from pipeline.models.selection import macro_f1
from pipeline.records import Example, StanceError

COUNTRIES = Path(__file__).parent.parent / "data/countries.jsonl"


def cascade(settings, examples, validation, **changed) -> StanceModel:
    config = settings["cascade"].model_copy(update=changed)
    return make_model(config, LABELS, seed=13, device="cpu").fit(examples[:72], validation)


@pytest.fixture(scope="module")
def unsure(settings, examples, tmp_path_factory) -> Path:
    """A fast model that has learned little."""
    folder = tmp_path_factory.mktemp("unsure")
    config = settings["static"].model_copy(update={"epochs": 1, "learning_rate": 1e-6, "ngrams": 0})
    save_model(make_model(config, LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:]), folder)
    return folder


def test_each_sentence_has_the_answer_of_one_of_the_two(settings, examples, unsure):
    model = cascade(settings, examples, examples[72:], fast=unsure, max_loss=0.3)
    texts = [example.text for example in examples]
    rows, fast, careful = (each.predict_proba(texts) for each in (model, model.fast_, model.careful_))
    is_sure = fast.max(axis=1) >= np.array(model.choice_.thresholds)[fast.argmax(axis=1)]
    assert 0 < is_sure.mean() < 1
    np.testing.assert_array_equal(rows[is_sure], fast[is_sure])
    np.testing.assert_allclose(rows[~is_sure], careful[~is_sure], atol=1e-6)


@pytest.mark.parametrize("fast_masks", [True, False])
@pytest.mark.parametrize("careful_masks", [True, False])
def test_each_of_the_two_sees_texts_in_its_own_way(settings, examples, tmp_path, fast_masks, careful_masks):
    for name, masks, epochs in (("fast", fast_masks, 1), ("careful", careful_masks, 20)):
        config = settings["static"].model_copy(
            update={"mask_countries": COUNTRIES if masks else None, "epochs": epochs}
        )
        (tmp_path / name).mkdir()
        save_model(make_model(config, LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:]), tmp_path / name)
    model = cascade(
        settings, examples, examples[72:], fast=tmp_path / "fast", careful=tmp_path / "careful", max_loss=0.0
    )
    middle = float(np.median(model.fast_.predict_proba(STATES).max(axis=1)))
    model.choice_ = replace(model.choice_, thresholds=(middle,) * 4)
    rows, fast, careful = (each.predict_proba(STATES) for each in (model, model.fast_, model.careful_))
    is_sure = fast.max(axis=1) >= np.array(model.choice_.thresholds)[fast.argmax(axis=1)]
    assert 0 < is_sure.mean() < 1
    np.testing.assert_allclose(rows, np.where(is_sure[:, None], fast, careful), atol=1e-6)


STATES = [
    f"{name} will {what}" for name in ("Brazil", "Kenya", "Poland and Chad") for what in ("answer.", "welcome it.")
]


@pytest.mark.parametrize("max_loss", [0.0, 0.1, 0.4])
def test_no_more_is_lost_on_the_validation_part_than_may_be(settings, examples, unsure, max_loss):
    model = cascade(settings, examples, examples[72:], fast=unsure, max_loss=max_loss)
    found = [model.labels.all[place] for place in model.predict_proba([e.text for e in examples[72:]]).argmax(axis=1)]
    score = macro_f1([e.label for e in examples[72:]], found, LABELS)
    assert model.choice_.macro_f1 == pytest.approx(score)
    assert model.choice_.careful_macro_f1 - score <= max_loss


def test_more_may_be_lost_and_more_is_answered_fast(settings, examples, unsure):
    shares = [
        cascade(settings, examples, examples[72:], fast=unsure, max_loss=most).choice_.share for most in (0, 0.1, 0.9)
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1] == 1


def test_a_fast_model_that_is_surely_wrong_is_never_asked(settings, examples, tmp_path):
    wrong = dict(zip(LABELS.all, (*LABELS.all[1:], LABELS.all[0]), strict=True))
    misled = [Example(e.sentence, wrong[e.label], "gold") for e in examples]
    save_model(make_model(settings["static"], LABELS, seed=13, device="cpu").fit(misled[:72], misled[72:]), tmp_path)
    model = cascade(settings, examples, examples[72:], fast=tmp_path, max_loss=0.0)
    assert model.choice_.share == 0
    texts = [example.text for example in examples]
    np.testing.assert_allclose(model.predict_proba(texts), model.careful_.predict_proba(texts), atol=1e-6)


def test_both_models_lie_in_its_folder(settings, examples, tmp_path):
    save_model(cascade(settings, examples, examples[72:]), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"fast", "careful", "cascade.json", "stance.json"}
    assert isinstance(load_saved(tmp_path, "cpu").choice_, Choice)


def test_models_of_other_labels_are_an_error(settings, examples):
    labels = LabelSet(("for", "against"), "neither")
    with pytest.raises(StanceError) as error:
        make_model(settings["cascade"], labels, seed=13, device="cpu").fit(
            [type(e)(e.sentence, label, "gold") for e, label in zip(examples, labels.all, strict=False)], examples
        )
    assert str(error.value) == (
        f"train.fast: {settings['cascade'].fast}: its labels are cooperative, warning, grievance, none, and the "
        "config's are for, against, neither. Take a model of the same labels, in the same order"
    )


def test_a_run_begins_only_if_both_models_are_there(workplace, stance):
    train = "{kind: cascade, fast: runs/fast/model, careful: runs/careful/model}"
    (workplace / "c.yaml").write_text(config_text("c", train, "track: {enabled: false}"))
    code, _, complaint = stance("run", "c.yaml")
    assert code == 2
    assert complaint == (
        "error: train.fast: runs/fast/model: no such model folder. Train one with `stance run`, or check the path\n"
    )


@pytest.mark.slow
def test_a_run_makes_a_cascade_of_models_of_the_same_split(workplace, stance, settings):
    for name in ("fast", "careful"):
        train = f"{{kind: baseline, C: [{1.0 if name == 'fast' else 4.0}]}}"
        (workplace / f"{name}.yaml").write_text(config_text(name, train, "track: {enabled: false}"))
        assert stance("run", f"{name}.yaml")[0] == 0
    train = "{kind: cascade, fast: runs/fast/model, careful: runs/careful/model, max_loss: 0.2}"
    (workplace / "c.yaml").write_text(config_text("c", train, "track: {enabled: false}"))
    code, _, told = stance("run", "c.yaml")
    assert code == 0
    assert "may have seen sentences" not in told
    stance("train", "c.yaml")
    assert "train" in stance("train", "c.yaml")[2]
    assert stance("predict", "--model", "runs/c/model", "--input", "article.txt", "--output", "o.csv")[0] == 0
    write_jsonl(workplace / "corpus/more.jsonl", [{"doc_id": "x", "text": "We are glad.", "label": "cooperative"}])
    _, _, told = stance("run", "c.yaml")
    assert "train: made of models trained on another split" in told


def test_states_and_seeds_are_the_models_own(stance, workplace):
    (workplace / "c.yaml").write_text(config_text("c", "{kind: cascade, seeds: [1, 2]}"))
    code, _, complaint = stance("config", "check", "c.yaml")
    assert code == 2
    assert "seeds should be []: nothing is drawn" in complaint
    with pytest.raises(ValueError, match="mask_countries should be null"):
        CascadeTraining(kind="cascade", mask_countries=Path("data/countries.jsonl"))


def test_a_label_that_the_fast_model_knows_is_left_to_it_and_another_is_not():
    rng = np.random.default_rng(3)
    said = np.repeat([0, 1, 3], 200)  # the third label never
    fast = rng.uniform(0.5, 0.9, (600, 1)) * np.eye(4)[said] + 0.02
    true = np.where(said == 1, 2, said)
    judged = Judged(fast, true, true)
    thresholds = choose_thresholds(judged, 0.0)
    assert thresholds[0] == thresholds[3] == 0
    assert thresholds[1] == NEVER
    assert judged.share(thresholds) == pytest.approx(2 / 3)
    assert judged.loss(thresholds) == 0


@pytest.mark.parametrize("max_loss", [0.0, 0.01, 0.05])
def test_much_is_answered_fast_and_no_more_is_lost_than_may_be(max_loss):
    rng = np.random.default_rng(4)
    true = rng.integers(0, 4, 4000)
    fast = rng.dirichlet(np.ones(4), 4000) + 0.8 * np.eye(4)[true] * rng.random((4000, 1))
    fast /= fast.sum(axis=1, keepdims=True)
    careful = np.where(rng.random(4000) < 0.85, true, rng.integers(0, 4, 4000))
    judged = Judged(fast, careful, true)
    thresholds = choose_thresholds(judged, max_loss)
    assert judged.loss(thresholds) <= max_loss
    one_for_all = max(
        judged.share(np.full(4, t)) for t in np.linspace(0, 1, 201) if judged.loss(np.full(4, t)) <= max_loss
    )
    assert judged.share(thresholds) > one_for_all - 0.02
