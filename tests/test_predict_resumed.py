"""A prediction that was killed goes on, to the bytes of one that was not."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from toy import LABELS, write_jsonl

from pipeline import load_model
from pipeline.config.predict import PredictConfig
from pipeline.ingest import BadRows, stream
from pipeline.models import make_model
from pipeline.models.saved import save_model
from pipeline.predict import Predicted, predict_file
from pipeline.predict.shards import open_shards
from pipeline.predict.unreadable import beside, listed_beside
from pipeline.predict.writers import format_of
from pipeline.records import StanceError

ROOT = Path(__file__).parent.parent
BATCH_SIZE = 2  # windows of 64 sentences
N = 300
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from pipeline.predict import apply
from test_predict_resumed import predicted
apply.PIECE_SECONDS = 0

def progress(n_sentences, source):
    if n_sentences > 128:
        os.kill(os.getpid(), signal.SIGKILL)

predicted(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), progress)
"""


def predicted(model: Path, table: Path, output: Path, progress=lambda n_sentences, source: None, job="a") -> Predicted:
    config = PredictConfig(inputs=(str(table),), format=format_of(output), batch_size=BATCH_SIZE, read_as="sentences")
    sentences = stream(config.inputs, config, BadRows())
    return predict_file(load_model(model), sentences, output, config, progress, job=job)


@pytest.fixture(scope="module")
def model(settings, examples, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save_model(
        make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:]), folder
    )
    return folder


@pytest.fixture
def table(tmp_path) -> Path:
    rows = [{"text": f"We will answer attack {number}, and “welcome” talks;\tthen leave.", "doc_id": f"d{number // 9}"}
            for number in range(N)]  # fmt: skip
    return write_jsonl(tmp_path / "in/table.jsonl", rows)


def parts_of(output: Path) -> Path:
    return output.with_name(f".{output.name}.parts")


def interrupted(model: Path, table: Path, output: Path, monkeypatch, n: int = 128, job: str = "a") -> None:
    monkeypatch.setattr("pipeline.predict.apply.PIECE_SECONDS", 0)

    def progress(n_sentences: int, source: str) -> None:
        if n_sentences > n:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predicted(model, table, output, progress, job)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_interrupted_prediction_ends_with_the_same_bytes(model, table, tmp_path, monkeypatch, suffix):
    whole, resumed = tmp_path / f"whole.{suffix}", tmp_path / f"resumed.{suffix}"
    predicted(model, table, whole)
    interrupted(model, table, resumed, monkeypatch)
    assert not resumed.exists()
    found = predicted(model, table, resumed)
    assert (found.n_sentences, found.n_before) == (N, 128)
    assert sum(found.by_label.values()) == N
    assert resumed.read_bytes() == whole.read_bytes()
    assert not parts_of(resumed).exists()


def test_a_killed_prediction_ends_with_the_same_bytes(model, table, tmp_path):
    whole, resumed = tmp_path / "whole.csv", tmp_path / "resumed.csv"
    predicted(model, table, whole)
    program = KILLED.format(tests=str(ROOT / "tests"))
    killed = subprocess.run(
        [sys.executable, "-c", program, str(model), str(table), str(resumed)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert predicted(model, table, resumed).n_before == 128
    assert resumed.read_bytes() == whole.read_bytes()


def test_another_job_begins_anew(model, table, tmp_path, monkeypatch):
    output = tmp_path / "out.csv"
    interrupted(model, table, output, monkeypatch)
    assert predicted(model, table, output, job="b").n_before == 0


def test_a_page_is_written_at_one_go(model, table, tmp_path, monkeypatch):
    whole, resumed = tmp_path / "whole.html", tmp_path / "resumed.html"
    predicted(model, table, whole)
    interrupted(model, table, resumed, monkeypatch)
    assert predicted(model, table, resumed).n_before == 0
    assert resumed.read_bytes() == whole.read_bytes()


def test_an_error_that_has_to_be_mended_leaves_nothing_behind(model, table, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.predict.apply.PIECE_SECONDS", 0)
    with table.open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    with pytest.raises(StanceError, match=r"table\.jsonl:301: not valid JSON"):
        predicted(model, table, tmp_path / "out/out.csv")
    assert list((tmp_path / "out").iterdir()) == []


def test_two_commands_cannot_write_one_output(tmp_path):
    output = tmp_path / "out.csv"
    with open_shards(output, "csv", LABELS.all, "a"), pytest.raises(StanceError) as error:  # noqa: SIM117
        with open_shards(output, "csv", LABELS.all, "a"):
            pass
    assert str(error.value) == (
        f"{parts_of(output)}: another command is writing this output. Wait for it, or name another"
    )


def test_each_row_that_cannot_be_read_is_listed_with_the_reason(tmp_path):
    output = tmp_path / "out.csv"
    with listed_beside(output) as listener:
        for number in range(150):
            listener(f"row {number}")
    assert beside(output).read_text(encoding="utf-8").splitlines() == [f"row {number}" for number in range(150)]
    with listed_beside(output):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_command_lists_what_it_left_out(model, tmp_path, stance, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.jsonl").write_text('{"text": "They met."}\n' + "{broken\n" * 120, encoding="utf-8")
    code, _, told = stance(
        "predict", "--model", str(model), "--input", "t.jsonl", "--output", "out.jsonl", "--skip-bad"
    )
    assert code == 0
    assert "left out in all: 120; each with the reason: out.jsonl.unreadable.txt" in told
    assert len(Path("out.jsonl.unreadable.txt").read_text(encoding="utf-8").splitlines()) == 120
    assert len([json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]) == 1
