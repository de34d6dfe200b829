"""A bar for predicting: how much of the input is done, how many sentences a second."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pipeline.config.predict import PredictConfig
from pipeline.ingest import find_sources
from pipeline.ingest.size import Extent


class Meter:
    """Shows progress by rows and files, of which there is a known number; sentences are counted."""

    def __init__(self, console: Console, config: PredictConfig) -> None:
        self._extent = Extent(find_sources(config.inputs, config.read_as))
        self._bars = Progress(
            TextColumn("predict"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[n_sentences]} sentences"),
            console=console,
            transient=True,
        )
        self._task = self._bars.add_task("predict", total=self._extent.total, n_sentences=0)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def advance(self, n_sentences: int, source: str) -> None:
        """So many sentences are done, the last of them from there."""
        self._bars.update(self._task, completed=self._extent.done(source), n_sentences=n_sentences)
