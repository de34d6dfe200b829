"""One suite for every kind of model: a new kind is a new row of `settings`."""

import json
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, as_exported

from pipeline.models import KINDS, StanceModel, make_model
from pipeline.models.saved import load_saved, save_model
from pipeline.records import Example, Prediction, StanceError

pytestmark = pytest.mark.parametrize("kind", KINDS)
COUNTRIES = Path(__file__).parent.parent / "data/countries.jsonl"
TEXTS = ["We welcome the talks.", "Any attack will be met with force, and it will be met soon.", "", "Ω 12 ?"]


def fitted(kind: str, settings: dict, examples: list[Example], folder: Path) -> StanceModel:
    is_exported = kind == "exported"
    trained = make_model(settings["transformer" if is_exported else kind], LABELS, seed=13, device="cpu")
    trained.fit(examples[:72], examples[72:])
    return as_exported(trained, folder) if is_exported else trained


def saved_parts(settings: dict, examples: list[Example], folder: Path) -> dict[str, Path]:
    for name, kind in (("fast", "static"), ("careful", "transformer")):
        (folder / name).mkdir()
        save_model(fitted(kind, settings, examples, folder), folder / name)
    return {name: folder / name for name in ("fast", "careful")}


@pytest.fixture(scope="module")
def models(settings: dict, examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> dict[str, StanceModel]:
    return {kind: fitted(kind, settings, examples, tmp_path_factory.mktemp(kind)) for kind in KINDS}


def test_it_learns_what_it_is_shown(kind, models, examples):
    answers = [p.label for p in models[kind].predict([e.text for e in examples[:72]])]
    assert np.mean([a == e.label for a, e in zip(answers, examples, strict=False)]) > 0.9


def test_a_row_of_probabilities_a_sentence_sums_to_one(kind, models):
    probabilities = models[kind].predict_proba(TEXTS)
    assert probabilities.shape == (len(TEXTS), 4)
    assert probabilities.dtype == np.float64
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-9)


def test_a_prediction_names_the_most_probable_label(kind, models):
    for prediction, row in zip(models[kind].predict(TEXTS), models[kind].predict_proba(TEXTS), strict=True):
        assert isinstance(prediction, Prediction)
        assert list(prediction.probabilities) == ["cooperative", "warning", "grievance", "none"]
        assert prediction.label == LABELS.all[row.argmax()]
        assert prediction.score == row.max() == max(prediction.probabilities.values())


def test_no_sentences_give_no_rows(kind, models):
    assert models[kind].predict_proba([]).shape == (0, 4)
    assert models[kind].predict([]) == []


def test_vectors_have_length_one_and_are_nearest_to_themselves(kind, models, examples):
    texts = sorted({example.text for example in examples})
    vectors = models[kind].embed(texts)
    alike = vectors @ vectors.T
    alike = alike.toarray() if hasattr(alike, "toarray") else alike
    np.testing.assert_allclose(alike.diagonal(), 1, atol=1e-5)
    assert alike.argmax(axis=1).tolist() == list(range(len(texts)))


def test_words_that_moved_a_decision(kind, models):
    text = "Any attack will be met with force."
    [effects] = models[kind].word_effects([text], ["warning"])
    assert [text[e.start : e.end] for e in effects] == text.split()
    assert max(effect.value for effect in effects) > 0
    assert models[kind].word_effects([""], ["warning"]) == [[]]


def test_a_model_that_sees_stand_ins_cannot_tell_states_apart(kind, settings, examples, tmp_path):
    train = [example.with_text(f"Iran said: {example.text}") for example in examples]
    masked = {name: each.model_copy(update={"mask_countries": COUNTRIES}) for name, each in settings.items()}
    if kind == "cascade":  # its models see them, each for itself
        masked = {kind: settings[kind].model_copy(update=saved_parts(masked, train, tmp_path))}
    (tmp_path / "fitted").mkdir()
    model = fitted(kind, masked, train, tmp_path / "fitted")
    texts = ["Iran said: Any attack will be met with force.", "Any Dutch attack will be met with force in Iran."]
    others = [
        "The United States said: Any attack will be met with force.",
        "Any Omani attack will be met with force in Chad.",
    ]
    rows = model.predict_proba(texts)
    np.testing.assert_array_equal(model.predict_proba(others), rows)
    (tmp_path / "saved").mkdir()
    save_model(model, tmp_path / "saved")
    np.testing.assert_array_equal(load_saved(tmp_path / "saved", "cpu").predict_proba(others), rows)
    [one, other] = ([e.value for e in model.word_effects([text], ["warning"])[0]] for text in (texts[0], others[0]))
    assert len(one) == len(other) == 9  # "The United States" is one
    np.testing.assert_allclose(one, other)


def test_neither_order_nor_batch_size_changes_a_row(kind, models, examples):
    texts = [example.text for example in examples]
    rows = models[kind].predict_proba(texts)
    np.testing.assert_allclose(models[kind].predict_proba(texts[::-1])[::-1], rows, atol=1e-6)
    np.testing.assert_allclose(models[kind].predict_proba(texts, batch_size=1), rows, atol=1e-6)


