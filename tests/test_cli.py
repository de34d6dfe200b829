"""The command line as people meet it: help with an example, results, exit codes, and what it does not load."""

import importlib.metadata
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from toy import config_text, read_csv, toy_rows, without_dropout, write_jsonl

from pipeline.config import json_schema, load_config
from pipeline.models.saved import load_saved
from pipeline.recipe import Audience, run

COMMANDS = [
    [], ["run"], ["ingest"], ["label", "run"], ["label", "agreement"], ["label", "rules"], ["label", "votes"],
    ["label", "queue"], ["label", "doubts"], ["label", "export"], ["label", "import"], ["label", "model"],
    ["label", "nli"], ["label", "endpoint"], ["label", "serve"], ["split"], ["train"], ["evaluate"], ["compare"],
    ["tune"], ["promote"], ["predict"], ["export"], ["serve"], ["ui"], ["config", "check"], ["config", "show"],
    ["config", "schema"],
]  # fmt: skip
HEAVY = {"torch", "transformers", "datasets", "mlflow", "sklearn", "numpy", "pandas"}
UNTRACKED = "track: {enabled: false}\n"


@pytest.fixture
def config(workplace) -> Path:
    path = workplace / "toy.yaml"
    path.write_text(config_text(further=UNTRACKED), encoding="utf-8")
    return Path("toy.yaml")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(stance, command):
    code, output, _ = stance(*command, "--help")
    assert code == 0
    assert "stance " + " ".join(command) in " ".join(output.split())
    assert ("Example: stance" if command else "Begin with: stance") in " ".join(output.split())


def test_every_command_is_listed_here(stance):
    from typer.main import get_command

    from pipeline.cli import app

    found = []
    for name, command in get_command(app).commands.items():
        found += [[name, below] for below in command.commands] if hasattr(command, "commands") else [[name]]
    assert sorted(found) == sorted(command for command in COMMANDS if command)


