"""A real MLflow store in an empty folder: curves, figures, pictures, the model, aliases."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
from toy import config_text, toy_rows, write_jsonl

from pipeline import load_model
from pipeline.config import load_config
from pipeline.recipe import Audience, run
from pipeline.records import StanceError, TrainingEvent
from pipeline.tracking.client import connect, shown

URI = "sqlite:///mlflow.db"
WEAK = "{kind: baseline, word_ngrams: [3, 3], char_ngrams: [9, 9], min_document_frequency: 6, C: [0.01]}"
TEXTS = ["We welcome the talks.", "Any attack will be met with force."]


def do(name: str = "toy", train: str = "{kind: baseline}", audience: Audience | None = None, overrides=()):
    Path(f"{name}.yaml").write_text(config_text(name, train), encoding="utf-8")
    return run(load_config(f"{name}.yaml", overrides), audience or Audience())


@pytest.fixture(scope="module")
def logged(tmp_path_factory, encoder_dir):
    """A baseline and a transformer, run and logged; the folder is the current one."""
    folder = tmp_path_factory.mktemp("tracked")
    before = Path.cwd()
    os.chdir(folder)
    try:
        _furnish(folder)
        train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 4, batch_size: 8, learning_rate: 0.02}}"
        yield folder, [do("first"), do("second", train)]
    finally:
        os.chdir(before)


def _furnish(folder: Path) -> None:
    from toy import ARTICLE, CODEBOOK

    write_jsonl(folder / "corpus/toy.jsonl", toy_rows())
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (folder / "article.txt").write_text(ARTICLE, encoding="utf-8")


def test_a_run_is_logged_whole(logged):
    _, [first, second] = logged
    client = connect(URI)
    for recipe in (first, second):
        logged_run = client.get_run(recipe.track.value.run_id)
        assert logged_run.info.status == "FINISHED"
        assert logged_run.info.run_name == recipe.config.name
        assert logged_run.data.params["train.kind"] == recipe.config.train.kind
        assert logged_run.data.params["split.test"] == "0.25"
        assert logged_run.data.tags["fingerprint.split"] == recipe.split.fingerprint
        found = recipe.evaluate.value.sets["test"]
        assert logged_run.data.metrics["test.macro_f1"] == found.macro_f1.value
        assert logged_run.data.metrics["test.warning.recall"] == found.by_label["warning"].recall
        assert logged_run.data.metrics["test.macro_f1_low"] == found.macro_f1.low
        names = {entry.path for entry in client.list_artifacts(logged_run.info.run_id, "evaluation/test")}
        assert "evaluation/test/confusion_matrix.png" in names
        description = logged_run.data.tags["mlflow.note.content"]
        assert (
            f"{recipe.config.name} reaches a macro-F1 of {recipe.evaluate.value.sets['test'].macro_f1}" in description
        )
        link = f"runs/{logged_run.info.run_id}/artifacts/report/report.html)"
        assert link in description
        assert "report/report.html" in {entry.path for entry in client.list_artifacts(logged_run.info.run_id, "report")}
        assert "config.yaml" in {entry.path for entry in client.list_artifacts(logged_run.info.run_id)}


def test_curves_have_a_point_an_epoch(logged):
    _, [_, second] = logged
    points = connect(URI).get_metric_history(second.track.value.run_id, "validation_macro_f1")
    assert [point.step for point in points] == [6, 12, 18, 24]
    assert len(connect(URI).get_metric_history(second.track.value.run_id, "train_loss")) > 4


def test_curves_are_there_while_training_goes_on(workplace, encoder_dir):
    seen: list[tuple[str, int]] = []

    def look(event: TrainingEvent) -> None:
        if event.epoch >= 3 and not event.metrics:
            client = connect(URI)
            [experiment] = [e for e in client.search_experiments() if e.name == "stance"]
            [live] = client.search_runs([experiment.experiment_id])
            points = client.get_metric_history(live.info.run_id, "validation_macro_f1")
            seen.append((live.info.status, len(points)))

    train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 4, batch_size: 8, learning_rate: 0.02}}"
    do(train=train, audience=Audience(listener=look))
    assert seen[0] == ("RUNNING", 2) or seen[0] == ("RUNNING", 3)


def kill_in_the_third_epoch(train: str) -> None:
    def kill(event: TrainingEvent) -> None:
        if event.epoch > 2.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do(train=train, audience=Audience(listener=kill))


def test_a_killed_training_resumes_its_mlflow_run(workplace, encoder_dir):
    train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 4, batch_size: 8, learning_rate: 0.02}}"
    kill_in_the_third_epoch(train)
    client = connect(URI)
    experiment = client.get_experiment_by_name("stance").experiment_id
    [killed] = client.search_runs([experiment])
    assert killed.info.status == "KILLED"
    recipe = do(train=train)
    [finished] = client.search_runs([experiment])
    assert finished.info.run_id == killed.info.run_id == recipe.track.value.run_id
    assert finished.info.status == "FINISHED"
    points = client.get_metric_history(finished.info.run_id, "validation_macro_f1")
    assert sorted({point.step for point in points}) == [6, 12, 18, 24]


def test_a_model_of_the_registry_answers_as_the_saved_one(logged):
    _, [_, second] = logged
    registered = load_model("models:/stance@candidate", device="cpu")
    assert registered.kind == "transformer"
    assert registered.predict(TEXTS) == load_model(second.calibrate.folder, device="cpu").predict(TEXTS)


def test_the_pyfunc_answers_a_table_with_its_signature(logged):
    import mlflow
    import pandas

    connect(URI)
    model = mlflow.pyfunc.load_model("models:/stance@candidate")
    answers = model.predict(pandas.DataFrame({"text": TEXTS}))
    assert list(answers.columns) == ["label", "score", "abstain", "p_cooperative", "p_warning", "p_grievance", "p_none"]
    expected = load_model("models:/stance@candidate", device="cpu").predict(TEXTS)
    assert answers["label"].tolist() == [prediction.label for prediction in expected]
    assert model.metadata.signature.inputs.input_names() == ["text"]
    assert model.metadata.signature.outputs.input_names() == list(answers.columns)
    assert model.input_example["text"].tolist()[0]


BY_SPARK = """
import json, sys
import mlflow
from pyspark.sql import SparkSession

