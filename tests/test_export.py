"""Exports: as right as what they were made of, or refused; and they run without torch."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, as_exported, config_text

from pipeline.export import Export, _best, export, gate, named, validation_of
from pipeline.export.formats import FORMS
from pipeline.export.gate import Verdict
from pipeline.models import StanceModel, make_model
from pipeline.models.batches import of_like_length, padded
from pipeline.models.saved import load_saved, save_model
from pipeline.models.threads import n_threads
from pipeline.records import StanceError

ROOT = Path(__file__).parent.parent
WITHOUT = ("torch", "transformers", "sklearn", "scipy", "mlflow", "datasets", "pandas", "openvino_telemetry")
PROGRAM = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {WITHOUT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
from pipeline import load_model
model = load_model(sys.argv[1])
print(model.predict(["Any attack will be met with force."])[0].label)
"""


@pytest.fixture(scope="module")
def trained(settings, examples) -> StanceModel:
    return make_model(settings["transformer"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])


@pytest.fixture
def always_faster(monkeypatch):
    """Of a model this small, what is faster hangs on what else the machine does."""
    monkeypatch.setattr("pipeline.export.timed", lambda model, made, texts: (100.0, 300.0))


@pytest.mark.parametrize("form", [form for form in FORMS if form.why_not_here() is None], ids=lambda form: form.name)
def test_every_form_answers_as_the_model_that_it_was_made_of(form, trained, examples, tmp_path):
    texts = [example.text for example in examples]
    rows, wanted = as_exported(trained, tmp_path, form.name).predict_proba(texts), trained.predict_proba(texts)
    np.testing.assert_allclose(rows, wanted, atol=1e-5 if form.precision == "fp32" else 0.05)
    assert (rows.argmax(axis=1) == wanted.argmax(axis=1)).mean() > 0.9


def test_an_export_keeps_what_was_calibrated(trained, examples, tmp_path, always_faster):
    best, tried = export(trained, [named("onnx-fp32"), named("onnx-int8")], examples[72:], tmp_path / "out")
    assert [one.form.name for one in tried] == ["onnx-fp32", "onnx-int8"]
    loaded = load_saved(tmp_path / "out", "cpu")
    assert loaded.calibration == trained.calibration
    assert loaded.abstention == trained.abstention
    card = json.loads((tmp_path / "out/stance.json").read_text())
    assert (card["kind"], card["settings"]["precision"]) == ("exported", best.form.precision)
    assert card["settings"]["trained"]["kind"] == "transformer"
    assert set(card["files"]) == {"model.onnx", "tokenizer.json"}


def test_it_runs_without_torch_and_transformers(trained, tmp_path):
    exported = as_exported(trained, tmp_path)
    (tmp_path / "saved").mkdir()
    save_model(exported, tmp_path / "saved")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "saved")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    [wanted] = trained.predict(["Any attack will be met with force."])
    assert said.stdout == f"{wanted.label}\n"


def test_a_kind_that_needs_torch_says_so_where_it_is_missing(trained, tmp_path):
    save_model(trained, tmp_path)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.stderr.splitlines()[-1] == (
        "pipeline.records.StanceError: a model of kind transformer needs torch, which is not installed. "
        "pip install 'stance-pipeline[train]'"
    )


def test_an_export_is_refused_with_the_figures():
    verdict = Verdict(agreement=0.9812, loss=0.0071, speed=90.0, speedup=0.9, size=1)
    assert verdict.objections == [
        "labels agree on 98.12%, at least 99% are asked for",
        "macro-F1 falls by 0.0071, at most 0.005 is allowed",
        "it is not faster here: 0.90 times the model's speed",
    ]
    assert Verdict(agreement=0.99, loss=0.005, speed=110.0, speedup=1.1, size=1).objections == []


