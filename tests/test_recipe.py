"""Whole runs in a small world: order, skipping, resuming, what lies where."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from toy import config_text, read_csv, toy_rows, write_jsonl

from pipeline import load_model
from pipeline.config import load_config
from pipeline.recipe import Audience, run
from pipeline.records import StanceError, TrainingEvent, ignore
from pipeline.store.run_folder import Narrator
from pipeline.train import Recorder

UNTRACKED = "track: {enabled: false}\n"
ALL = ["ingest", "label", "split", "train", "calibrate", "evaluate", "explain", "report", "predict"]
TOY_TRANSFORMER = "{{kind: transformer, encoder: {encoder}, epochs: 4, batch_size: 8, learning_rate: 0.02}}"


class Log:
    """Remembers which stages were done, why, and which were skipped."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.reasons: dict[str, str] = {}
        self.skipped: list[str] = []
        self.notes: list[str] = []

    @property
    def audience(self) -> Audience:
        return Audience(Narrator(self._start, self._finish, self._skip), note=self.notes.append)

    def _start(self, stage: str, reason: str) -> None:
        self.reasons[stage] = reason

    def _finish(self, stage: str, summary: object, seconds: float) -> None:
        self.done.append(stage)

    def _skip(self, stage: str, since: str) -> None:
        self.skipped.append(stage)


def do(text: str, until="predict", overrides=()) -> Log:
    Path("config.yaml").write_text(text, encoding="utf-8")
    log = Log()
    run(load_config("config.yaml", overrides), log.audience, until)
    return log


def test_a_run_does_every_stage_in_order_and_leaves_each_result(workplace):
    log = do(config_text(further=UNTRACKED))
    assert log.done == ALL
    assert set(log.reasons.values()) == {"first time"}
    found = {p.relative_to("runs/toy").as_posix() for p in Path("runs/toy").rglob("*") if p.is_file()}
    assert found == {
        ".lock",
        "config.yaml",
        *(f"manifests/{stage}.json" for stage in ALL),
        "ingest/sentences.jsonl",
        "ingest/bad_rows.json",
        "label/examples.jsonl",
        "label/report.json",
        "split/train.jsonl",
        "split/validation.jsonl",
        "split/test.jsonl",
        "split/near_duplicates.json",
        "split/set_aside.jsonl",
        *(f"{place}/{name}" for place in ("training/model", "model") for name in ("stance.json", "terms.json")),
        "training/model/weights.safetensors",
        "model/weights.safetensors",
        "training/history.jsonl",
        "evaluation/metrics.json",
        "errors/errors.json",
        "report/report.html",
        "report/MODEL_CARD.md",
        "model/MODEL_CARD.md",
        "evaluation/test/confusion_matrix.png",
        "evaluation/test/scores.png",
        "evaluation/test/reliability.png",
        "evaluation/test/risk_coverage.png",
        "evaluation/test/errors.csv",
        "evaluation/test/predictions.csv",
        "predictions/predictions.csv",
        "predictions/summary.json",
    }


def test_the_resolved_config_is_saved_and_gives_the_same_run(workplace):
    do(config_text(further=UNTRACKED), overrides=["seed=7"])
    assert load_config("runs/toy/config.yaml") == load_config("config.yaml", ["seed=7"])


def test_a_second_run_skips_everything(workplace):
    do(config_text(further=UNTRACKED))
    log = do(config_text(further=UNTRACKED))
    assert (log.done, log.skipped) == ([], ALL)


def test_only_what_depends_on_a_change_is_done_again(workplace):
    do(config_text(further=UNTRACKED))
    log = do(config_text(further=UNTRACKED), overrides=["evaluate.confidence=0.9"])
    assert (log.done, log.skipped) == (
        ["evaluate", "explain", "report"],
        ["ingest", "label", "split", "train", "calibrate", "predict"],
    )
    assert log.reasons["evaluate"] == "settings changed: confidence 0.95 → 0.9"


def test_new_data_reach_everything(workplace):
    do(config_text(further=UNTRACKED))
    write_jsonl(workplace / "corpus/toy.jsonl", toy_rows(20))
    log = do(config_text(further=UNTRACKED))
    assert log.done == ALL
    assert log.reasons["ingest"] == "input changed: documents"