texts, uri = json.loads(sys.argv[1]), sys.argv[2]
mlflow.set_tracking_uri(uri)
here = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}
spark = SparkSession.builder.master("local[2]").config(map=here).getOrCreate()
table = spark.createDataFrame([(text,) for text in texts], ["text"]).repartition(2)
answer = mlflow.pyfunc.spark_udf(
    spark, "models:/stance@candidate", result_type="label string, score double", env_manager="local"
)
rows = table.select("text", answer("text").alias("found")).collect()
print(json.dumps({row.text: [row.found.label, row.found.score] for row in rows}))
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed: make spark")
@pytest.mark.skipif(which("java") is None, reason="Spark needs Java, which is not installed")
def test_spark_answers_as_the_saved_model(logged):
    folder, [_, second] = logged
    done = subprocess.run(
        [sys.executable, "-c", BY_SPARK, json.dumps(TEXTS), URI],
        cwd=folder,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    expected = load_model(second.calibrate.folder, device="cpu").predict(TEXTS)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {t: [p.label, pytest.approx(p.score, abs=1e-6)] for t, p in zip(TEXTS, expected, strict=True)}


def test_a_logged_model_holds_no_pickle(logged):
    folder, _ = logged
    files = [path for path in (folder / "mlruns").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if path.suffix in {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin"}]


def test_the_first_model_is_champion_and_stays_until_somebody_promotes_another(workplace):
    weak = do("weak", WEAK)
    assert weak.track.value.aliases == ["candidate", "champion"]
    strong = do("strong", "{kind: baseline, C: [4.0]}")
    assert strong.track.value.aliases == ["candidate"]
    assert strong.track.value.why_not_champion == "champion stays version 1 until `stance promote`"
    assert connect(URI).get_model_version_by_alias("stance", "champion").version == int(weak.track.value.version)
    assert connect(URI).get_model_version_by_alias("stance", "candidate").version == int(strong.track.value.version)


def test_labels_may_have_characters_that_mlflow_forbids(workplace):
    rows = [{**row, "label": row["label"].replace("cooperative", "co+op (weak)")} for row in toy_rows()]
    write_jsonl(workplace / "corpus/toy.jsonl", rows)
    codebook = (workplace / "codebook.yaml").read_text()
    (workplace / "codebook.yaml").write_text(codebook.replace("cooperative", "'co+op (weak)'"))
    recipe = do(overrides=["labels=['co+op (weak)', warning, grievance]"])
    metrics = connect(URI).get_run(recipe.track.value.run_id).data.metrics
    assert "test.co_op _weak_.f1" in metrics


def test_a_store_that_is_no_database_is_an_error(workplace):
    Path("mlflow.db").write_bytes(b"no database at all, and long enough to be read as one" * 50)
    with pytest.raises(StanceError, match=r"^track: sqlite:///mlflow.db: .*file is not a database"):
        do()


@pytest.mark.slow
def test_a_run_whose_store_is_gone_is_logged_again(workplace):
    before = do().track.value.run_id
    Path("mlflow.db").unlink()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    subprocess.run([sys.executable, "-m", "pipeline", "run", "toy.yaml"], check=True, env=environment)
    after = json.loads(Path("runs/toy/tracking/mlflow.json").read_text())["run_id"]
    assert after != before
    Path("mlflow.db").rename("moved.db")  # MLflow keeps the first file open
    points = connect("sqlite:///moved.db").get_metric_history(after, "validation_macro_f1")
    assert len(points) == 5  # the story of a training that was not done again


def test_a_model_that_is_not_there_is_an_error(workplace, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(StanceError) as error:
        load_model("models:/stance@champion")
    assert str(error.value) == (
        "models:/stance@champion: there is no MLflow store at sqlite:///mlflow.db. Call from the folder that holds "
        "mlflow.db, or set MLFLOW_TRACKING_URI"
    )
    do()
    with pytest.raises(StanceError, match=r"^models:/other@champion: sqlite:.* not give it: .*other not found\. See"):
        load_model("models:/other@champion")


def test_a_folder_as_a_store_is_an_error(workplace):
    with pytest.raises(StanceError) as error:
        do(overrides=["track.uri=./mlruns"])
    assert str(error.value) == (
        "track.uri: ./mlruns: MLflow no longer writes to folders. Use sqlite:///mlflow.db, or a server"
    )


def test_a_store_that_does_not_answer_is_an_error(workplace):
    with pytest.raises(StanceError) as error:
        do(overrides=["track.uri=sqlite:///article.txt/mlflow.db"])
    message = str(error.value)
    assert message.startswith("track: sqlite:///article.txt/mlflow.db: ")
    assert message.endswith(
        "Mend the store, name another with track.uri, or leave it out with --set track.enabled=false"
    )


def test_the_ui_answers_on_this_machine(logged):
    folder, _ = logged
    port = _free_port()
    command = [sys.executable, "-m", "pipeline", "ui", "--port", str(port)]
    with (folder / "ui.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        page = _patiently(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).read())
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=30)
    assert b"MLflow" in page
    assert f"http://127.0.0.1:{port}" in (folder / "ui.log").read_text()


def test_mlflow_serves_the_model(logged, monkeypatch):
    folder, _ = logged
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/stance@candidate"]
    command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
    store = f"sqlite:///{folder}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # mlflow calls uvicorn by name
    environment = {**os.environ, "MLFLOW_TRACKING_URI": store, "MLFLOW_REGISTRY_URI": store, "PATH": path}
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        answer = _ask(port, {"dataframe_records": [{"text": text} for text in TEXTS]})
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=30)
    expected = load_model("models:/stance@candidate", device="cpu").predict(TEXTS)
    assert [row["label"] for row in answer["predictions"]] == [prediction.label for prediction in expected]


def _ask(port: int, question: dict) -> dict:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invocations",
        data=json.dumps(question).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _patiently(lambda: urllib.request.urlopen(request, timeout=30)) as response:
        return json.load(response)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _patiently(ask):
    """What a server answers, once it is up."""
    for _ in range(480):
        try:
            return ask()
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.25)
    raise TimeoutError("the server did not come up within two minutes")


def test_a_run_that_was_deleted_in_mlflow_is_logged_again(workplace):
    first = do().track.value
    assert do().track.value == first
    connect(URI).delete_run(first.run_id)
    second = do().track.value
    assert second.run_id != first.run_id
    connect(URI).delete_model_version("stance", second.version)
    assert do().track.value.run_id not in {first.run_id, second.run_id}


def test_a_run_left_open_is_not_gone_on_with_in_another_experiment(workplace, encoder_dir):
    train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 4, batch_size: 8, learning_rate: 0.02}}"
    kill_in_the_third_epoch(train)
    recipe = do(train=train, overrides=["track.experiment=other"])
    client = connect(URI)
    other = client.get_experiment_by_name("other").experiment_id
    assert client.get_run(recipe.track.value.run_id).info.experiment_id == other
    points = client.get_metric_history(recipe.track.value.run_id, "validation_macro_f1")
    assert sorted(point.step for point in points) == [6, 12, 18, 24]  # with those from before it was killed