def test_a_loaded_model_answers_as_the_saved_one(kind, models, tmp_path):
    save_model(models[kind], tmp_path)
    loaded = load_saved(tmp_path, "cpu")
    assert (loaded.kind, loaded.labels, loaded.seed) == (kind, LABELS, 13)
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), models[kind].predict_proba(TEXTS))


def test_a_saved_model_holds_no_pickle(kind, models, tmp_path):
    save_model(models[kind], tmp_path)
    suffixes = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".safetensors", ".txt", ".onnx"}


def test_a_missing_file_is_named(kind, models, tmp_path):
    save_model(models[kind], tmp_path)
    victim = _largest(tmp_path)
    victim.unlink()
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == f"{tmp_path}: missing {victim.name}. Copy the whole folder, or train the model again"


def test_a_changed_byte_is_noticed(kind, models, tmp_path):
    save_model(models[kind], tmp_path)
    victim = _largest(tmp_path)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == (
        f"{tmp_path}: changed since it was saved: {victim.name} (SHA-256 differs from stance.json). "
        "Copy the folder again, or train the model again"
    )


def test_a_file_that_the_model_did_not_write_is_noticed(kind, models, tmp_path):
    save_model(models[kind], tmp_path)
    (tmp_path / "special_tokens_map.json").write_text('{"cls_token": "will"}')
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == (
        f"{tmp_path}: holds what the model did not write: special_tokens_map.json. Take it out, or train again"
    )


def test_a_folder_without_a_model_is_an_error(kind, tmp_path):
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path / "nowhere", "cpu")
    assert str(error.value) == (
        f"{tmp_path}/nowhere: no such model folder. Train one with `stance run`, or check the path"
    )
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == (
        f"{tmp_path}: not a saved model: stance.json is missing. Name a folder such as runs/NAME/model"
    )


def test_a_model_of_another_format_is_an_error(kind, models, tmp_path):
    save_model(models[kind], tmp_path)
    card = json.loads((tmp_path / "stance.json").read_text())
    (tmp_path / "stance.json").write_text(json.dumps({**card, "format": 99}))
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == (
        f"{tmp_path}/stance.json: format 99, kind {kind}; this version reads format 2, kinds baseline, static, "
        "embedding, transformer, cascade, exported. Use the version that wrote it, or train again"
    )


def test_one_text_instead_of_a_list_is_an_error(kind, models):
    with pytest.raises(StanceError) as error:
        models[kind].predict("We will answer.")
    assert str(error.value) == (
        'predict: expected a list of sentences, found one text. Put it in a list: predict(["…"])'
    )


def test_what_is_not_text_is_an_error(kind, models):
    with pytest.raises(StanceError) as error:
        models[kind].predict(["We will answer.", None])
    assert str(error.value) == "predict: item 1 is NoneType, not text. Give sentences as strings"


def test_half_of_a_character_is_an_error(kind, models):
    with pytest.raises(StanceError) as error:
        models[kind].predict(["We will see.", "We \ud800 see."])
    assert str(error.value) == (
        "predict: item 1 has half of a character in it: '\\ud800'. Decode it anew, or leave it out"
    )


HARD = [
    "x" * 100_000, "We will answer. " * 6000, "Kenya " * 20_000, "\x00\x01\x1b[31m\u202e\x7f", " \t\n",
    "Привет, 世界 مرحبا नमस्ते, we welcome it.", "\u0301" * 5000, "🇰🇪" * 3000, "(" * 50_000,
]  # fmt: skip


def test_hard_texts_are_answered_and_change_no_other(kind, models):
    found = models[kind].predict_proba([TEXTS[0], *HARD, TEXTS[1]])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(found[[0, -1]], models[kind].predict_proba(TEXTS[:2]), atol=1e-5)


def test_a_device_that_is_not_there_is_an_error(kind, models, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    save_model(models[kind], tmp_path)
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cuda")
    why = "this build of torch has no CUDA" if torch.version.cuda is None else "no such device on this machine"
    if kind == "exported":
        assert str(error.value) == "device: cuda: an exported model runs on the CPU. Use device: auto or cpu"
    else:
        assert str(error.value) == f"device: cuda: {why}. Found: cpu. Use device: auto or cpu"


def _largest(folder: Path) -> Path:
    files = [path for path in folder.iterdir() if path.is_file() and path.name != "stance.json"]
    return max(files, key=lambda path: path.stat().st_size)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": ["baseline"]}, "kind: Input should be a valid string"),
        ({"files": None}, "files: Input should be an object"),
        ({"stances": 5}, "stances: Input should be a valid array"),
        ({"seed": "13"}, "seed: Input should be a valid integer"),
    ],
    ids=str,
)
def test_a_card_that_somebody_has_broken_is_an_error(kind, models, tmp_path, change, problem):
    save_model(models[kind], tmp_path)
    card = json.loads((tmp_path / "stance.json").read_text())
    (tmp_path / "stance.json").write_text(json.dumps({**card, **change}))
    with pytest.raises(StanceError) as error:
        load_saved(tmp_path, "cpu")
    assert str(error.value) == f"{tmp_path}/stance.json: not a model's card: {problem}. Train the model again"