def test_an_unchanged_result_stops_the_ripple(workplace):
    do(config_text(further=UNTRACKED))
    codebook = workplace / "codebook.yaml"
    codebook.write_text(codebook.read_text().replace("offers and thanks", "thanks and offers"))
    log = do(config_text(further=UNTRACKED))
    assert log.done == ["label"]


def test_a_stage_can_be_done_alone_and_pulls_what_it_needs(workplace):
    assert do(config_text(further=UNTRACKED), until="split").done == ["ingest", "label", "split"]
    assert do(config_text(further=UNTRACKED), until="train").done == ["train"]


def test_the_same_seed_gives_the_same_run_and_another_does_not(workplace):
    predictions = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        do(config_text(name, further=UNTRACKED), overrides=[f"seed={seed}"])
        predictions.append(Path(f"runs/{name}/predictions/predictions.csv").read_bytes())
    assert predictions[0] == predictions[1] != predictions[2]


def test_the_transformer_too_is_the_same_twice(workplace, encoder_dir):
    rows = []
    for name in ("a", "b"):
        do(config_text(name, TOY_TRANSFORMER.format(encoder=encoder_dir), UNTRACKED))
        rows.append(load_model(f"runs/{name}/model", "cpu").predict_proba(["We welcome the talks.", "We will answer."]))
    np.testing.assert_array_equal(*rows)


def test_what_is_done_again_after_running_out_of_memory_stands_once_in_the_story(tmp_path):
    recorder = Recorder(tmp_path)
    for step in (1, 2, 3, 2, 3, 4):  # from the second step on again
        recorder.also(ignore)(TrainingEvent(step, 4, 0.0, {"train_loss": float(step)}))
    assert [event.step for event in recorder.events] == [1, 2, 3, 4]


def test_a_killed_run_goes_on_where_it_stood(workplace, encoder_dir):
    class KilledError(Exception):
        pass

    def kill(event: TrainingEvent) -> None:
        if event.epoch > 2.5:
            raise KilledError

    text = config_text(train=TOY_TRANSFORMER.format(encoder=encoder_dir), further=UNTRACKED)
    Path("config.yaml").write_text(text)
    with pytest.raises(KilledError):
        run(load_config("config.yaml"), Audience(listener=kill))
    epochs: list[float] = []
    log = Log()
    audience = Audience(log.audience.narrator, listener=lambda event: epochs.append(event.epoch))
    run(load_config("config.yaml"), audience)
    assert log.skipped == ["ingest", "label", "split"]
    assert min(epochs) > 2  # the first two epochs were not done again
    history = [json.loads(line) for line in Path("runs/toy/training/history.jsonl").read_text().splitlines()]
    validated = [row["step"] for row in history if "validation_macro_f1" in row["metrics"]]
    assert validated == [6, 12, 18, 24]  # as if it had never been killed
    assert not Path("runs/toy/.train-unfinished").exists()


def test_a_result_changed_by_hand_is_made_anew(workplace):
    do(config_text(further=UNTRACKED))
    shutil.rmtree("runs/toy/training")
    log = do(config_text(further=UNTRACKED))
    assert log.done == ["train"]  # what follows saw the same model, byte for byte, before
    assert log.reasons["train"] == "its result is missing or was changed by hand"


def test_further_sets_are_measured_and_absent_ones_left_out_with_a_word(workplace):
    write_jsonl(workplace / "more.jsonl", toy_rows(3))
    sets = "evaluate: {bootstrap_draws: 200, sets: [{name: more, path: more.jsonl}, %s]}\n"
    absent = "{name: gone, path: gone.jsonl, optional: true}"
    text = config_text(further=UNTRACKED).replace("evaluate: {bootstrap_draws: 200}\n", sets % absent)
    log = do(text)
    figures = json.loads(Path("runs/toy/evaluation/metrics.json").read_text())
    assert list(figures["sets"]) == ["test", "more"]
    assert figures["sets"]["more"]["n_sentences"] == 18
    assert log.notes == [
        "evaluate: set gone is left out: gone.jsonl is not there",
        "evaluate: set more: 18 of 18 sentences are in the training part, too: its figures flatter",
    ]