def test_a_run_that_is_logged_has_finished_whatever_comes_after_it(workplace):
    with pytest.raises(StanceError, match="not UTF-8"):
        Path("article.txt").write_bytes(b"caf\xe9 " * 9)
        do()
    [logged_run] = connect(URI).search_runs([connect(URI).get_experiment_by_name("stance").experiment_id])
    assert logged_run.info.status == "FINISHED"


def test_an_experiment_keeps_its_folder(workplace):
    do()
    with pytest.raises(StanceError) as error:
        do("other", overrides=["track.artifacts=elsewhere"])
    assert str(error.value) == (
        f"track.artifacts: elsewhere: experiment stance keeps its artifacts in {Path('mlruns').resolve()}, and MLflow "
        "cannot move them. Name another track.experiment, or that folder"
    )


def test_a_store_may_have_options(workplace):
    uri = "track.uri='sqlite:///mlflow.db?timeout=20'"
    first = do(overrides=[uri]).track.value
    assert do(overrides=[uri]).track.value == first
    assert Path("mlflow.db").is_file()


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("postgresql://ann:s3cret@host:5432/runs", "postgresql://ann:***@host:5432/runs"),
        ("postgresql://ann:s3/cr[e]t#@host/runs", "postgresql://ann:***@host/runs"),
        ("postgresql://host/runs?user=ann&password=s3cret&x=1", "postgresql://host/runs?user=ann&password=***&x=1"),
        ("https://host/mlflow", "https://host/mlflow"),
        (URI, URI),
    ],
)
def test_a_password_in_the_stores_address_is_shown_to_nobody(uri, expected):
    assert shown(uri) == expected


