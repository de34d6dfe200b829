"""The MLflow run while training goes on: opened at the first event, resumed by the run that resumes the training."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.config.root import Config
from pipeline.records import StanceError, TrainingEvent
from pipeline.store.atomic import write_text
from pipeline.tracking.client import clear_errors, connect, experiment_id

NOTE = ".mlflow-open-run.json"


class LiveRun:
    """Logs training's figures as they come; `track` logs the rest to the same run.

    Attributes:
        key: hash of what the training is made from; a run that was left open is gone on with only for the same.
        run_id: of the MLflow run, once it is opened.
    """

    def __init__(self, config: Config, tell: Callable[[str], None] = lambda message: None) -> None:
        self.key = ""
        self._config = config
        self._note_path = config.run_dir / NOTE
        self._client: Any = None
        self._tell = tell
        self._is_cut_off = False
        self.run_id: str | None = None

    def listen(self, event: TrainingEvent) -> None:
        """Log an event's figures, if it has any; once the store stops to answer, `track` has to make up for it.

        Raises:
            StanceError: the run cannot be opened, so that nothing is trained in vain.
        """
        if not event.metrics or self._is_cut_off:
            return
        try:
            with clear_errors(self._config.track.uri):
                log_event(self.client, self.open(), event)
        except StanceError as error:
            if self.run_id is None:
                raise
            self._is_cut_off = True
            self._tell(f"{error}. Training goes on; its curves are logged at the end")

    @property
    def client(self) -> Any:
        """MLflow's client, connected at first use."""
        if self._client is None:
            self._client = connect(self._config.track.uri)
        return self._client

    def open(self) -> str:
        """The id of the open run: the one that this training left open before, or a new one."""
        if self.run_id is None:
            self.run_id = self._left_open() or self._create()
        return self.run_id

    def settle(self) -> None:
        """Everything is logged: the MLflow run has ended well, whatever comes after it."""
        self._end("FINISHED")
        self.run_id = None
        self._note_path.unlink(missing_ok=True)

    @contextmanager
    def closed_in_the_end(self) -> Iterator[None]:
        """Say in MLflow how the block ended, if the run was opened in it."""
        try:
            yield
        except KeyboardInterrupt:
            self._end("KILLED")
            raise
        except BaseException:
            self._end("FAILED")
            raise
        self._end("FINISHED")

    def _end(self, status: str) -> None:
        if self.run_id is not None:
            with suppress(StanceError), clear_errors(self._config.track.uri):  # what ended the block says more
                self.client.set_terminated(self.run_id, status)

    def _create(self) -> str:
        experiment = experiment_id(self.client, self._config.track)
        run = self.client.create_run(experiment, run_name=self._config.name)
        run_id = str(run.info.run_id)
        write_text(self._note_path, json.dumps({"run_id": run_id, "key": self.key}) + "\n")
        return run_id

    def _left_open(self) -> str | None:
        from mlflow.exceptions import MlflowException

        note = _read(self._note_path)
        if note.get("key") != self.key:
            return None
        try:
            self.client.update_run(note["run_id"], status="RUNNING")
        except MlflowException:  # the store is another one, or was emptied
            return None
        return str(note["run_id"])


def log_event(client: Any, run_id: str, event: TrainingEvent) -> None:
    """Log an event's figures at its step."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    client.log_batch(run_id, [Metric(name, value, now, event.step) for name, value in event.metrics.items()])


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
