"""What computes predictions is not to be seen in them: one process, several, or machines of which one is lost."""

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from toy import LABELS, write_jsonl

from pipeline.config.predict import PredictConfig
from pipeline.ingest import BadRows, stream
from pipeline.models import make_model
from pipeline.models.saved import load_saved, save_model
from pipeline.predict import write_answers
from pipeline.predict.engines import EngineSettings, answers_of, processes
from pipeline.predict.engines.here import answer_here
from pipeline.predict.windows import Inputs
from pipeline.records import StanceError

BATCH_SIZE = 2  # windows of 64 sentences
N = 1500


@pytest.fixture(scope="module")
def model(settings, examples, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    trained = make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])
    save_model(trained, folder)
    return folder


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    rows = [{"text": f"We will answer attack {number}, and “welcome” talks.", "doc_id": f"d{number // 9}"}
            if number % 500 != 7 else {"text": number} for number in range(N)]  # fmt: skip
    return write_jsonl(tmp_path_factory.mktemp("in") / "table.jsonl", rows)


def predicted(model: Path, table: Path, output: Path, settings: EngineSettings, **further):
    """The figures, and the messages about unreadable rows."""
    config = PredictConfig(
        inputs=(str(table),), format="csv", batch_size=BATCH_SIZE, read_as="sentences",
        on_bad_row=further.pop("on_bad_row", "skip"),
    )  # fmt: skip
    bad_rows = BadRows(config.on_bad_row)
    loaded = load_saved(model, "cpu")
    answers = answers_of(settings, loaded, model, Inputs(config, bad_rows, stream(config.inputs, config, bad_rows)))
    return write_answers(answers, LABELS.all, output, "csv", job="a", **further), bad_rows.messages


@pytest.fixture(scope="module")
def alone(model, table, tmp_path_factory):
    """What one process writes, and tells."""
    output = tmp_path_factory.mktemp("alone") / "out.csv"
    _, messages = predicted(model, table, output, EngineSettings(n_workers=1))
    assert [message.split(": ")[0] for message in messages] == [f"{table}:{line}" for line in (8, 508, 1008)]
    return output.read_bytes(), messages


def stop_at(n: int):
    def progress(n_sentences: int, source: str) -> None:
        if n_sentences >= n:
            raise KeyboardInterrupt

    return progress