def test_nor_is_it_logged(workplace):
    uri = "sqlite:///mlflow.db?uri=true&password=s3cret"
    recipe = do(overrides=[f"track.uri={uri}"])
    run_id = recipe.track.value.run_id
    client = connect(uri)
    logged_config = Path(client.download_artifacts(run_id, "config.yaml")).read_text()
    kept = Path("runs/toy/tracking/mlflow.json").read_text()
    for text in (logged_config, str(client.get_run(run_id).data.params), kept):
        assert "***" in text
        assert "s3cret" not in text


def test_an_experiment_that_mlflow_made_itself_is_used(workplace):
    connect(URI)
    recipe = do(overrides=["track.experiment=Default", "track.artifacts=mlruns/0"])
    assert connect(URI).get_run(recipe.track.value.run_id).info.experiment_id == "0"


@pytest.mark.slow
def test_a_server_that_fails_during_training_gets_the_whole_curves_later(workplace, encoder_dir):
    port = _free_port()
    servers = [_serve(port)]
    notes: list[str] = []

    def fail(event: TrainingEvent) -> None:
        if event.epoch > 1.5 and len(servers) == 1:
            _stop(servers[0])
            servers.append(None)

    train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 4, batch_size: 8, learning_rate: 0.02}}"
    store = [f"track.uri=http://127.0.0.1:{port}"]
    with pytest.raises(StanceError, match=f"^track: http://127.0.0.1:{port}: .*leave it out"):
        do(train=train, audience=Audience(listener=fail, note=notes.append), overrides=store)
    assert [note.partition(": ")[0] for note in notes] == ["track"]
    assert notes[0].endswith("Training goes on; its curves are logged at the end")
    server = _serve(port)
    try:
        recipe = do(train=train, overrides=store)
        points = connect(f"http://127.0.0.1:{port}").get_metric_history(
            recipe.track.value.run_id, "validation_macro_f1"
        )
    finally:
        _stop(server)
    assert [point.step for point in points] == [6, 12, 18, 24]


def _serve(port: int) -> subprocess.Popen:
    """MLflow's server over a database in this folder, once it answers."""
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", "sqlite:///served.db", "--workers", "1"]
    command += ["--artifacts-destination", "served", "--host", "127.0.0.1", "--port", str(port)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with Path("server.log").open("a") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    _patiently(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30).read())
    return server


def _stop(server: subprocess.Popen) -> None:
    os.killpg(server.pid, 9)
    server.wait(timeout=30)