@pytest.mark.parametrize(("speed", "chosen"), [(290.0, "openvino-bf16"), (200.0, "onnx-int8")])
def test_of_forms_about_as_fast_the_one_that_answers_most_like_the_model_is_taken(speed, chosen):
    int8 = Export(named("onnx-int8"), None, Verdict(0.991, 0.0, 300.0, 3.0, 1))
    bf16 = Export(named("openvino-bf16"), None, Verdict(0.999, 0.0, speed, 2.9, 1))
    assert _best([int8, bf16]).form.name == chosen
    assert _best([]) is None


def test_what_is_refused_is_not_written(trained, examples, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "LEAST_AGREEMENT", 1.01)
    best, tried = export(trained, [named("onnx-fp32")], examples[72:], tmp_path / "out")
    assert best is None
    assert tried[0].verdict.objections[0].startswith("labels agree on 100.00%")
    assert list(tmp_path.iterdir()) == []


def test_only_a_transformer_can_be_exported(settings, examples, tmp_path):
    baseline = make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])
    with pytest.raises(StanceError) as error:
        export(baseline, list(FORMS), examples, tmp_path / "out")
    assert str(error.value) == "export: a model of kind baseline; only the kind transformer can be exported"


def test_a_folder_with_something_else_in_it_stays(trained, examples, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StanceError) as error:
        export(trained, list(FORMS), examples, tmp_path)
    assert str(error.value) == f"{tmp_path}: holds something else than a model. Name another --output"


def test_a_model_outside_a_run_needs_sentences_to_judge_by(tmp_path):
    with pytest.raises(StanceError) as error:
        validation_of(tmp_path / "model")
    assert str(error.value) == (
        f"{tmp_path}/model: lies in no run whose validation part could judge the export. Name labeled sentences "
        "that did not train it: --validation FILE, a table with the columns text, label and doc_id"
    )


def test_an_unknown_form_is_an_error():
    with pytest.raises(StanceError) as error:
        named("onnx-int4")
    assert str(error.value) == (
        "--as onnx-int4: not a form to export to. Name one of auto, onnx-fp32, onnx-int8, openvino-fp32, "
        'openvino-bf16. Did you mean "onnx-int8"?'
    )


@pytest.mark.slow
def test_the_command_exports_a_run_s_model(workplace, encoder_dir, stance, always_faster):
    train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 1, max_length: 32}}"
    (workplace / "toy.yaml").write_text(config_text(train=train, further="track: {enabled: false}"))
    assert stance("run", "toy.yaml")[0] == 0
    code, out, _ = stance("export", "--model", "runs/toy/model", "--output", "exported", "--as", "onnx-fp32")
    assert code == 0
    assert out.splitlines()[-1] == "onnx-fp32 written: exported"
    code, _, _ = stance("predict", "--model", "exported", "--input", "article.txt", "--output", "out.csv")
    assert code == 0
    for place in ("runs/toy/model", "exported"):
        stance("predict", "--model", place, "--input", "article.txt", "--output", f"{Path(place).parts[0]}.jsonl")
    one, other = (
        [json.loads(line) for line in Path(f"{name}.jsonl").read_text().splitlines()] for name in ("runs", "exported")
    )
    assert [row["label"] for row in one] == [row["label"] for row in other]


def test_batches_are_of_like_length_and_none_is_too_large():
    rng = np.random.default_rng(0)
    ids = [[1] * n for n in rng.integers(0, 60, 500).tolist()] + [[1] * 900]
    batches = of_like_length(ids, batch_size=32, max_tokens=256)
    assert sorted(np.concatenate(batches).tolist()) == list(range(501))
    for places in batches:
        width = max(len(ids[place]) for place in places)
        assert len(places) == 1 or (len(places) <= 32 and width * len(places) <= 256)
    longest = [max(len(ids[place]) for place in places) for places in batches]
    assert longest == sorted(longest, reverse=True)


def test_a_batch_is_filled_up_and_says_with_what():
    numbers, mask = padded([[5, 6, 7], [], [8]], pad_token=9)
    assert numbers.tolist() == [[5, 6, 7], [9, 9, 9], [8, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 0], [1, 0, 0]]


def test_threads_are_as_many_as_the_environment_says(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert n_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "all")
    assert n_threads() >= 1
