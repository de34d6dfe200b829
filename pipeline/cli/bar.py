"""A progress bar for work whose size is known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pipeline.cli.console import progress


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """What is told how much is done, and of how much; the bar is gone in the end.

    Args:
        what: is counted.
        total: of them; 0: not known yet.
    """
    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=32), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=progress(), transient=True) as bars:
        task = bars.add_task(what, total=total or None)
        yield lambda done, of: bars.update(task, completed=done, total=of)
