"""Over Ray Data: on this machine, or on a cluster whose machines have this package and no common disk.

The inputs are read where the command runs, and the model's files travel with the work. Ray does again what a lost
machine had, and gives everything in order.
"""

import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.config.predict import PredictConfig
from pipeline.ingest import BadRows, stream
from pipeline.models.contract import StanceModel
from pipeline.models.threads import ASKED
from pipeline.predict.engines.ray_session import connected, without_its_warnings
from pipeline.predict.windows import Answered, Inputs, Window, after, in_windows
from pipeline.records import Sentence, StanceError

COLUMNS = {"document": pa.string(), "position": pa.int64(), "start": pa.int64(), "end": pa.int64(),
           "text": pa.string(), "source": pa.string()}  # fmt: skip
BLOCK_BYTES = 2**18  # what travels at once
IN_FLIGHT = 3  # blocks that a worker has been given


@dataclass(frozen=True)
class Cluster:
    """What to compute on.

    Attributes:
        address: of Ray's head node, as ``10.0.0.1:6379``, or ``auto``; None: Ray is started on this machine, and ends
            with the command.
        n_workers: processes with the model; None: one a GPU, or one a processor where there is none or the
            model runs on none.
    """

    address: str | None = None
    n_workers: int | None = None


def answer_over_ray(
    model: StanceModel, folder: Path, inputs: Inputs, n_before: int, cluster: Cluster
) -> Generator[Answered, None, None]:
    """Windows with what the model says of them, in order.

    Args:
        model: the model.
        folder: where it is saved.
        inputs: what to answer; the files are read anew.
        n_before: sentences to pass over.
        cluster: what to compute on.

    Raises:
        StanceError: Ray is not installed or not to be reached, or an input cannot be read.
    """
    with without_its_warnings(), connected(cluster.address, BLOCK_BYTES) as ray:
        from ray.data import ActorPoolStrategy

        n_gpus, n_cpus = (int(ray.cluster_resources().get(name, 0)) for name in ("GPU", "CPU"))
        n_gpus = n_gpus if model.runs_on_gpus else 0
        files = ray.put({str(path.relative_to(folder)): path.read_bytes() for path in _files(folder)})
        answered = _read(ray, inputs.config, n_before, inputs.config.batch_size * model.window_batches).map_batches(
            _Worker,
            fn_constructor_args=([files], inputs.config.batch_size),
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(
                size=cluster.n_workers or n_gpus or n_cpus, max_tasks_in_flight_per_actor=IN_FLIGHT
            ),
            **({"num_gpus": 1} if n_gpus else {"num_cpus": 1}),
        )
        for row in answered.iter_rows():
            for message in row["unreadable"]:
                inputs.bad_rows.report(message)
            if row["failed"] is not None:
                raise StanceError(row["failed"])
            window = _unpacked(row["window"])
            if window:
                yield window, model.to_predictions(np.frombuffer(row["probabilities"]).reshape(len(window), -1))


class _Worker:
    """A process with the model."""

    def __init__(self, files: list[Any], batch_size: int) -> None:
        import ray

        from pipeline.models.saved import load_saved

        os.environ[ASKED] = "1"
        self._folder = tempfile.TemporaryDirectory(prefix="stance-")
        for name, content in ray.get(files[0]).items():
            path = Path(self._folder.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._model = load_saved(Path(self._folder.name), "auto")  # Ray shows it the GPU that it is given, or none
        self._batch_size = batch_size

    def __call__(self, batch: pa.Table) -> pa.Table:
        """A row, a window, with its probabilities."""
        texts = [sentence.text for sentence in _unpacked(batch["window"][0].as_py())]
        found = self._model.predict_proba(texts, batch_size=self._batch_size)
        return batch.append_column("probabilities", pa.array([np.ascontiguousarray(found).tobytes()], pa.binary()))


def _read(ray: Any, config: PredictConfig, n_before: int, window: int) -> Any:
    """The windows as a data set of Ray, a row each, read where the command runs; a lost one can be read again."""
    from ray.data import Datasource, ReadTask
    from ray.data.block import BlockMetadata

    class Windows(Datasource):
        """What there is to answer."""

        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, parallelism: int, *args: Any, **kwargs: Any) -> list[ReadTask]:
            unknown = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None, input_files=None)
            return [ReadTask(_reader(config, n_before, window), unknown)]

    here = {"ray.io/node-id": ray.get_runtime_context().get_node_id()}
    return ray.data.read_datasource(
        Windows(),
        override_num_blocks=1,
        num_cpus=0,
        label_selector=here,
    )


def _reader(config: PredictConfig, n_before: int, size: int) -> Callable[[], Iterable[pa.Table]]:
    here = Path.cwd()

    def read() -> Iterator[pa.Table]:
        os.chdir(here)  # paths are as the user gave them
        messages: list[str] = []
        bad_rows = BadRows(config.on_bad_row, listener=messages.append)
        try:
            sentences = after(stream(config.inputs, config, bad_rows), n_before)
            for window in in_windows(sentences, size):
                yield _row(window, messages)
                messages.clear()
        except StanceError as error:
            yield _row([], messages, str(error))
        else:
            yield _row([], messages)

    return read


def _row(window: Window, messages: list[str], failed: str | None = None) -> pa.Table:
    columns = [pa.array([getattr(each, name) for each in window], kind) for name, kind in COLUMNS.items()]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, (table := pa.table(columns, list(COLUMNS))).schema) as writer:
        writer.write_table(table)
    return pa.table(
        {
            "window": pa.array([sink.getvalue().to_pybytes()], pa.binary()),
            "unreadable": pa.array([messages], pa.list_(pa.string())),
            "failed": pa.array([failed], pa.string()),
        }
    )


def _unpacked(packed: bytes) -> Window:
    with pa.ipc.open_stream(packed) as reader:
        return [Sentence(**row) for row in reader.read_all().to_pylist()]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