def test_rows_left_out_are_told_of_in_every_stage(workplace):
    (workplace / "more.csv").write_text("text,label,doc_id\nWe welcome it.,cooperative,a\n,none,b\nNo.,none,c\n")
    sets = "evaluate: {sets: [{name: more, path: more.csv, read_as: sentences, on_bad_row: skip}]}\n"
    text = config_text(further=UNTRACKED).replace("evaluate: {bootstrap_draws: 200}\n", sets)
    log = do(text.replace("inputs: [article.txt]", "inputs: [article.txt, more.csv], on_bad_row: skip"))
    first = 'rows left out: 1; the first: more.csv:3: column "text" is empty'
    assert log.notes == [f"evaluate: set more: {first}", f"predict: {first}"]


def test_an_absent_set_that_is_not_optional_is_an_error(workplace):
    text = config_text(further=UNTRACKED).replace(
        "evaluate: {bootstrap_draws: 200}", "evaluate: {sets: [{name: gone, path: gone.jsonl}]}"
    )
    with pytest.raises(StanceError) as error:
        do(text)
    assert str(error.value) == (
        "evaluate.sets: gone: gone.jsonl: no such file or folder. Check the path; it is taken from "
        f"{workplace.name}/, the folder that the command was given in."
    )


def test_the_test_part_never_trains(workplace):
    do(config_text(further=UNTRACKED))
    documents = {}
    for part in ("train", "validation", "test"):
        rows = [json.loads(line) for line in Path(f"runs/toy/split/{part}.jsonl").read_text().splitlines()]
        documents[part] = {row["document"] for row in rows}
    assert not documents["train"] & documents["test"]
    assert not documents["validation"] & (documents["train"] | documents["test"])


def test_predictions_of_the_run_are_those_of_its_model(workplace):
    do(config_text(further=UNTRACKED))
    rows = read_csv(Path("runs/toy/predictions/predictions.csv"))
    again = load_model("runs/toy/model").predict([row["text"] for row in rows])
    assert [row["label"] for row in rows] == [prediction.label for prediction in again]


def test_without_documents_to_predict_the_stage_is_left_out(workplace):
    log = do(config_text(further=UNTRACKED), overrides=["predict.inputs=[]"])
    assert log.done == ALL[:-1]


def test_another_codebook_with_other_labels_runs_whole(workplace):
    renamed = {"cooperative": "favor", "warning": "against", "grievance": "against", "none": "neither"}
    rows = [{**row, "label": renamed[row["label"]]} for row in toy_rows()]
    write_jsonl(workplace / "corpus/toy.jsonl", rows)
    Path("codebook.yaml").write_text(
        "name: ban\nversion: '1'\nbackground: neither\n"
        "labels: {favor: {definition: for it}, against: {definition: not for it}, neither: {definition: else}}\n"
        "rules: [{name: force, label: against, pattern: force, example: Force will answer.}]\n"
    )
    log = do(config_text(further=UNTRACKED + "labels: [favor, against]\nbackground: neither\n"))
    assert log.done == ALL
    figures = json.loads(Path("runs/toy/evaluation/metrics.json").read_text())
    assert list(figures["sets"]["test"]["by_label"]) == ["favor", "against", "neither"]
    [first, *_] = read_csv(Path("runs/toy/predictions/predictions.csv"))
    assert list(first)[-3:] == ["p_favor", "p_against", "p_neither"]
    assert Path("runs/toy/evaluation/test/confusion_matrix.png").stat().st_size > 10_000


def test_every_stage_is_done_again_when_what_computes_it_changes():
    from pipeline import evaluation, ingest, labeling, predict, split, tracking, train
    from pipeline.config.root import Config
    from pipeline.store import fingerprint

    config = Config.model_validate_json('{"name": "x", "ingest": {"inputs": ["a"]}, "train": {"kind": "transformer"}}')
    needed = {
        ingest.STAGE: {"ingest", "records.py"},
        labeling.STAGE: {"labeling", "codebook", "records.py"},
        split.STAGE: {"split", "records.py"},
        train.stage(config, 13): {"train.py", "models/transformer", "models/selection.py", "models/contract.py"},
        evaluation.STAGE: {"evaluation", "models", "ingest", "labeling"},
        predict.STAGE: {"predict", "models", "ingest"},
        tracking.STAGE: {"tracking"},
    }
    for stage, places in needed.items():
        assert places <= set(stage.code), stage.name
        assert all((fingerprint.PACKAGE / place).exists() for place in stage.code)
    assert "predict/templates/head.html.j2" in fingerprint._source(fingerprint.PACKAGE / "predict")
