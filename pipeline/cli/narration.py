"""A run told in a terminal: a line a stage, a bar for long work."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as TimeRemaining

from pipeline.cli.console import say
from pipeline.recipe import Audience
from pipeline.records import TrainingEvent
from pipeline.store.run_folder import Narrator

SHOWN = {"C": "C", "train_loss": "loss", "validation_macro_f1": "validation macro-F1"}


class Narration:
    """Writes to the console what an audience is told."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("  {task.description:<9}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemaining(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
            transient=True,
        )
        self._bar: tuple[str, TaskID] | None = None
        self._figures: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()
        self._bars.stop()

    def open(self, title: str) -> None:
        """Say what follows."""
        say(self._console, title, style="bold")

    @property
    def audience(self) -> Audience:
        """What the recipe tells this narration."""
        narrator = Narrator(started=self._started, finished=self._finished, skipped=self._skipped)
        return Audience(narrator=narrator, listener=self._trained, progress=self._advanced, note=self._say)

    def _started(self, stage: str, reason: str) -> None:
        self._figures = {}
        self._show(stage, 0, 0, reason)

    def _finished(self, stage: str, summary: Mapping[str, Any], seconds: float) -> None:
        self._clear()
        self._say(f"{stage:<9} {seconds:6.1f} s  {_in_words(summary)}")

    def _skipped(self, stage: str, since: str) -> None:
        self._say(f"{stage:<9} skipped: unchanged since {since}")

    def _trained(self, event: TrainingEvent) -> None:
        if event.note:
            self._say(f"train     {event.note}")
            return
        self._figures.update(event.metrics)
        figures = ", ".join(f"{SHOWN[name]} {value:.3f}" for name, value in self._figures.items() if name in SHOWN)
        epoch = "" if "C" in self._figures else f"epoch {event.epoch:.1f}  "  # the baseline tries values of C instead
        self._show("train", event.step, event.total_steps, f"{epoch}{figures}")
        if "validation_macro_f1" in event.metrics and not self._console.is_terminal:
            self._say(f"train     step {event.step}/{event.total_steps}  {epoch}{figures}")

    def _advanced(self, what: str, done: int, total: int) -> None:
        self._show(what, done, total, "" if total else "sentences")

    def _show(self, what: str, done: int, total: int, figures: str) -> None:
        if self._bar is None or self._bar[0] != what:
            self._clear()
            self._bar = (what, self._bars.add_task(what, total=None, figures=""))
        self._bars.update(self._bar[1], completed=done, total=total or None, figures=figures)

    def _clear(self) -> None:
        if self._bar is not None:
            self._bars.remove_task(self._bar[1])
            self._bar = None

    def _say(self, line: str) -> None:
        say(self._console, f"  {line}")


def _in_words(summary: Mapping[str, Any]) -> str:
    """The plain figures of a summary; of nested ones only what is counted in sentences."""
    words = []
    for name, value in summary.items():
        if isinstance(value, Mapping):
            if "sentences" in value:
                words.append(f"{name} {value['sentences']}")
        else:
            words.append(f"{name.replace('_', ' ')} {value}")
    return ", ".join(words)