@pytest.mark.parametrize(
    "code",
    ["import pipeline", "import sys; sys.argv = ['stance', '--help']; from pipeline.cli import main; main()"],
    ids=["import", "help"],
)
def test_what_costs_time_is_not_loaded_before_it_is_used(code):
    ask = f"import atexit, sys; atexit.register(lambda: print('loaded:', *sorted({HEAVY!r} & set(sys.modules))))\n"
    answer = subprocess.run([sys.executable, "-c", ask + code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1].strip() == "loaded:"


def test_run_ends_with_figures_places_and_a_sample(stance, config):
    code, output, progress = stance("run", str(config))
    assert code == 0
    for expected in ("macro-F1: mean F1 of the stances", "warning", "toy model: runs/toy/model", "What toy says"):
        assert expected in output
    assert "We welcome the offer" in output
    assert "All 3 sentences: runs/toy/predictions/predictions.csv" in output
    assert "train" in progress


def test_a_second_run_says_what_it_skipped(stance, config):
    stance("run", str(config))
    _, output, progress = stance("run", str(config))
    assert progress.count("skipped: unchanged since 20") == 9
    assert "What toy says" in output


def test_several_configs_are_done_in_turn_and_compared(stance, config):
    Path("other.yaml").write_text(config_text("other", "{kind: baseline, C: [0.01]}", UNTRACKED), encoding="utf-8")
    code, output, _ = stance("run", "toy.yaml", "other.yaml", "--set", "seed=3")
    assert code == 0
    rows = [line for line in output.splitlines() if line.startswith(("│ toy", "│ other"))]
    assert len(rows) == 2


def test_label_shows_each_rule(stance, config):
    code, output, _ = stance("label", str(config))
    assert code == 0
    line = next(line for line in output.splitlines() if "consequences" in line)
    assert line.split()[1] == "warning"
    assert "conflicts: none" in output


def test_label_rules_says_how_right_they_are_and_where_not(stance, workplace):
    rows = [
        {"text": "Any attack will have grave consequences.", "doc_id": "d", "position": 1, "label": "warning"},
        {"text": "The grave consequences were on show.", "doc_id": "d", "position": 2, "label": "none"},
        {"text": "They met.", "doc_id": "d", "position": 3, "label": "none"},
    ]
    write_jsonl(workplace / "t.jsonl", rows)
    code, output, _ = stance("label", "rules", "t.jsonl", "--codebook", "codebook.yaml", "--wrong", "wrong.csv")
    assert code == 0
    assert "on 3 that people labeled: macro-F1 of the stances" in output
    assert all(row["label"] != row["gold"] for row in read_csv(Path("wrong.csv")))


def test_evaluate_shows_figures(stance, config):
    code, output, _ = stance("evaluate", str(config))
    assert code == 0
    assert "macro-F1: mean F1 of the stances" in output
    assert not Path("runs/toy/predictions").exists()


def test_predict_writes_what_was_asked_for(stance, config):
    stance("train", str(config))
    code, output, progress = stance(
        "predict", "--model", "runs/toy/model", "--input", "article.txt", "--output", "out/p.csv"
    )
    assert (code, output) == (0, "")
    assert "3 sentences in " in progress
    assert "written: out/p.csv" in progress
    assert len(read_csv(Path("out/p.csv"))) == 3


def test_predict_reads_rows_as_sentences_and_counts_bad_ones(stance, config):
    stance("train", str(config))
    Path("table.jsonl").write_text('{"said": "They met. We will answer."}\n{oops\n', encoding="utf-8")
    options = ["--as", "sentences", "--text-column", "said", "--skip-bad", "--output", "p.jsonl"]
    code, _, progress = stance("predict", "--model", "runs/toy/model", "--input", "table.jsonl", *options)
    assert code == 0
    assert "left out: table.jsonl:2: not valid JSON" in progress
    assert "left out in all: 1" in progress
    assert len(Path("p.jsonl").read_text().splitlines()) == 1


def test_config_check_says_right(stance, config):
    assert stance("config", "check", str(config)) == (0, "toy.yaml: right\n", "")


def test_config_show_writes_every_default_out(stance, config):
    code, output, _ = stance("config", "show", str(config), "--set", "seed=99")
    assert code == 0
    assert "seed: 99" in output
    assert "min_document_frequency: 2" in output
    Path("shown.yaml").write_text(output, encoding="utf-8")
    assert stance("config", "check", "shown.yaml")[0] == 0


def test_config_schema_prints_or_writes_the_same(stance, workplace):
    _, printed, _ = stance("config", "schema")
    assert json.loads(printed) == json_schema()
    stance("config", "schema", "--write", "schema.json")
    assert Path("schema.json").read_text(encoding="utf-8") == printed


def test_ui_without_a_store_is_an_error(stance, workplace):
    code, _, complaint = stance("ui")
    assert code == 2
    assert complaint == (
        "error: sqlite:///mlflow.db: nothing is logged there yet. Run `make run` first, or name the store with --uri\n"
    )


def test_ui_on_a_taken_port_is_an_error(stance, workplace):
    Path("mlflow.db").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, complaint = stance("ui", "--port", str(port))
    assert code == 2
    assert complaint == (
        f"error: port {port}: Address already in use. Name another: stance ui --port {port + 1}, "
        f"make ui PORT={port + 1}\n"
    )


def test_figures_fit_a_terminal_of_80_columns(stance, config):
    from rich.console import Console

    from pipeline.cli.result import show_figures
    from pipeline.config import load_config
    from pipeline.recipe import Audience, run

    narrow = Console(width=80, file=io.StringIO())
    show_figures([run(load_config(config, ["name=transformer"]), Audience())], narrow)
    printed = narrow.file.getvalue()
    assert "…" not in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert re.search(r"transformer +test +[01]\.\d{3} \[[01]\.\d\d, [01]\.\d\d\]", printed)


def test_figures_that_rules_judged_say_so(stance, config):
    Path("codebook.yaml").write_text(Path("codebook.yaml").read_text() + RULES)
    code, output, _ = stance("evaluate", str(config), "--set", "label.policy=rules", "--set", "split.min_per_label=1")
    assert code == 0
    assert re.search(r"toy: \d+ of \d+ labels of the test part come from rules", output)


RULES = """\
  - {name: condemns, label: grievance, pattern: 'condemn|protest|unfair', example: We condemn it.}
  - {name: met, label: none, pattern: 'meeting|arrived|born|crew', example: The meeting took place.}
"""


def test_a_typing_error_in_a_command_exits_with_2(stance):
    code, _, complaint = stance("predict", "--modle", "x")
    assert code == 2
    assert "--modle" in complaint


def test_an_interrupted_run_says_how_to_go_on(stance, config, monkeypatch):
    def interrupt(*arguments: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.train.train", interrupt)
    code, _, complaint = stance("run", str(config))
    assert code == 130
    assert complaint.endswith("error: interrupted; the same command goes on from here\n")


@pytest.mark.slow
def test_a_run_killed_outright_goes_on_with_the_same_command(workplace, encoder_dir):
    train = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 6, early_stopping: 6, batch_size: 4}}"
    Path("toy.yaml").write_text(config_text(train=train, further=UNTRACKED), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "run", "toy.yaml"]
    scratch = Path("runs/toy/.train-unfinished")
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        for line in process.stderr:
            if "epoch 2.0" in line:
                process.kill()
                break
    assert list(scratch.glob("checkpoint-*/whole"))
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "epoch 1.0" not in again.stderr
    assert "epoch 6.0" in again.stderr
    assert not scratch.exists()
    subprocess.run([*command, "--set", "name=unbroken"], capture_output=True, check=True)
    broken, unbroken = (Path(f"runs/{name}/evaluation/metrics.json").read_bytes() for name in ("toy", "unbroken"))
    assert broken == unbroken


