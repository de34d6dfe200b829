"""In several processes of this machine, each with the model: for models that compute on one processor."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pipeline.models.contract import StanceModel
from pipeline.models.threads import ASKED, n_threads
from pipeline.predict.engines.here import answer_here
from pipeline.predict.windows import Answered, Window
from pipeline.records import StanceError

AHEAD = 2  # windows a process that wait for their turn
LONG = 30  # seconds of work after which processes are worth their start, if nobody says how many
MOST = 16  # processes that are started then


def answer_in_processes(
    model: StanceModel, folder: Path, windows: Iterator[Window], batch_size: int, n_workers: int | None = None
) -> Generator[Answered, None, None]:
    """Windows with what the model says of them, in order; this process answers until the others are ready.

    Args:
        model: the model.
        folder: where it is saved: each process loads it.
        windows: what to answer.
        batch_size: sentences a batch.
        n_workers: processes; None: one a processor if the model computes on one of them and the input is long, else
            this one alone.

    Raises:
        StanceError: a process was ended from outside.
    """
    if n_workers is None:
        n_workers = min(n_threads(), MOST) if model.computes_on_one_processor else 1
        began = time.monotonic()
        yield from answer_here(model, _while(lambda: time.monotonic() - began < LONG, windows), batch_size)
    if n_workers == 1:
        yield from answer_here(model, windows, batch_size)
        return
    first = next(windows, None)
    if first is None:
        return
    windows = chain([first], windows)
    with _told_if_ended(), _pool(folder, model.device, n_workers) as pool:
        ready = [pool.submit(_is_ready) for _ in range(n_workers)]
        yield from answer_here(model, _while(lambda: not all(each.done() for each in ready), windows), batch_size)
        waiting: deque[tuple[Window, Future[NDArray[Any]]]] = deque()
        for window in windows:
            waiting.append((window, pool.submit(_probabilities, [sentence.text for sentence in window], batch_size)))
            if len(waiting) > AHEAD * n_workers:
                yield _result(model, *waiting.popleft())
        while waiting:
            yield _result(model, *waiting.popleft())


def _while(goes_on: Callable[[], bool], windows: Iterator[Window]) -> Iterator[Window]:
    """Windows as long as something holds; the others stay where they are."""
    while goes_on() and (window := next(windows, None)) is not None:
        yield window


def _result(model: StanceModel, window: Window, coming: "Future[NDArray[Any]]") -> Answered:
    return window, model.to_predictions(coming.result())


@contextmanager
def _told_if_ended() -> Iterator[None]:
    """Say it when a process is gone, whenever that is noticed."""
    try:
        yield
    except BrokenProcessPool:
        raise StanceError(
            "predict: one of the processes was ended from outside, often for want of memory. Ask for fewer --workers; "
            "the same command goes on after what is done"
        ) from None


@contextmanager
def _pool(folder: Path, device: str, n_workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that share the processors between them."""
    share = max(1, n_threads() // n_workers)
    before = os.environ.get(ASKED)
    os.environ[ASKED] = str(share)  # read once by libraries that compute, when a process begins
    pool = ProcessPoolExecutor(n_workers, get_context("spawn"), _begin, (folder, device))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        if before is None:
            del os.environ[ASKED]
        else:
            os.environ[ASKED] = before


_model: StanceModel


def _begin(folder: Path, device: str) -> None:
    """Load the model; end with the process that asked, which also hears the keyboard."""
    global _model  # noqa: PLW0603 (a process of the pool has this one model)
    from pipeline.models.saved import load_saved

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _model = load_saved(folder, device)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _probabilities(texts: Sequence[str], batch_size: int) -> NDArray[Any]:
    return _model.predict_proba(texts, batch_size=batch_size)


def _is_ready() -> bool:
    time.sleep(0.1)  # so that one process does not say it for all
    return True