def test_any_number_of_processes_writes_the_same_bytes(model, table, alone, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.predict.apply.PIECE_SECONDS", 0)
    output = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        predicted(model, table, output, EngineSettings(n_workers=1), progress=stop_at(640))
    monkeypatch.setattr(processes, "answer_here", lambda *args: iter(()))  # it leaves all to the others
    found, messages = predicted(model, table, output, EngineSettings(n_workers=2))
    assert 0 < found.n_before < found.n_sentences == N - 3
    assert (output.read_bytes(), messages) == alone


@pytest.mark.parametrize(
    ("on_one", "long", "n_windows", "n_processors", "n_workers"),
    [
        (True, 0, 3, 2, 2),
        (True, 30, 3, 2, None),
        (True, 0, 0, 2, None),
        (False, 0, 3, 2, None),
        (True, 0, 3, 1, None),
        (True, 0, 3, 64, 16),
    ],
)
def test_processes_are_started_where_they_are_worth_it(
    model, monkeypatch, on_one, long, n_windows, n_processors, n_workers
):
    class Started(Exception):  # noqa: N818 (it is no error)
        pass

    def pool(folder, device, n):
        raise Started(n)

    monkeypatch.setattr(processes, "n_threads", lambda: n_processors)
    monkeypatch.setattr(processes, "_pool", pool)
    monkeypatch.setattr(processes, "LONG", long)
    loaded = load_saved(model, "cpu")
    monkeypatch.setattr(type(loaded), "computes_on_one_processor", on_one)
    answers = processes.answer_in_processes(loaded, model, iter([[]] * n_windows), BATCH_SIZE)
    found = []
    with nullcontext() if n_workers is None else pytest.raises(Started, match=str(n_workers)):
        found.extend(answers)
    if n_workers is None:
        assert len(found) == n_windows


@pytest.mark.slow
def test_this_process_answers_until_the_others_are_ready(model, table, alone, tmp_path, monkeypatch):
    answered = []

    def here(model, windows, batch_size):
        for window, found in answer_here(model, windows, batch_size):
            answered.append(len(window))
            yield window, found

    monkeypatch.setattr(processes, "answer_here", here)
    predicted(model, table, tmp_path / "out.csv", EngineSettings(n_workers=2))
    assert answered[0] == 64
    assert (tmp_path / "out.csv").read_bytes() == alone[0]


def test_a_process_that_is_ended_from_outside_is_told(model, table, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.predict.apply.PIECE_SECONDS", 0)
    output = tmp_path / "out.csv"

    monkeypatch.setattr(processes, "answer_here", lambda *args: iter(()))

    def end_one(n_sentences: int, source: str) -> None:
        for process in children_of(os.getpid()):
            os.kill(process, signal.SIGKILL)

    with pytest.raises(StanceError) as error:
        predicted(model, table, output, EngineSettings(n_workers=2), progress=end_one)
    assert str(error.value) == (
        "predict: one of the processes was ended from outside, often for want of memory. Ask for fewer --workers; "
        "the same command goes on after what is done"
    )


def children_of(process: int) -> list[int]:
    """The processes that a pool has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
            command = (status.parent / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == process and "spawn_main" in command:
            found.append(int(status.parent.name))
    return found


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from pipeline.predict.engines import EngineSettings, processes
from test_engines import predicted

if __name__ == "__main__":
    def progress(n_sentences, source):
        print(n_sentences, flush=True)
        sys.stdin.read()
    processes.answer_here = lambda *args: iter(())
    predicted(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), EngineSettings(n_workers=2), progress=progress)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_processes_end_with_the_one_that_started_them(model, table, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(KILLED.format(tests=str(Path(__file__).parent)), encoding="utf-8")
    command = [sys.executable, str(program), str(model), str(table), str(tmp_path / "out.csv")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"64\n"
        started = children_of(running.pid)
        running.kill()
    assert len(started) == 2
    deadline = time.monotonic() + 10
    while (left := [p for p in started if Path(f"/proc/{p}").exists()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


def test_an_address_without_ray_is_an_error():
    with pytest.raises(StanceError) as error:
        EngineSettings("local", address="10.0.0.1:6379")
    assert str(error.value) == ("--ray-address 10.0.0.1:6379: is for --engine ray. Add that, or leave the address out")


@pytest.fixture(scope="module")
def cluster():
    """Ray on two nodes of this machine; the second may be lost."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'stance-pipeline[ray]'")
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args=small)
    cluster.second = cluster.add_node(**small)
    yield cluster
    cluster.shutdown()


@pytest.mark.slow
def test_ray_stops_at_an_unreadable_row_with_the_same_words(model, table, cluster, tmp_path):
    told = []
    for settings in (EngineSettings("ray", 1, cluster.address), EngineSettings()):
        with pytest.raises(StanceError) as error:
            predicted(model, table, tmp_path / "out.csv", settings, on_bad_row="fail")
        told.append(str(error.value))
    assert told[0] == told[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_node_of_ray_that_is_lost_changes_nothing(model, table, alone, cluster, tmp_path, monkeypatch):
    """The second is killed with the first sentences, when half of the work lies with it."""
    monkeypatch.setattr("pipeline.predict.engines.cluster.BLOCK_BYTES", 1000)  # a window

    def lose(n_sentences: int, source: str) -> None:
        if cluster.second is not None:
            cluster.remove_node(cluster.second, allow_graceful=False)
            cluster.second = None

    output = tmp_path / "out.csv"
    _, messages = predicted(model, table, output, EngineSettings("ray", 2, cluster.address), progress=lose)
    assert cluster.second is None
    assert (output.read_bytes(), messages) == alone


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("127.0.0.1:1", "[Errno 111] Connection refused"),
        ("nowhere", "that is no HOST:PORT"),
    ],
)
def test_no_ray_at_an_address_is_told_at_once(model, table, tmp_path, address, found):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'stance-pipeline[ray]'")
    with pytest.raises(StanceError) as error:
        predicted(model, table, tmp_path / "out.csv", EngineSettings("ray", address=address))
    assert str(error.value) == (
        f"--ray-address {address}: no Ray there: {found}. Start it with `ray start --head`, and name its address, as "
        "10.0.0.1:6379"
    )