@pytest.mark.slow
def test_two_processes_train_one_model_the_same_as_one_process_does(workplace, encoder_dir):
    encoder = without_dropout(encoder_dir, workplace / "encoder")
    train = f"{{kind: transformer, encoder: {encoder}, epochs: 3, dropout: 0.0, learning_rate: 0.02"
    train += ", length_grouping: false, batch_size: 4}"
    Path("toy.yaml").write_text(config_text(train=train, further="device: cpu\n" + UNTRACKED), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "-m", "pipeline", "run", "toy.yaml"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("What toy says") == 1  # only the leader speaks
    history = [json.loads(line) for line in Path("runs/toy/training/history.jsonl").read_text().splitlines()]
    assert history[-1]["total_steps"] == 3 * 6  # 48 sentences, 4 a process, 2 processes
    alone = load_config(Path("toy.yaml"), ["name=alone", "train.batch_size=8"])
    run(alone, Audience(), until="train")
    models = [load_saved(Path(f"runs/{name}/training/model"), "cpu") for name in ("toy", "alone")]
    texts = [row["text"] for row in toy_rows(4)]
    together, single = (model.predict_proba(texts) for model in models)
    np.testing.assert_allclose(together, single, atol=1e-3)


def test_many_rows_are_predicted_from_a_glob(stance, config):
    stance("train", str(config))
    for number in range(3):
        write_jsonl(Path(f"in/part{number}.jsonl"), [{"text": row["text"]} for row in toy_rows(2)])
    code, *_ = stance("predict", "--model", "runs/toy/model", "--input", "in/*.jsonl", "--output", "p.csv")
    assert code == 0
    assert len(read_csv(Path("p.csv"))) == 36


def test_a_disk_that_is_full_is_a_message(stance, config, monkeypatch):
    stance("train", str(config))

    def full(*arguments: object, **settings: object) -> None:
        raise OSError(28, "No space left on device", "p.csv")

    monkeypatch.setattr("pipeline.predict.writers._Rows.write", full)
    code, _, complaint = stance("predict", "--model", "runs/toy/model", "--input", "article.txt", "--output", "p.csv")
    assert code == 2
    assert complaint.endswith("error: p.csv: No space left on device. Mend that, and give the command again\n")
    assert not list(Path().glob("*p.csv*"))


def test_a_language_that_is_none_is_a_message(stance, config):
    code, _, complaint = stance(
        "predict", "--model", "m", "--input", "article.txt", "--output", "p.csv", "--language", "EN"
    )
    assert (code, complaint) == (2, "error: --language EN: not an ISO 639-1 code. Name one such as en, fr or uk\n")


def test_the_ui_listens_on_this_machine_only_and_sends_nothing(monkeypatch, workplace):
    from pipeline.tracking.ui import open_ui

    Path("mlflow.db").touch()
    started: list[tuple] = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    open_ui("sqlite:///mlflow.db", 5999, lambda line: None)
    [(_, command, environment)] = started
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_prediction_that_is_told_to_stop_leaves_nothing_behind(stance, config):
    stance("train", str(config))
    write_jsonl(Path("many.jsonl"), [{"text": "They met, and they will answer any attack."}] * 400_000)
    command = [sys.executable, "-m", "pipeline", "predict", "--model", "runs/toy/model"]
    with subprocess.Popen(
        [*command, "--input", "many.jsonl", "--output", "p.csv"], stderr=subprocess.PIPE, text=True
    ) as process:
        for _ in range(600):
            if list(Path().glob(".p.csv*")):
                break
            time.sleep(0.05)
        process.terminate()
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert complaint.endswith(
        "error: interrupted; no output was written; the same command goes on after what is done\n"
    )
    assert not list(Path().glob("*p.csv*")) + list(Path().glob(".p.csv*"))


def test_characters_that_steer_a_terminal_do_not_reach_it(stance, config):
    Path("article.txt").write_text("We welcome\x1b[2J the offer\x07 of talks. They left.", encoding="utf-8")
    code, output, _ = stance("run", str(config))
    assert code == 0
    assert "We welcome\ufffd[2J the offer\ufffd of talks." in output
    _, _, complaint = stance("predict", "--model", "\x1b[31mred", "--input", "article.txt", "--output", "p.csv")
    assert complaint.startswith("error: \ufffd[31mred: no such model folder.")


def test_a_setting_without_its_option_says_where_it_belongs(stance, config):
    code, _, complaint = stance("config", "check", str(config), "--set", "seed=3", "device=cpu")
    assert code == 2
    assert complaint == "error: device=cpu: no such file. Each setting takes a --set of its own\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_behind_the_output_is_an_error():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "pipeline", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "error: No space left on device. Mend that" in done.stderr


def test_a_closed_output_is_no_error_of_its_own():
    closed = ["sh", "-c", f"{sys.executable} -m pipeline --help >&-"]
    assert subprocess.run(closed, stderr=subprocess.PIPE, check=False).returncode == 0


def test_a_terminal_that_knows_fewer_characters_shows_the_others():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "pipeline", "ui", "--port", "1", "--uri", "sqlite:///caf\u00e9.db"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: sqlite:///caf?.db: nothing is logged there yet.")


def test_the_version_is_that_of_the_package(stance):
    code, output, _ = stance("--version")
    assert (code, output) == (0, f"stance-pipeline {importlib.metadata.version('stance-pipeline')}\n")


def test_files_of_other_kinds_in_a_folder_are_named(stance, config):
    Path("texts").mkdir()
    Path("article.txt").rename("texts/article.txt")
    Path("texts/scan.pdf").write_bytes(b"%PDF")
    stance("train", str(config), "--set", "predict.inputs=[texts]")
    code, _, told = stance("predict", "--model", "runs/toy/model", "--input", "texts", "--output", "p.csv")
    assert code == 0
    assert "passed over, of a kind that is not read: texts/scan.pdf" in told
